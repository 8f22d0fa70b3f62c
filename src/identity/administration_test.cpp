// Roles and suspensions, and that an admin is always left.
#include "identity/clerk_repository.hpp"
#include "identity/fixture.hpp"
#include "platform/db/query.hpp"

namespace wildnout::identity {
namespace {

using test::House;
using test::Reply;

const db::Query<void()> forget_admins{"test_forget_admins",
                                      "DELETE FROM user_roles WHERE role = 'admin'"};
const db::Query<std::int64_t()> count_of_admins{"test_count_of_admins", R"sql(
  SELECT count(*) FROM users WHERE suspended_at IS NULL
     AND id IN (SELECT user_id FROM user_roles WHERE role = 'admin'))sql"};

const db::Query<std::int64_t(std::string, std::string)> count_of_looks{"test_count_of_looks", R"sql(
  SELECT count(*) FROM audit_log WHERE subject_id = $1 AND action_type = $2)sql"};

class AdministrationApi : public ::testing::Test {
 protected:
  testing::Loop loop;
  House house{loop};

  AdministrationApi() {
    // Other tests of this program made admins too.
    loop.run([&] { return db::run(house.session(), forget_admins); });
  }

  DevToken somebody(std::vector<Role> roles = {}) {
    DevTokenRequest request;
    request.roles = List<Role, role_count>::of(std::move(roles));
    return loop.run([&] { return house.service().issue(house.scope(), request); });
  }
  std::int64_t looks_at(UserId user, const std::string& action) {
    return loop.run([&] { return db::one(house.session(), count_of_looks, user.text(), action); });
  }
  static std::string path(const DevToken& whom, const std::string& what) {
    return "/api/v1/admin/users/" + whom.user_id.text() + '/' + what;
  }
  Reply set_roles(const DevToken& by, const DevToken& whom, const std::string& roles) {
    return house.send(http::Method::put, path(whom, "roles"), by.token,
                      R"({"roles":[)" + roles + "]}");
  }
  Reply suspend(const DevToken& by, const DevToken& whom, const std::string& more = "") {
    return house.post(path(whom, "suspend"), by.token, R"({"reason":"Spam")" + more + "}");
  }
  std::string session_code(const DevToken& of) {
    const Reply reply = house.get("/api/v1/auth/session", of.token);
    return reply.status == 200 ? "200" : reply.code();
  }
};

TEST_F(AdministrationApi, RolesAreSetAndHoldAtOnce) {
  const DevToken admin = somebody({Role::admin});
  const DevToken user = somebody();
  EXPECT_EQ(session_code(user), "200");
  const Reply changed = set_roles(admin, user, R"("moderator","creator")");
  ASSERT_EQ(changed.status, 200);
  EXPECT_EQ(test::json::serialize(changed.body.at("roles")), R"(["user","creator","moderator"])");
  const Reply session = house.get("/api/v1/auth/session", user.token);
  EXPECT_EQ(session.body.at("roles"), changed.body.at("roles"));
  EXPECT_EQ(set_roles(admin, user, "").status, 200);
  EXPECT_EQ(house.get("/api/v1/auth/session", user.token).body.at("roles").as_array().size(), 1U);
  EXPECT_EQ(set_roles(user, user, R"("admin")").code(), "forbidden");
  EXPECT_EQ(set_roles(admin, user, R"("emperor")").code(), "validation_error");
}

TEST_F(AdministrationApi, ASuspensionHoldsAtOnceAndUntilItEnds) {
  const DevToken admin = somebody({Role::admin});
  const DevToken user = somebody();
  EXPECT_EQ(session_code(user), "200");
  const Reply suspended = suspend(admin, user);
  ASSERT_EQ(suspended.status, 200);
  EXPECT_EQ(suspended.text("suspensionReason"), "Spam");
  EXPECT_EQ(session_code(user), "account_suspended");
  EXPECT_EQ(house.closed, std::vector<std::string>{user.user_id.text() + ' '});
  EXPECT_EQ(house.post(path(user, "unsuspend"), admin.token, "").status, 200);
  EXPECT_EQ(session_code(user), "200");
  EXPECT_EQ(suspend(admin, user, R"(,"until":"2020-01-01T00:00:00Z")").code(), "validation_error");
  const std::string soon = text_of(system_now() + std::chrono::milliseconds{700});
  EXPECT_EQ(suspend(admin, user, R"(,"until":")" + soon + '"').status, 200);
  EXPECT_EQ(session_code(user), "account_suspended");
  loop.run([] { return async::sleep_for(std::chrono::milliseconds{1000}); });
  EXPECT_EQ(session_code(user), "200");
  DevToken nobody = user;
  nobody.user_id = UserId::make();
  EXPECT_EQ(suspend(admin, nobody).status, 404);
  EXPECT_EQ(suspend(user, admin).status, 403);
}

TEST_F(AdministrationApi, APersonsRecordIsShownToAdminsAndTheLookIsOnRecord) {
  const DevToken admin = somebody({Role::admin});
  const DevToken moderator = somebody({Role::moderator});
  const std::string subject = test::new_subject();
  const std::string token = test::clerk_token(subject);
  const Reply session = house.get("/api/v1/auth/session", token);
  const UserId user{*Uuid::parse(session.text("userId"))};
  ClerkUser state;
  state.updated_at = system_now();
  state.email = subject + "@Example.org";
  loop.run([&] { return update_clerk_user(house.session(), test::shared_vault(), user, state); });
  (void)house.get("/api/v1/auth/sessions", token);  // written down before they are listed
  const std::string path = "/api/v1/admin/users/" + user.text();
  EXPECT_EQ(house.get(path, moderator.token).status, 403);
  EXPECT_EQ(house.get(path, token).status, 403);
  EXPECT_EQ(looks_at(user, "user.personalDataRead"), 0);
  const Reply record = house.get(path, admin.token);
  ASSERT_EQ(record.status, 200);
  EXPECT_EQ(record.text("email"), *state.email);
  EXPECT_EQ(record.text("clerkId"), subject);
  EXPECT_EQ(record.body.at("sessions").at(0).at("ipAddress").as_string(), "127.0.0.1");
  EXPECT_EQ(looks_at(user, "user.personalDataRead"), 1);
  EXPECT_EQ(house.get("/api/v1/admin/users/" + UserId::make().text(), admin.token).status, 404);
  const auto find = [&](const std::string& email, const DevToken& by) {
    return house.post("/api/v1/admin/users/search", by.token, R"({"email":")" + email + R"("})");
  };
  EXPECT_EQ(find(*state.email, moderator).status, 403);
  const Reply found = find(subject + "@example.ORG", admin);
  ASSERT_EQ(found.body.at("items").as_array().size(), 1U);
  EXPECT_EQ(found.body.at("items").at(0).at("id").as_string(), user.text());
  EXPECT_EQ(looks_at(user, "user.soughtByEmail"), 1);
  EXPECT_TRUE(find("nobody@example.org", admin).body.at("items").as_array().empty());
}

TEST_F(AdministrationApi, TheLastAdminStays) {
  const DevToken admin = somebody({Role::admin});
  EXPECT_EQ(set_roles(admin, admin, R"("moderator")").code(), "conflict");
  EXPECT_EQ(suspend(admin, admin).code(), "conflict");
  const DevToken other = somebody({Role::admin});
  EXPECT_EQ(suspend(admin, other).status, 200);
  EXPECT_EQ(set_roles(admin, admin, "").code(), "conflict");  // the other one cannot come in
  EXPECT_EQ(house.post(path(other, "unsuspend"), admin.token, "").status, 200);
  EXPECT_EQ(set_roles(admin, admin, "").status, 200);
}

TEST_F(AdministrationApi, OfAdminsWhoRemoveEachOtherAtOnceOneIsLeft) {
  House second{loop};
  for (int round = 0; round < 5; ++round) {
    loop.run([&] { return db::run(house.session(), forget_admins); });
    std::vector<DevToken> admins;
    for (int i = 0; i < 6; ++i) admins.push_back(somebody({Role::admin}));
    int left = 12;
    for (int i = 0; i < 12; ++i) {
      const DevToken& by = admins[static_cast<std::size_t>(i) % 6];
      const DevToken& whom = admins[static_cast<std::size_t>(i + 1) % 6];
      House& at = i % 2 == 0 ? house : second;
      const bool is_suspension = i >= 6;
      boost::asio::co_spawn(
          loop.executor(),
          at.ask(is_suspension ? http::Method::post : http::Method::put,
                 path(whom, is_suspension ? "suspend" : "roles"), by.token,
                 is_suspension ? R"({"reason":"Spam"})" : R"({"roles":[]})", "127.0.0.1"),
          [&](std::exception_ptr fault, const Reply& reply) {
            --left;
            EXPECT_FALSE(fault);
            EXPECT_LT(reply.status, 500);
          });
    }
    loop.turn_until([&] { return left == 0; });
    EXPECT_GE(loop.run([&] { return db::one(house.session(), count_of_admins); }), 1);
  }
}

TEST_F(AdministrationApi, AnAdminByConfigurationCountsAndStays) {
  const std::string subject = test::new_subject();
  Settings settings = test::clerk_settings();
  settings.admin_user_ids = {subject};
  House configured{loop, settings};
  const std::string token = test::clerk_token(subject);
  EXPECT_EQ(configured.get("/api/v1/auth/session", token).status, 200);
  const DevToken admin = somebody({Role::admin});
  const Reply reply =
      configured.send(http::Method::put, path(admin, "roles"), token, R"({"roles":[]})");
  EXPECT_EQ(reply.status, 200);
}

}  // namespace
}  // namespace wildnout::identity
