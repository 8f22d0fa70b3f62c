// The ids that modules pass to each other, one type a kind.
#pragma once

#include "platform/values/uuid.hpp"

namespace wildnout {

using UserId = Id<struct UserTag>;
using BattleId = Id<struct BattleTag>;
using EntryId = Id<struct EntryTag>;
using VoteId = Id<struct VoteTag>;

}  // namespace wildnout
