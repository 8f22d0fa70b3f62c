// The routes of identity through the router, on a real PostgreSQL.
#include <sys/stat.h>

#include <set>
#include <thread>

#include "identity/fixture.hpp"
#include "platform/db/query.hpp"

namespace wildnout::identity {
namespace {

using test::House;
using test::Reply;

const db::Query<std::int64_t(std::string)> count_of_clerk_id{
    "test_users_of_clerk_id", "SELECT count(*) FROM users WHERE clerk_id = $1"};
const db::Query<std::int64_t(UserId)> count_of_registered{
    "test_registered_events",
    "SELECT count(*) FROM outbox WHERE type = 'user.registered' AND aggregate_id = $1"};
const db::Query<void(UserId)> suspend{"test_suspend",
                                      "UPDATE users SET suspended_at = now_ms() WHERE id = $1"};
const db::Query<void(UserId)> let_tickets_end{
    "test_let_tickets_end",
    "UPDATE ws_tickets SET expires_at = now_ms() - interval '1 second' WHERE user_id = $1"};
const db::Query<std::int64_t(UserId)> count_of_tickets{
    "test_count_tickets", "SELECT count(*) FROM ws_tickets WHERE user_id = $1"};

class IdentityApi : public ::testing::Test {
 protected:
  testing::Loop loop;
  House house{loop};

  DevToken new_token(std::vector<Role> roles = {}) {
    DevTokenRequest request;
    request.roles = List<Role, role_count>::of(std::move(roles));
    return loop.run([&] { return house.service().issue(scope(), request); });
  }
  db::Scope scope() { return house.scope(); }
  template <class Value, class... P>
  Value ask(const db::Query<Value(P...)>& query, std::type_identity_t<P>... arguments) {
    return loop.run([&] { return db::one(house.session(), query, arguments...); });
  }
  // Runs `start(i)` for 0 … count-1 at once and waits for all.
  template <class Start>
  void at_once(int count, Start start) {
    int left = count;
    for (int i = 0; i < count; ++i) {
      boost::asio::co_spawn(loop.executor(), start(i), [&](std::exception_ptr fault) {
        --left;
        EXPECT_FALSE(fault);
      });
    }
    loop.turn_until([&] { return left == 0; });
  }
};

TEST_F(IdentityApi, ATokenOpensASessionAndTellsWhoItIs) {
  const DevToken token = new_token();
  const Reply reply = house.get("/api/v1/auth/session", token.token);
  ASSERT_EQ(reply.status, 200);
  EXPECT_EQ(reply.text("userId"), token.user_id.text());
  EXPECT_EQ(reply.text("sessionId"), token.session_id);
  EXPECT_EQ(reply.text("expiresAt"), text_of(token.expires_at));
  EXPECT_EQ(reply.text("method"), "bearer");
  EXPECT_EQ(reply.body.at("roles"), test::json::value(test::json::array{"user"}));
  EXPECT_GE(reply.body.at("permissions").as_array().size(), 3U);
}

TEST_F(IdentityApi, NoTokenIsAnonymousAndABadOneIsRefusedEverywhere) {
  const std::string path = "/api/v1/users/" + new_token().user_id.text();
  EXPECT_EQ(house.get(path).status, 200);
  const Reply bad = house.get(path, "nonsense");
  EXPECT_EQ(bad.status, 401);
  EXPECT_EQ(bad.code(), "unauthorized");
  const Reply missing = house.get("/api/v1/auth/session");
  EXPECT_EQ(missing.status, 401);
  EXPECT_EQ(missing.code(), "unauthorized");
  EXPECT_NE(missing.headers.find("WWW-Authenticate: Bearer"), std::string::npos);
}

TEST_F(IdentityApi, AProfileIsWhatTheContractSaysAndNoMore) {
  const DevToken token = new_token();
  const Reply reply = house.get("/api/v1/users/" + token.user_id.text());
  ASSERT_EQ(reply.status, 200);
  std::set<std::string> names;
  for (const auto& member : reply.body.as_object()) names.emplace(member.key());
  EXPECT_EQ(names,
            (std::set<std::string>{"id", "username", "displayName", "avatarUrl", "bio", "level",
                                   "points", "stats", "achievements", "createdAt"}));
  EXPECT_EQ(reply.body.at("stats"),
            test::json::value(
                {{"battles", 3}, {"wins", 1}, {"content", 0}, {"followers", 0}, {"following", 0}}));
  EXPECT_EQ(reply.body.at("level"), 1);
  EXPECT_EQ(house.get("/api/v1/users/" + Uuid::make().text()).status, 404);
  EXPECT_EQ(house.get("/api/v1/users/nobody").status, 404);
}

TEST_F(IdentityApi, OnesOwnProfileHasThePrivateFieldsToo) {
  const DevToken token = new_token({Role::moderator});
  const Reply reply = house.get("/api/v1/users/me", token.token);
  ASSERT_EQ(reply.status, 200);
  EXPECT_EQ(reply.text("id"), token.user_id.text());
  EXPECT_EQ(reply.body.at("roles"), test::json::value(test::json::array{"user", "moderator"}));
  EXPECT_EQ(house.get("/api/v1/users/me").status, 401);
}

TEST_F(IdentityApi, TheDevelopmentIssuerMakesUsersAndSessions) {
  const std::string name = "mc-" + Uuid::make().text();
  const Reply first = house.post(
      "/dev/token", "", R"({"username":")" + name + R"(","roles":["admin"],"ttlSeconds":60})");
  ASSERT_EQ(first.status, 200);
  const std::string id = first.text("userId");
  const Reply session = house.get("/api/v1/auth/session", first.text("token"));
  EXPECT_EQ(session.text("userId"), id);
  EXPECT_EQ(session.body.at("roles"), test::json::value(test::json::array{"user", "admin"}));
  EXPECT_EQ(house.get("/api/v1/users/" + id).text("displayName"), name);
  EXPECT_EQ(house.get("/api/v1/users/" + id).text("username"), name);
  const Reply again = house.post("/dev/token", "", R"({"userId":")" + id + R"("})");
  EXPECT_EQ(again.text("userId"), id);
  EXPECT_NE(again.text("sessionId"), first.text("sessionId"));
  EXPECT_EQ(ask(count_of_registered, UserId{*Uuid::parse(id)}), 1);
  const Reply other = house.post("/dev/token", "", R"({"username":")" + name + R"("})");
  EXPECT_NE(other.text("userId"), id);
  EXPECT_EQ(house.get("/api/v1/users/" + other.text("userId")).text("displayName"), name);
}

TEST_F(IdentityApi, TheDevelopmentIssuerRefusesWhatItCannotGive) {
  const std::string nobody = Uuid::make().text();
  EXPECT_EQ(house.post("/dev/token", "", R"({"userId":")" + nobody + R"("})").code(), "not_found");
  EXPECT_EQ(house.post("/dev/token", "", R"({"roles":["emperor"]})").code(), "validation_error");
  EXPECT_EQ(house.post("/dev/token", "", R"({"ttlSeconds":0})").code(), "validation_error");
  EXPECT_EQ(house.post("/dev/token", "", R"({"userName":"x"})").code(), "validation_error");
}

TEST_F(IdentityApi, TheDevelopmentIssuerAnswersToLoopbackUnlessPublic) {
  const auto ask_from = [](House& at, const char* remote) {
    return at.send(http::Method::post, "/dev/token", "", "{}", remote).status;
  };
  EXPECT_EQ(ask_from(house, "192.0.2.1"), 404);
  EXPECT_EQ(ask_from(house, "::1"), 200);
  EXPECT_EQ(ask_from(house, "::ffff:127.0.0.1"), 200);
  Settings settings = test::clerk_settings();
  settings.is_dev_issuer_public = true;
  House open{loop, settings};
  EXPECT_EQ(ask_from(open, "192.0.2.1"), 200);
  EXPECT_EQ(open.get("/dev/jwks.json").body.at("keys").as_array().size(), 1U);
}

TEST_F(IdentityApi, InProductionThereIsNoDevelopmentIssuer) {
  House production{loop, test::clerk_settings(), false};
  EXPECT_EQ(production.post("/dev/token", "", "{}").status, 404);
  EXPECT_EQ(production.get("/dev/jwks.json").status, 404);
  const DevToken token = new_token();
  EXPECT_EQ(production.get("/api/v1/auth/session", token.token).code(), "unauthorized");
}

TEST_F(IdentityApi, AHundredFirstRequestsAtOnceMakeOneUserAndOneEvent) {
  House other{loop};
  const std::string subject = test::new_subject();
  std::set<std::string> ids;
  const auto first_request = [&](int i) -> Task<> {
    House& at = i % 2 == 0 ? house : other;
    const Reply reply = co_await at.ask(http::Method::get, "/api/v1/auth/session",
                                        test::clerk_token(subject), "", "127.0.0.1");
    EXPECT_EQ(reply.status, 200);
    ids.insert(reply.text("userId"));
  };
  at_once(100, first_request);
  ASSERT_EQ(ids.size(), 1U);
  EXPECT_EQ(ask(count_of_clerk_id, subject), 1);
  EXPECT_EQ(ask(count_of_registered, UserId{*Uuid::parse(*ids.begin())}), 1);
}

TEST_F(IdentityApi, ATicketOpensOneSocketHoweverManyTryAtOnce) {
  House other{loop};
  const DevToken token = new_token();
  const std::string ticket = house.post("/api/v1/auth/ws-ticket", token.token, "").text("ticket");
  int admitted = 0;
  const auto attempt = [&](int i) -> Task<> {
    House& at = i % 2 == 0 ? house : other;
    const Admission admission = co_await at.sessions().by_ticket(ticket);
    if (!admission.caller) co_return;
    ++admitted;
    EXPECT_EQ(admission.caller->user_id, token.user_id.value);
    EXPECT_EQ(admission.caller->session_id, token.session_id);
    EXPECT_EQ(admission.caller->expires_at, token.expires_at);
    EXPECT_FALSE(admission.display_name.empty());
  };
  at_once(100, attempt);
  EXPECT_EQ(admitted, 1);
}

TEST_F(IdentityApi, ATicketEndsAfterItsTimeAndIsSweptAway) {
  const DevToken token = new_token();
  const Reply reply = house.post("/api/v1/auth/ws-ticket", token.token, "");
  ASSERT_EQ(reply.status, 200);
  const auto life = *parse_timestamp(reply.text("expiresAt")) - system_now();
  EXPECT_GT(life, std::chrono::seconds{25});
  EXPECT_LE(life, std::chrono::seconds{31});
  loop.run([&] { return db::run(house.session(), let_tickets_end, token.user_id); });
  const auto admission = loop.run([&] { return house.sessions().by_ticket(reply.text("ticket")); });
  EXPECT_FALSE(admission.caller);
  (void)house.post("/api/v1/auth/ws-ticket", token.token, "");
  loop.run([&] { return db::run(house.session(), let_tickets_end, token.user_id); });
  (void)house.post("/api/v1/auth/ws-ticket", token.token, "");
  EXPECT_EQ(ask(count_of_tickets, token.user_id), 1);
  EXPECT_FALSE(loop.run([&] { return house.sessions().by_ticket("nonsense"); }).caller);
}

TEST_F(IdentityApi, ASuspendedUserIsKeptOut) {
  const DevToken token = new_token();
  loop.run([&] { return db::run(house.session(), suspend, token.user_id); });
  const Reply reply = house.get("/api/v1/auth/session", token.token);
  EXPECT_EQ(reply.status, 403);
  EXPECT_EQ(reply.code(), "account_suspended");
  const auto admission = loop.run([&] { return house.sessions().by_token(token.token); });
  EXPECT_FALSE(admission.caller);
  EXPECT_EQ(admission.reason, Closed::suspended);
}

TEST_F(IdentityApi, ConfiguredAdminsAreAdminsWhileTheyAreConfigured) {
  const std::string subject = test::new_subject();
  Settings settings = test::clerk_settings();
  settings.admin_user_ids = {subject};
  const std::string token = test::clerk_token(subject);
  const auto roles_at = [&](House& at) {
    return test::json::serialize(at.get("/api/v1/auth/session", token).body.at("roles"));
  };
  House with{loop, settings};
  EXPECT_EQ(roles_at(with), R"(["user","admin"])");
  EXPECT_EQ(roles_at(house), R"(["user"])");
}

TEST(DevIssuer, KeepsItsKeyAcrossStartsAlsoOfManyAtOnce) {
  const test::Folder folder;
  std::vector<std::string> sets(8);
  {
    std::vector<std::jthread> starts;
    for (std::string& set : sets) {
      starts.emplace_back([&] { set = DevIssuer::open(folder.path() / "var").jwks(); });
    }
  }
  EXPECT_EQ(std::set<std::string>(sets.begin(), sets.end()).size(), 1U);
  EXPECT_EQ(DevIssuer::open(folder.path() / "var").jwks(), sets[0]);
  struct stat file {};
  ASSERT_EQ(stat((folder.path() / "var" / dev_key_file).c_str(), &file), 0);
  EXPECT_EQ(file.st_mode & 0777, 0600U);
}

}  // namespace
}  // namespace wildnout::identity
