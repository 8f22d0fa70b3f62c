// Sessions are seen, listed and ended; what has ended is refused on every node.
#include <set>

#include "identity/fixture.hpp"
#include "identity/standing_repository.hpp"
#include "platform/db/query.hpp"

namespace wildnout::identity {
namespace {

using test::House;
using test::Reply;

const db::Query<void(UserId)> ban{"test_ban",
                                  "UPDATE users SET banned_at = now_ms() WHERE id = $1"};
const db::Query<void(UserId)> make_moderator{
    "test_make_moderator", "INSERT INTO user_roles (user_id, role) VALUES ($1, 'moderator')"};
const db::Query<void(UserId)> erase{"test_erase",
                                    "UPDATE users SET deleted_at = now_ms() WHERE id = $1"};

// A node that also looks for what other nodes did.
class WatchingHouse : public House {
 public:
  explicit WatchingHouse(testing::Loop& loop) : House{loop} {
    boost::asio::co_spawn(loop.executor(), node().standing().run(database()),
                          [this](std::exception_ptr) { has_ended_ = true; });
  }
  ~WatchingHouse() {
    node().standing().stop();
    loop().turn_until([this] { return has_ended_; });
  }

 private:
  bool has_ended_ = false;
};

class SessionsApi : public ::testing::Test {
 protected:
  testing::Loop loop;
  House house{loop};
  WatchingHouse other{loop};
  std::string subject = test::new_subject();
  std::string token = test::clerk_token(subject);

  static std::string code(House& at, const std::string& with) {
    const Reply reply = at.get("/api/v1/auth/session", with);
    return reply.status == 200 ? "200" : std::to_string(reply.status) + ' ' + reply.code();
  }
  bool becomes(House& at, const std::string& with, const std::string& wanted) {
    for (int i = 0; i < 200; ++i) {
      if (code(at, with) == wanted) return true;
      loop.run([] { return async::sleep_for(std::chrono::milliseconds{25}); });
    }
    return false;
  }
  // Another session of the same user.
  std::string other_token(const std::string& session) {
    test::json::object claims = test::clerk_claims(subject);
    claims["sid"] = session;
    return test::clerk_token(claims);
  }
  UserId user_id(House& at) {
    return {*Uuid::parse(at.get("/api/v1/auth/session", token).text("userId"))};
  }
  void change(const db::Query<void(UserId)>& statement, ChangeKind kind, UserId user) {
    loop.run([&]() -> Task<> {
      co_await house.scope().transact([&](db::Session& db) -> Task<> {
        co_await db::run(db, statement, user);
        co_await house.book().change_user(db, kind, user);
      });
    });
  }
};

TEST_F(SessionsApi, LoggingOutIsFeltAtOnceHereAndSoonOnOtherNodes) {
  const std::string fresh = other_token("sess_" + subject);  // the same session, another token
  EXPECT_EQ(code(house, token), "200");
  EXPECT_EQ(code(other, token), "200");
  const UserId user = user_id(house);
  EXPECT_EQ(house.post("/api/v1/auth/logout", token, "").status, 204);
  EXPECT_EQ(code(house, token), "401 session_revoked");
  EXPECT_EQ(code(house, fresh), "401 session_revoked");
  EXPECT_EQ(house.closed, std::vector<std::string>{user.text() + " sess_" + subject});
  EXPECT_TRUE(becomes(other, token, "401 session_revoked"));
  EXPECT_EQ(other.closed, house.closed);
  EXPECT_EQ(code(other, other_token("sess_2" + subject)), "200");
}

TEST_F(SessionsApi, OneThatEndedNeverComesBack) {
  const UserId user = user_id(house);
  EXPECT_EQ(house.post("/api/v1/auth/logout", token, "").status, 204);
  const auto left = loop.run([&] { return house.book().list(user, std::nullopt, 10); });
  EXPECT_TRUE(left.empty());
  House late{loop};  // knows of no change, and asks the database
  EXPECT_EQ(code(late, token), "401 session_revoked");
  test::json::object claims = test::clerk_claims(subject);
  claims["exp"] = test::seconds_from_now(3600);
  EXPECT_EQ(code(late, test::clerk_token(claims)), "401 session_revoked");
}

TEST_F(SessionsApi, AreListedWithWhereTheyWereSeen) {
  std::map<std::string, std::string> headers{
      {"authorization", "Bearer " + other_token("sess_phone" + subject)},
      {"user-agent", "Phone/1.0"}};
  loop.run([&] {
    return house.ask_with(http::Method::get, "/api/v1/auth/session", headers, "", "192.0.2.7");
  });
  const Reply list = house.get("/api/v1/auth/sessions", token);
  ASSERT_EQ(list.status, 200);
  const auto& items = list.body.at("items").as_array();
  ASSERT_EQ(items.size(), 2U);
  std::set<std::string> ids;
  for (const auto& item : items) {
    ids.emplace(item.at("id").as_string());
    const bool is_phone = item.at("id").as_string() == "sess_phone" + subject;
    EXPECT_EQ(item.at("current").as_bool(), !is_phone);
    EXPECT_EQ(item.at("ipAddress").as_string(), is_phone ? "192.0.2.7" : "127.0.0.1");
    if (is_phone) EXPECT_EQ(item.at("userAgent").as_string(), "Phone/1.0");
  }
  EXPECT_TRUE(ids.contains("sess_" + subject));
  const Reply first = house.get("/api/v1/auth/sessions?limit=1", token);
  const std::string cursor = first.text("nextCursor");
  const Reply second = house.get("/api/v1/auth/sessions?limit=1&cursor=" + cursor, token);
  EXPECT_TRUE(second.body.at("nextCursor").is_null());
  EXPECT_NE(first.body.at("items").at(0).at("id"), second.body.at("items").at(0).at("id"));
}

TEST_F(SessionsApi, OnesOwnCanBeEndedOneByOneAndNobodyElses) {
  const std::string phone = other_token("sess_phone" + subject);
  EXPECT_EQ(code(house, phone), "200");
  const auto remove = [&](const std::string& id, const std::string& by) {
    return house.send(http::Method::del, "/api/v1/auth/sessions/" + id, by).status;
  };
  const std::string stranger = test::clerk_token(test::new_subject());
  EXPECT_EQ(remove("sess_phone" + subject, stranger), 404);
  EXPECT_EQ(code(house, phone), "200");
  EXPECT_EQ(remove("sess_phone" + subject, token), 204);
  EXPECT_EQ(remove("sess_phone" + subject, token), 204);
  EXPECT_EQ(remove("sess_nothing", token), 404);
  EXPECT_EQ(code(house, phone), "401 session_revoked");
  EXPECT_EQ(code(house, token), "200");
  EXPECT_EQ(house.get("/api/v1/auth/sessions", token).body.at("items").as_array().size(), 1U);
}

TEST_F(SessionsApi, ATicketOfASessionThatEndedOpensNothing) {
  const std::string ticket = house.post("/api/v1/auth/ws-ticket", token, "").text("ticket");
  EXPECT_EQ(house.post("/api/v1/auth/logout", token, "").status, 204);
  House late{loop};
  EXPECT_FALSE(loop.run([&] { return late.sessions().by_ticket(ticket); }).caller);
  EXPECT_FALSE(loop.run([&] { return house.sessions().by_token(token); }).caller);
}

TEST_F(SessionsApi, AUserWhoIsBarredOrPromotedElsewhereIsSeenSo) {
  EXPECT_EQ(code(other, token), "200");
  const UserId user = user_id(other);
  change(make_moderator, ChangeKind::user_changed, user);
  const auto is_moderator = [&] {
    const auto roles = other.get("/api/v1/auth/session", token).body.at("roles").as_array();
    return roles.size() == 2;
  };
  bool is_seen = false;
  for (int i = 0; i < 200 && !is_seen; ++i) {
    is_seen = is_moderator();
    loop.run([] { return async::sleep_for(std::chrono::milliseconds{25}); });
  }
  EXPECT_TRUE(is_seen);
  EXPECT_TRUE(other.closed.empty());
  change(ban, ChangeKind::user_barred, user);
  EXPECT_TRUE(becomes(other, token, "403 account_suspended"));
  EXPECT_EQ(other.closed, std::vector<std::string>{user.text() + ' '});
  change(erase, ChangeKind::user_barred, user);
  EXPECT_TRUE(becomes(other, token, "401 unauthorized"));
}

TEST_F(SessionsApi, AChangeThatCommitsAfterLaterOnesIsNotPassedOver) {
  const std::string slow = "sess_slow" + subject;
  const std::string quick = "sess_quick" + subject;
  const std::string slow_token = other_token(slow);
  const std::string quick_token = other_token(quick);
  EXPECT_EQ(code(other, slow_token), "200");
  EXPECT_EQ(code(other, quick_token), "200");
  const UserId user = user_id(other);
  const Timestamp until = system_now() + std::chrono::minutes{1};
  loop.run([&]() -> Task<> {
    co_await house.scope().transact([&](db::Session& db) -> Task<> {
      (void)co_await insert_change(db, ChangeKind::session_ended, user, slow, until);
      (void)co_await insert_change(house.session(), ChangeKind::session_ended, user, quick, until);
      // Until the other node has seen the one and not the other.
      while (!other.node().standing().slot(0).has_ended(quick)) {
        co_await async::sleep_for(std::chrono::milliseconds{10});
      }
      EXPECT_FALSE(other.node().standing().slot(0).has_ended(slow));
    });
  });
  EXPECT_TRUE(becomes(other, slow_token, "401 session_revoked"));
}

TEST_F(SessionsApi, ANodeThatCannotLookSaysSo) {
  EXPECT_TRUE(other.node().standing().is_current());
  House blind{loop};
  loop.run([] { return async::sleep_for(Standing::stale_after + std::chrono::milliseconds{300}); });
  EXPECT_FALSE(blind.node().standing().is_current());
  EXPECT_TRUE(other.node().standing().is_current());
}

TEST(StandingSlot, ForgetsWhatStopsNothingAnyMore) {
  StandingSlot slot;
  const Timestamp now = system_now();
  const UserId user = UserId::make();
  slot.apply({ChangeKind::session_ended, user, "a", now + std::chrono::minutes{1}}, now);
  slot.apply({ChangeKind::session_ended, user, "over", now}, now);
  slot.apply({ChangeKind::user_changed, user, std::nullopt, now}, now);
  EXPECT_TRUE(slot.has_ended("a"));
  EXPECT_FALSE(slot.has_ended("over"));
  EXPECT_TRUE(slot.is_outdated(user, 1));
  EXPECT_FALSE(slot.is_outdated(user, slot.version()));
  EXPECT_FALSE(slot.is_outdated(UserId::make(), 1));
  slot.forget_old(now + std::chrono::minutes{5});
  EXPECT_FALSE(slot.has_ended("a"));
  EXPECT_FALSE(slot.is_outdated(user, 1));
}

}  // namespace
}  // namespace wildnout::identity
