// The statements on exports and their archives.
#pragma once

#include <chrono>
#include <optional>
#include <vector>

#include "identity/export_model.hpp"
#include "platform/db/codec.hpp"
#include "platform/db/session.hpp"

namespace wildnout::identity {

// How many of the last day did not fail, and in how many seconds the oldest of them is a day old.
struct RecentExports {
  std::int64_t count;
  std::int64_t seconds_left;
};
BOOST_DESCRIBE_STRUCT(RecentExports, (), (count, seconds_left))
[[nodiscard]] Task<RecentExports> find_recent_exports(db::Session& db, UserId user);

// Nothing when one is under way.
[[nodiscard]] Task<std::optional<ExportRow>> insert_export(db::Session& db, ExportId id,
                                                           UserId user);
[[nodiscard]] Task<std::optional<ExportRow>> find_export(db::Session& db, ExportId id);
[[nodiscard]] Task<std::vector<ExportRow>> find_exports_of(db::Session& db, UserId user);

// Running from now on. Nothing when it is gone or has ended.
[[nodiscard]] Task<std::optional<ExportRow>> begin_export(db::Session& db, ExportId id);
[[nodiscard]] Task<> insert_chunk(db::Session& db, ExportId id, std::int32_t number,
                                  db::Bytes sealed);
[[nodiscard]] Task<std::optional<db::Bytes>> find_chunk(db::Session& db, ExportId id,
                                                        std::int32_t number);
// Gives when it expires; nothing when it is gone.
[[nodiscard]] Task<std::optional<Timestamp>> finish_export(db::Session& db, ExportId id,
                                                           std::int64_t bytes,
                                                           std::chrono::hours life);
[[nodiscard]] Task<> fail_export(db::Session& db, ExportId id);

// But for one that is being made.
[[nodiscard]] Task<> delete_exports_of(db::Session& db, UserId user);
// Those whose time is over go, and those that nobody works at any more have failed.
[[nodiscard]] Task<> forget_old_exports(db::Session& db);

}  // namespace wildnout::identity
