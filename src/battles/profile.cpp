// Counting a person's battles and wins.
#include "battles/profile.hpp"

#include "battles/repository.hpp"

namespace wildnout::battles {

Task<BattleRecord> Profile::battle_record(UserId user) {
  return find_battle_record(database_.session(), user);
}

}  // namespace wildnout::battles
