// Counting a person's battles and wins.
#include "battles/profile.hpp"

#include "platform/db/query.hpp"

namespace wildnout::battles {
namespace {

const db::Query<BattleRecord(UserId)> battle_record_of_user{"battle_record_of_user", R"sql(
  SELECT count(DISTINCT battle_id) AS battles,
         count(DISTINCT battle_id) FILTER (WHERE rank = 1) AS wins
  FROM battle_entries WHERE user_id = $1 AND status = 'submitted')sql"};

}  // namespace

Task<BattleRecord> Profile::battle_record(UserId user) {
  return db::one(database_.session(), battle_record_of_user, user);
}

}  // namespace wildnout::battles
