// Accounts younger than a battle wants neither enter nor vote, by the database's clock.
#include "battles/fixture.hpp"

namespace wildnout::battles {
namespace {

using namespace std::chrono_literals;
using http::Method;
using test::Reply;

const db::Query<void(UserId, std::int64_t)> set_age{"test_set_account_age", R"sql(
  UPDATE users SET created_at = now_ms() - $2 * interval '1 millisecond' WHERE id = $1)sql"};

class AccountAge : public test::House {
 protected:
  UserId person_of(std::chrono::milliseconds age) {
    const UserId user = person();
    ask(set_age, user, age.count());
    return user;
  }
  static constexpr std::string_view rules = R"({"minAccountAgeHours":24})";
};

void expect_too_young(const Reply& reply) {
  EXPECT_EQ(reply.status, 403);
  EXPECT_EQ(reply.code(), "forbidden");
  const auto& details = reply.body.at("error").at("details");
  EXPECT_EQ(details.at("minAccountAgeHours").as_int64(), 24);
  const auto eligible_at = parse_timestamp(std::string{details.at("eligibleAt").as_string()});
  ASSERT_TRUE(eligible_at.has_value());
  EXPECT_GT(*eligible_at, system_now());
  EXPECT_LT(*eligible_at, system_now() + 1h);
}

}  // namespace

TEST_F(AccountAge, keeps_young_accounts_from_entering_but_not_from_drafting) {
  const BattleId id = battle(1h, 2h, std::string{rules});
  const UserId young = person_of(23h + 30min);
  expect_too_young(enter(id, young));
  const Reply draft =
      post("/battles/" + id.text() + "/entries",
           R"({"content":{"type":"text","body":"for tomorrow"},"draft":true})", young);
  ASSERT_EQ(draft.status, 201);
  expect_too_young(post("/entries/" + draft.text("id") + "/submit", "", young));
  EXPECT_EQ(enter(id, person_of(24h)).status, 201);
  ask(set_age, young, std::chrono::milliseconds{24h}.count());
  EXPECT_EQ(post("/entries/" + draft.text("id") + "/submit", "", young).status, 200);
}

TEST_F(AccountAge, keeps_young_accounts_from_voting_also_under_an_idempotency_key) {
  const BattleId id = battle(1h, 2h, std::string{rules});
  const EntryId entry = entered(id, person_of(48h));
  ASSERT_EQ(force(id, "voting").status, 200);
  const UserId young = person_of(23h + 30min);
  expect_too_young(vote(id, entry, young));
  Call keyed = vote_call(id, entry, young);
  keyed.headers.emplace_back("idempotency-key", "young-1");
  expect_too_young(call(keyed));
  EXPECT_EQ(vote(id, entry, person_of(24h)).status, 201);
  EXPECT_EQ(ask(test::votes_in_battle, id), 1);
}

TEST_F(AccountAge, does_not_matter_where_the_rules_do_not_ask) {
  const BattleId id = battle(1h, 2h);
  EXPECT_EQ(enter(id, person_of(0ms)).status, 201);
}

}  // namespace wildnout::battles
