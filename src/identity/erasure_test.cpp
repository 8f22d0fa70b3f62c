// Leaving: at once or after a time, and what is left of a person then.
#include "identity/clerk_repository.hpp"
#include "identity/fixture.hpp"
#include "identity/standing_repository.hpp"
#include "platform/db/query.hpp"

namespace wildnout::identity {
namespace {

using test::House;
using test::Reply;

const db::Query<void(UserId)> bring_the_day{
    "test_bring_the_day",
    "UPDATE users SET deletion_due_at = now_ms() - interval '1 minute' WHERE id = $1"};

// Every text of the module's tables in one: whatever is searched for in it was left behind.
const db::Query<std::int64_t(std::string)> count_of_traces{"test_traces", R"sql(
  SELECT (SELECT count(*) FROM users AS one WHERE one::text LIKE $1)
       + (SELECT count(*) FROM sessions AS one WHERE one::text LIKE $1)
       + (SELECT count(*) FROM webhook_messages AS one WHERE one::text LIKE $1)
       + (SELECT count(*) FROM standing_changes AS one WHERE one::text LIKE $1))sql"};

class ErasureApi : public ::testing::Test {
 protected:
  testing::Loop loop;
  House house{loop};
  std::string token;
  std::string id;
  std::string canary = "canary" + Uuid::make().text().substr(24);

  void SetUp() override {
    const auto issued = loop.run([&] { return house.service().issue(house.scope(), {}); });
    token = issued.token;
    id = issued.user_id.text();
    const std::string body = R"({"username":")" + canary.substr(0, 18) + R"(","displayName":")" +
                             canary + R"(","bio":")" + canary + R"(","location":")" + canary +
                             R"(","links":["https://example.com/)" + canary + R"("]})";
    ASSERT_EQ(house.send(http::Method::patch, "/api/v1/users/me", token, body).status, 200);
    std::map<std::string, std::string> headers{{"authorization", "Bearer " + token},
                                               {"user-agent", canary}};
    (void)loop.run(
        [&] { return house.ask_with(http::Method::get, "/api/v1/auth/sessions", headers); });
  }
  std::int64_t traces() {
    return loop.run([&] { return db::one(house.session(), count_of_traces, '%' + canary + '%'); });
  }
  std::uint16_t leave(const std::string& how = "") {
    return house.send(http::Method::del, "/api/v1/users/me" + how, token).status;
  }
};

TEST_F(ErasureApi, AtOnceLeavesNoTraceOfThePerson) {
  EXPECT_GT(traces(), 0);
  EXPECT_EQ(leave("?immediate=true"), 204);
  EXPECT_EQ(traces(), 0);
  EXPECT_EQ(house.get("/api/v1/auth/session", token).status, 401);
  EXPECT_EQ(house.get("/api/v1/users/" + id).status, 404);
  EXPECT_EQ(house.closed, std::vector<std::string>{id + ' '});
}

TEST_F(ErasureApi, InThirtyDaysCanBeTakenBack) {
  EXPECT_EQ(house.post("/api/v1/users/me/restore", token, "").status, 409);
  EXPECT_EQ(leave(), 204);
  const Reply me = house.get("/api/v1/users/me", token);
  const auto due = parse_timestamp(me.text("deletionScheduledAt"));
  ASSERT_TRUE(due);
  EXPECT_GT(*due, system_now() + std::chrono::days{29});
  EXPECT_EQ(leave(), 204);
  EXPECT_EQ(house.get("/api/v1/users/me", token).text("deletionScheduledAt"),
            me.text("deletionScheduledAt"));
  const Reply restored = house.post("/api/v1/users/me/restore", token, "");
  EXPECT_EQ(restored.status, 200);
  EXPECT_TRUE(restored.body.at("deletionScheduledAt").is_null());
}

TEST_F(ErasureApi, HappensWhenItsDayHasCome) {
  EXPECT_EQ(leave(), 204);
  const UserId user{*Uuid::parse(id)};
  (void)loop.run([&] { return house.erasures().erase_due(house.database()); });
  EXPECT_EQ(house.get("/api/v1/auth/session", token).status, 200);
  loop.run([&] { return db::run(house.session(), bring_the_day, user); });
  EXPECT_GE(loop.run([&] { return house.erasures().erase_due(house.database()); }), 1);
  EXPECT_EQ(house.get("/api/v1/auth/session", token).status, 401);
  EXPECT_EQ(traces(), 0);
}

TEST_F(ErasureApi, WhatHasServedItsTimeIsForgotten) {
  (void)loop.run([&] { return forget_old_sessions(house.session()); });
  (void)loop.run([&] { return forget_old_messages(house.session()); });
  (void)loop.run([&] { return forget_old_changes(house.session()); });
  (void)loop.run([&]() -> Task<int> {
    co_await notify_standing(house.session(), Standing::channel);
    co_return 0;
  });
  EXPECT_EQ(house.get("/api/v1/auth/session", token).status, 200);
}

}  // namespace
}  // namespace wildnout::identity
