// Webhooks are taken once, in any order, and only when they are signed.
#include <rapidcheck.h>

#include <algorithm>

#include "identity/fixture.hpp"
#include "platform/db/query.hpp"

namespace wildnout::identity {
namespace {

using test::House;
using test::Reply;

struct UserState {
  UserId id;
  std::string display_name;
  std::optional<ProtectedEmail> email;
  bool is_banned;
  bool is_deleted;

  [[nodiscard]] std::optional<std::string> clear_email() const {
    if (!email) return std::nullopt;
    return email->open(test::shared_vault(), id.text());
  }
};
BOOST_DESCRIBE_STRUCT(UserState, (), (id, display_name, email, is_banned, is_deleted))

const db::Query<UserState(std::string)> state_of{"test_user_state", R"sql(
  SELECT id, display_name, email, banned_at IS NOT NULL AS is_banned,
         deleted_at IS NOT NULL AS is_deleted FROM users WHERE clerk_id = $1)sql"};
const db::Query<std::int64_t(std::string, std::string)> count_of_events{"test_events_of_user",
                                                                        R"sql(
  SELECT count(*) FROM outbox JOIN users ON aggregate_id = users.id
   WHERE clerk_id = $1 AND type = $2)sql"};
const db::Query<std::string(std::string)> username_of_user{
    "test_username_of_user", "SELECT coalesce(username, '') FROM users WHERE clerk_id = $1"};
const db::Query<std::string(std::string)> outcome_of{
    "test_webhook_outcome", "SELECT outcome FROM webhook_messages WHERE id = $1"};

std::string user_event(std::string_view type, const std::string& subject, std::int64_t updated_at,
                       bool is_banned = false, const std::string& username = "") {
  const std::string name = "Name " + std::to_string(updated_at);
  return test::json::serialize(test::json::object{
      {"type", type},
      {"object", "event"},
      {"data",
       {{"id", subject},
        {"first_name", name},
        {"last_name", nullptr},
        {"username", username.empty() ? test::json::value{} : test::json::value(username)},
        {"image_url", "https://img.clerk.com/x"},
        {"primary_email_address_id", "idn_1"},
        {"email_addresses",
         {{{"id", "idn_1"}, {"email_address", std::to_string(updated_at) + "@example.org"}}}},
        {"banned", is_banned},
        {"updated_at", updated_at}}}});
}

std::string deletion_of(const std::string& subject) {
  return test::json::serialize(
      test::json::object{{"type", "user.deleted"}, {"data", {{"id", subject}, {"deleted", true}}}});
}

std::string session_event(std::string_view type, const std::string& subject) {
  return test::json::serialize(test::json::object{
      {"type", type}, {"data", {{"id", "sess_" + subject}, {"user_id", subject}}}});
}

class WebhooksApi : public ::testing::Test {
 protected:
  testing::Loop loop;
  House house{loop};
  std::string subject = test::new_subject();

  std::map<std::string, std::string> headers(const std::string& body, const std::string& id,
                                             std::int64_t seconds_ago = 0,
                                             const std::string& prefix = "svix-") {
    const std::string timestamp = std::to_string(test::seconds_from_now(-seconds_ago));
    return {{prefix + "id", id},
            {prefix + "timestamp", timestamp},
            {prefix + "signature", test::webhook_secret().sign({id, timestamp, "", body})}};
  }
  Reply send(const std::string& body, std::map<std::string, std::string> with) {
    return loop.run(
        [&] { return house.ask_with(http::Method::post, "/api/v1/webhooks/clerk", with, body); });
  }
  std::string deliver(const std::string& body,
                      const std::string& id = "msg_" + Uuid::make().text()) {
    const Reply reply = send(body, headers(body, id));
    EXPECT_EQ(reply.status, 200);
    return loop.run([&] { return db::one(house.session(), outcome_of, id); });
  }
  std::optional<UserState> state() {
    return loop.run([&] { return db::maybe(house.session(), state_of, subject); });
  }
  std::int64_t events(const std::string& type) {
    return loop.run([&] { return db::one(house.session(), count_of_events, subject, type); });
  }
};

TEST_F(WebhooksApi, MakeChangeAndDeleteUsers) {
  EXPECT_EQ(deliver(user_event("user.created", subject, 1000)), "done");
  EXPECT_EQ(state()->display_name, "Name 1000");
  EXPECT_EQ(state()->clear_email(), "1000@example.org");
  EXPECT_EQ(deliver(user_event("user.updated", subject, 2000)), "done");
  EXPECT_EQ(state()->display_name, "Name 2000");
  EXPECT_EQ(deliver(user_event("user.updated", subject, 1500)), "stale");
  EXPECT_EQ(deliver(user_event("user.created", subject, 1000)), "stale");
  EXPECT_EQ(state()->display_name, "Name 2000");
  EXPECT_EQ(house.get("/api/v1/auth/session", test::clerk_token(subject)).status, 200);
  EXPECT_EQ(deliver(deletion_of(subject)), "done");
  EXPECT_TRUE(state()->is_deleted);
  EXPECT_EQ(state()->display_name, "Deleted user");
  EXPECT_EQ(state()->clear_email(), std::nullopt);
  EXPECT_EQ(house.get("/api/v1/auth/session", test::clerk_token(subject)).code(), "unauthorized");
  EXPECT_EQ(deliver(user_event("user.updated", subject, 9000)), "gone");
  EXPECT_EQ(deliver(deletion_of(subject)), "gone");
  EXPECT_EQ(state()->display_name, "Deleted user");
  EXPECT_EQ(events("user.registered"), 1);
  EXPECT_EQ(events("user.deleted"), 1);
}

TEST_F(WebhooksApi, BringAUsernameThatNobodyElseHas) {
  const auto username = [&](const std::string& whose) {
    return loop.run([&] { return db::one(house.session(), username_of_user, whose); });
  };
  std::string name = "mc" + Uuid::make().text().substr(24);
  const std::string other = test::new_subject();
  EXPECT_EQ(deliver(user_event("user.created", subject, 1000, false, name)), "done");
  EXPECT_EQ(username(subject), name);
  name[0] = 'M';
  EXPECT_EQ(deliver(user_event("user.created", other, 1000, false, name)), "done");
  EXPECT_EQ(username(other), "");
  EXPECT_EQ(deliver(user_event("user.updated", subject, 2000)), "done");
  EXPECT_EQ(username(subject), "");
}

TEST_F(WebhooksApi, ADeletionThatComesFirstKeepsTheUserFromComingToBe) {
  EXPECT_EQ(deliver(deletion_of(subject)), "done");
  EXPECT_EQ(deliver(user_event("user.created", subject, 1000)), "gone");
  EXPECT_EQ(house.get("/api/v1/auth/session", test::clerk_token(subject)).code(), "unauthorized");
  EXPECT_EQ(events("user.registered"), 0);
}

TEST_F(WebhooksApi, ABanIsFeltAtOnceAndCanBeLifted) {
  const std::string token = test::clerk_token(subject);
  EXPECT_EQ(house.get("/api/v1/auth/session", token).status, 200);
  EXPECT_EQ(deliver(user_event("user.updated", subject, 1000, true)), "done");
  EXPECT_EQ(house.get("/api/v1/auth/session", token).code(), "account_suspended");
  EXPECT_EQ(house.closed.size(), 1U);
  EXPECT_EQ(deliver(user_event("user.updated", subject, 2000)), "done");
  EXPECT_EQ(house.get("/api/v1/auth/session", token).status, 200);
}

TEST_F(WebhooksApi, EndSessionsAlsoThoseThatNobodyHasSeen) {
  const std::string token = test::clerk_token(subject);
  EXPECT_EQ(deliver(session_event("session.ended", subject)), "done");
  EXPECT_EQ(house.get("/api/v1/auth/session", token).code(), "session_revoked");
  EXPECT_EQ(deliver(session_event("session.created", subject)), "done");
  EXPECT_EQ(house.get("/api/v1/auth/session", token).code(), "session_revoked");
}

TEST_F(WebhooksApi, OfOtherTypesAreAcceptedAndIgnored) {
  EXPECT_EQ(deliver(R"({"type":"organization.created","data":{"id":"org_1"}})"), "ignored");
  EXPECT_EQ(deliver(R"({"type":"nothing.known"})"), "ignored");
}

TEST_F(WebhooksApi, ThatAreNotRightAreRefusedWithNoWord) {
  const std::string body = user_event("user.created", subject, 1000);
  const auto refused = [&](const std::string& sent, std::map<std::string, std::string> with) {
    const Reply reply = send(sent, std::move(with));
    return reply.status == 400 && reply.code() == "invalid_webhook";
  };
  EXPECT_TRUE(refused(body, {}));
  EXPECT_TRUE(refused(body + " ", headers(body, "msg_a")));
  EXPECT_TRUE(refused(body, headers(body, "msg_a", 302)));
  EXPECT_TRUE(refused(body, headers(body, "msg_a", -303)));
  for (const char* name : {"svix-id", "svix-timestamp", "svix-signature"}) {
    auto with = headers(body, "msg_a");
    with[name] = name == std::string{"svix-timestamp"} ? "hello" : "v1,AAAA";
    EXPECT_TRUE(refused(body, with)) << name;
    with.erase(name);
    EXPECT_TRUE(refused(body, with)) << name;
  }
  for (const char* no_event : {"", "[]", "nonsense", R"({"type":7})", R"({"type":"user.created"})",
                               R"({"type":"user.created","data":{"id":"user_1"}})",
                               R"({"type":"session.ended","data":{"id":"sess_1"}})"}) {
    EXPECT_TRUE(refused(no_event, headers(no_event, "msg_a"))) << no_event;
  }
  EXPECT_EQ(state().has_value(), false);
  EXPECT_EQ(send(body, headers(body, "msg_" + subject, 0, "webhook-")).status, 200);
  EXPECT_EQ(send(body, headers(body, "msg_0" + subject, 290)).status, 200);
}

TEST_F(WebhooksApi, OfAnotherInstanceAreRefused) {
  Settings settings = test::clerk_settings();
  settings.clerk_instance_id = "ins_ours";
  House strict{loop, settings};
  const auto status_of = [&](const std::string& body) {
    return loop
        .run([&] {
          return strict.ask_with(http::Method::post, "/api/v1/webhooks/clerk",
                                 headers(body, "msg_" + Uuid::make().text()), body);
        })
        .status;
  };
  EXPECT_EQ(status_of(R"({"type":"nothing.known","instance_id":"ins_ours"})"), 200);
  EXPECT_EQ(status_of(R"({"type":"nothing.known","instance_id":"ins_other"})"), 400);
  EXPECT_EQ(status_of(R"({"type":"nothing.known"})"), 400);
}

TEST_F(WebhooksApi, FiftyRepeatsAtOnceHaveOneEffect) {
  House other{loop};
  const std::string body = user_event("user.created", subject, 1000);
  const auto with = headers(body, "msg_" + subject);
  int left = 50;
  for (int i = 0; i < 50; ++i) {
    House& at = i % 2 == 0 ? house : other;
    boost::asio::co_spawn(loop.executor(),
                          at.ask_with(http::Method::post, "/api/v1/webhooks/clerk", with, body),
                          [&](std::exception_ptr fault, const Reply& reply) {
                            --left;
                            EXPECT_FALSE(fault);
                            EXPECT_EQ(reply.status, 200);
                          });
  }
  loop.turn_until([&] { return left == 0; });
  EXPECT_EQ(events("user.registered"), 1);
  EXPECT_EQ(state()->display_name, "Name 1000");
}

// Deliveries of one user's life, in any order and any number of times.
TEST_F(WebhooksApi, EveryOrderWithRepeatsEndsInOneState) {
  EXPECT_TRUE(rc::check("orders", [this] {
    subject = test::new_subject();
    const bool is_deleted = *rc::gen::arbitrary<bool>();
    const auto updates = *rc::gen::inRange<int>(1, 5);
    std::vector<std::string> bodies{user_event("user.created", subject, 1000)};
    for (int i = 1; i <= updates; ++i) {
      bodies.push_back(user_event("user.updated", subject, 1000 + i, i % 2 == 1));
    }
    if (is_deleted) bodies.push_back(deletion_of(subject));
    const auto repeats =
        *rc::gen::resize(6, rc::gen::container<std::vector<int>>(
                                rc::gen::inRange<int>(0, static_cast<int>(bodies.size()))));
    for (const int repeat : repeats) bodies.push_back(bodies[static_cast<std::size_t>(repeat)]);
    for (std::size_t i = bodies.size(); i-- > 1;) {
      std::swap(
          bodies[i],
          bodies[static_cast<std::size_t>(*rc::gen::inRange<int>(0, static_cast<int>(i) + 1))]);
    }
    for (const std::string& body : bodies) (void)deliver(body);
    const UserState end = *state();
    RC_ASSERT(end.is_deleted == is_deleted);
    if (is_deleted) {
      RC_ASSERT(end.display_name == "Deleted user");
      RC_ASSERT(!end.email);
    } else {
      RC_ASSERT(end.display_name == "Name " + std::to_string(1000 + updates));
      RC_ASSERT(end.clear_email() == std::to_string(1000 + updates) + "@example.org");
      RC_ASSERT(end.is_banned == (updates % 2 == 1));
    }
  }));
}

}  // namespace
}  // namespace wildnout::identity
