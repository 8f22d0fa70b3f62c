// Callers by cookie and in another's name: what they must prove and what they may not do.
#include "identity/fixture.hpp"

namespace wildnout::identity {
namespace {

using test::House;
using test::Reply;

class Cookies : public ::testing::Test {
 protected:
  testing::Loop loop;
  House house{loop};
  std::string subject = test::new_subject();
  std::string token = test::clerk_token(subject);

  Reply by_cookie(http::Method method, std::string path, std::string csrf = "") {
    std::map<std::string, std::string> headers{{"cookie", "theme=dark; __session=" + token}};
    if (!csrf.empty()) headers["x-csrf-token"] = csrf;
    return loop.run([&] { return house.ask_with(method, path, headers); });
  }
};

TEST_F(Cookies, OpenTheDoorAsBearerTokensDo) {
  const Reply reply = by_cookie(http::Method::get, "/api/v1/auth/session");
  ASSERT_EQ(reply.status, 200);
  EXPECT_EQ(reply.text("method"), "cookie");
  EXPECT_EQ(reply.text("sessionId"), "sess_" + subject);
}

TEST_F(Cookies, AreNotLookedAtWhereABearerTokenIsSent) {
  const std::string other = test::clerk_token(test::new_subject());
  std::map<std::string, std::string> headers{{"cookie", "__session=" + token},
                                             {"authorization", "Bearer " + other}};
  const auto ask = [&] {
    return loop.run(
        [&] { return house.ask_with(http::Method::get, "/api/v1/auth/session", headers); });
  };
  EXPECT_EQ(ask().text("method"), "bearer");
  headers["authorization"] = "Bearer nonsense";
  EXPECT_EQ(ask().status, 401);
  headers["authorization"] = "Basic " + token;
  EXPECT_EQ(ask().status, 401);
}

TEST_F(Cookies, ChangeNothingWithoutTheSessionsCsrfToken) {
  const std::string path = "/api/v1/auth/ws-ticket";
  EXPECT_EQ(by_cookie(http::Method::post, path).code(), "invalid_csrf_token");
  const std::string csrf = by_cookie(http::Method::get, "/api/v1/auth/csrf").text("csrfToken");
  EXPECT_EQ(by_cookie(http::Method::post, path, csrf).status, 200);
  EXPECT_EQ(by_cookie(http::Method::post, path, csrf + "A").code(), "invalid_csrf_token");
  const std::string other =
      house.get("/api/v1/auth/csrf", test::clerk_token(test::new_subject())).text("csrfToken");
  EXPECT_NE(other, csrf);
  const Reply crossed = by_cookie(http::Method::post, path, other);
  EXPECT_EQ(crossed.status, 403);
  EXPECT_EQ(crossed.code(), "invalid_csrf_token");
  EXPECT_EQ(house.post(path, token, "").status, 200);  // a bearer token is proof enough
}

TEST_F(Cookies, TheCsrfTokenIsOfTheSessionAndNotOfTheToken) {
  const std::string csrf = by_cookie(http::Method::get, "/api/v1/auth/csrf").text("csrfToken");
  test::json::object claims = test::clerk_claims(subject);
  claims["exp"] = test::seconds_from_now(90);
  token = test::clerk_token(claims);
  EXPECT_EQ(by_cookie(http::Method::post, "/api/v1/auth/ws-ticket", csrf).status, 200);
}

TEST_F(Cookies, WhoActsInAnothersNameIsTold) {
  test::json::object claims = test::clerk_claims(subject);
  claims["act"] = {{"iss", test::clerk_issuer}, {"sub", "user_staff"}};
  const Reply reply = house.get("/api/v1/auth/session", test::clerk_token(claims));
  ASSERT_EQ(reply.status, 200);
  EXPECT_EQ(reply.text("impersonatedBy"), "user_staff");
  const Reply own = house.get("/api/v1/auth/session", token);
  EXPECT_FALSE(own.body.as_object().contains("impersonatedBy"));
}

}  // namespace
}  // namespace wildnout::identity
