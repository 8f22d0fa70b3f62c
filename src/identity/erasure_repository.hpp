// The statements of an erasure.
#pragma once

#include <chrono>
#include <vector>

#include "contracts/ids.hpp"
#include "platform/db/session.hpp"

namespace wildnout::identity {

// Follows with the counts of those at their other end, blocks, mutes, roles.
[[nodiscard]] Task<> erase_ties(db::Session& db, UserId id);
// Ends them all; that they ended is remembered, where they came from is not.
[[nodiscard]] Task<> erase_sessions(db::Session& db, UserId id);
[[nodiscard]] Task<> erase_profile(db::Session& db, UserId id);

// A day that is set stays.
[[nodiscard]] Task<> schedule_erasure(db::Session& db, UserId id, std::chrono::days grace);
// False when none was scheduled.
[[nodiscard]] Task<bool> unschedule_erasure(db::Session& db, UserId id);
// At most 100, the longest due first.
[[nodiscard]] Task<std::vector<UserId>> find_due_erasures(db::Session& db);
[[nodiscard]] Task<bool> is_erasure_due(db::Session& db, UserId id);

}  // namespace wildnout::identity
