// The statements on what the watch holds about one person.
#pragma once

#include <boost/describe/class.hpp>
#include <optional>
#include <string>
#include <vector>

#include "contracts/ids.hpp"
#include "platform/db/session.hpp"
#include "platform/values/time.hpp"

namespace wildnout::audit {

// That the account was used from a network (a keyed hash) within these ten minutes.
struct KeptUse {
  Timestamp slot;
  std::int64_t network;
};
BOOST_DESCRIBE_STRUCT(KeptUse, (), (slot, network))

// A case about the person. By which measures the watch works is left out.
struct KeptCase {
  Uuid id;
  std::string kind;
  std::string severity;
  Timestamp first_at;
  Timestamp last_at;
  Timestamp found_at;
  std::optional<std::string> resolution;
  std::optional<std::string> note;
  std::optional<Timestamp> resolved_at;
};
BOOST_DESCRIBE_STRUCT(KeptCase, (),
                      (id, kind, severity, first_at, last_at, found_at, resolution, note,
                       resolved_at))

[[nodiscard]] Task<std::vector<KeptUse>> find_kept_uses(db::Session& db, UserId user);
[[nodiscard]] Task<std::vector<KeptCase>> find_kept_cases(db::Session& db, UserId user);

// The uses go; of cases what was written about the person, or by them, and what was measured.
[[nodiscard]] Task<> erase_watched(db::Session& db, UserId user);

}  // namespace wildnout::audit
