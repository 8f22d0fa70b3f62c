// Refusing accounts that are younger than a battle's rules want.
#pragma once

#include "contracts/ids.hpp"
#include "platform/db/session.hpp"

namespace wildnout::battles {

// Throws account_too_young with details {minAccountAgeHours, eligibleAt}.
[[nodiscard]] Task<> refuse_too_young(db::Session& session, BattleId battle, UserId user);

}  // namespace wildnout::battles
