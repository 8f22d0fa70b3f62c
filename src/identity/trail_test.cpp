// What this module writes into the audit trail beside administration.
#include "identity/fixture.hpp"
#include "platform/db/query.hpp"

namespace wildnout::identity {
namespace {

using test::House;
using test::Reply;

const db::Query<std::int64_t(std::string, std::string)> rows_about{"test_audit_rows_about", R"sql(
  SELECT count(*) FROM audit_log WHERE action_type = $1 AND subject_id = $2)sql"};

class IdentityTrail : public ::testing::Test {
 protected:
  testing::Loop loop;
  House house{loop};

  std::int64_t rows(const std::string& action, const std::string& subject) {
    return loop.run([&] { return db::one(house.session(), rows_about, action, subject); });
  }
  DevToken issue(std::vector<Role> roles, std::optional<UserId> user = {}) {
    DevTokenRequest request;
    request.roles = List<Role, role_count>::of(std::move(roles));
    request.user_id = user;
    return loop.run([&] { return house.service().issue(house.scope(), request); });
  }
  int deliver(const std::string& body, const std::string& id) {
    const std::string timestamp = std::to_string(test::seconds_from_now(0));
    const std::map<std::string, std::string> headers{
        {"svix-id", id},
        {"svix-timestamp", timestamp},
        {"svix-signature", test::webhook_secret().sign({id, timestamp, "", body})}};
    return loop
        .run([&] {
          return house.ask_with(http::Method::post, "/api/v1/webhooks/clerk", headers, body);
        })
        .status;
  }
};

TEST_F(IdentityTrail, HasARowForEachDeliveryThatChangedSomethingAndNoneForRepeats) {
  const std::string subject = test::new_subject();
  const std::string body = test::json::serialize(
      test::json::object{{"type", "user.deleted"}, {"data", {{"id", subject}, {"deleted", true}}}});
  const std::string first = "msg_" + Uuid::make().text();
  const std::string second = "msg_" + Uuid::make().text();
  EXPECT_EQ(deliver(body, first), 200);
  EXPECT_EQ(deliver(body, first), 200);
  EXPECT_EQ(deliver(body, second), 200);  // another delivery of what is gone already
  EXPECT_EQ(rows("webhook.applied", first), 1);
  EXPECT_EQ(rows("webhook.applied", second), 0);
}

TEST_F(IdentityTrail, HasTheRolesThatTheDevelopmentIssuerGrants) {
  const DevToken plain = issue({});
  EXPECT_EQ(rows("user.rolesGranted", plain.user_id.text()), 0);
  const DevToken admin = issue({Role::moderator, Role::admin});
  EXPECT_EQ(rows("user.rolesGranted", admin.user_id.text()), 1);
  (void)issue({Role::creator}, plain.user_id);
  EXPECT_EQ(rows("user.rolesGranted", plain.user_id.text()), 1);
}

TEST_F(IdentityTrail, HasTheSessionsThatTheirOwnersEnd) {
  const DevToken here = issue({});
  const DevToken there = issue({}, here.user_id);
  EXPECT_EQ(house.get("/api/v1/auth/session", there.token).status, 200);
  EXPECT_EQ(
      house.send(http::Method::del, "/api/v1/auth/sessions/" + there.session_id, here.token).status,
      204);
  EXPECT_EQ(rows("session.revoked", there.session_id), 1);
  EXPECT_EQ(house.send(http::Method::del, "/api/v1/auth/sessions/sess_none", here.token).status,
            404);
  EXPECT_EQ(rows("session.revoked", "sess_none"), 0);
  EXPECT_EQ(house.post("/api/v1/auth/logout", here.token, "").status, 204);
  EXPECT_EQ(rows("session.loggedOut", here.session_id), 1);
}

}  // namespace
}  // namespace wildnout::identity
