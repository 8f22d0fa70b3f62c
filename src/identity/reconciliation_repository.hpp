// The statements by which Clerk's users are compared with ours.
#pragma once

#include <boost/describe/class.hpp>
#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "contracts/ids.hpp"
#include "platform/db/session.hpp"
#include "platform/values/time.hpp"

namespace wildnout::identity {

struct LinkedUser {
  UserId id;
  std::string clerk_id;
  std::optional<Timestamp> clerk_updated_at;
};
BOOST_DESCRIBE_STRUCT(LinkedUser, (), (id, clerk_id, clerk_updated_at))

// Of Clerk's and not deleted, by id.
[[nodiscard]] Task<std::vector<LinkedUser>> find_linked_users(db::Session& db,
                                                              std::optional<UserId> after,
                                                              std::int32_t limit);
// Those of the ids that nobody here has, not even somebody deleted.
[[nodiscard]] Task<std::vector<std::string>> find_unknown(db::Session& db,
                                                          std::vector<std::string> clerk_ids);

// Makes a run's row, unless one began within `within`, on whichever node. In a transaction.
[[nodiscard]] Task<bool> begin_reconciliation(db::Session& db, Uuid id,
                                              std::chrono::minutes within);
struct DriftCounts {
  std::int64_t seen = 0;
  std::int64_t missing = 0;
  std::int64_t changed = 0;
  std::int64_t gone = 0;
};
[[nodiscard]] Task<> add_drift(db::Session& db, Uuid run, DriftCounts counts);
[[nodiscard]] Task<> finish_reconciliation(db::Session& db, Uuid run);

}  // namespace wildnout::identity
