// Rows, requests and answers of exports.
#pragma once

#include <boost/describe/class.hpp>
#include <boost/describe/enum.hpp>
#include <cstdint>
#include <optional>
#include <string>

#include "contracts/ids.hpp"
#include "platform/api/parameters.hpp"
#include "platform/api/refusal.hpp"
#include "platform/values/constraints.hpp"
#include "platform/values/time.hpp"

namespace wildnout::identity {

using ExportId = Id<struct ExportTag>;

inline constexpr std::int64_t exports_a_day = 3;
inline constexpr api::Refusal export_under_way{409, "conflict",
                                               "An export of yours is under way already"};
inline constexpr api::Refusal too_many_exports{429, "rate_limit_exceeded",
                                               "Three exports a day are made, ask again later"};
// One word for every fault of a link: who tries links out learns nothing.
inline constexpr api::Refusal dead_link{404, "not_found",
                                        "The link is not whole, or its time is over"};

enum class ExportStatus : std::uint8_t { queued, running, ready, failed };
BOOST_DESCRIBE_ENUM(ExportStatus, queued, running, ready, failed)

struct ExportRow {
  ExportId id;
  UserId user_id;
  ExportStatus status;
  std::optional<std::int64_t> bytes;
  Timestamp created_at;
  std::optional<Timestamp> ready_at;
  Timestamp expires_at;
};
BOOST_DESCRIBE_STRUCT(ExportRow, (), (id, user_id, status, bytes, created_at, ready_at, expires_at))

struct Export {
  ExportId export_id;
  ExportStatus status;
  Timestamp created_at;
  // When it is ready: until expires_at, by whoever has the link.
  Omittable<std::int64_t> bytes;
  Omittable<std::string> download_url;
  Omittable<Timestamp> expires_at;
};
BOOST_DESCRIBE_STRUCT(Export, (), (export_id, status, created_at, bytes, download_url, expires_at))

// What a download link says.
struct DownloadLink {
  api::Required<Text<1, 20>> expires;  // milliseconds since 1970
  api::Required<Text<1, 32>> key;      // the id of the key that signed it
  api::Required<Text<1, 64>> signature;
};
BOOST_DESCRIBE_STRUCT(DownloadLink, (), (expires, key, signature))

}  // namespace wildnout::identity
