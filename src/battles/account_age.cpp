// What a young account is told: how old it must be, and when it will be.
#include "battles/account_age.hpp"

#include "battles/refusals.hpp"
#include "battles/repository.hpp"
#include "platform/json/json.hpp"

namespace wildnout::battles {

struct AccountAge {
  std::int32_t min_account_age_hours;
  Timestamp eligible_at;
};
BOOST_DESCRIBE_STRUCT(AccountAge, (), (min_account_age_hours, eligible_at))

Task<> refuse_too_young(db::Session& session, BattleId battle, UserId user) {
  const auto age = co_await find_age(session, battle, user);
  if (!age) throw api::Refused{account_too_young};
  throw api::Refused{account_too_young, json::text_of(AccountAge{age->hours, age->eligible_at})};
}

}  // namespace wildnout::battles
