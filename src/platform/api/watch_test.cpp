// What the router tells the watch, and what it tells administrators who ask why.
#include "platform/api/watch.hpp"

#include <gtest/gtest.h>

#include "platform/api/answers.hpp"
#include "platform/api/router.hpp"
#include "platform/json/document.hpp"
#include "platform/json/json.hpp"
#include "support/request.hpp"
#include "support/run.hpp"

namespace wildnout::api {
namespace {

using http::Method;
using testing::HandMadeRequest;

constexpr std::string_view user_id = "0198c0de-0000-7000-8000-0000000000aa";

// The token names what its holder is: a user, a maker, an admin, or staff in a maker's name.
class Doorman final : public Authenticator {
 public:
  Task<std::optional<Caller>> authenticate(const http::Request& request) override {
    static constexpr std::array<std::string_view, 1> of_maker{"thing:make"};
    static constexpr std::array<std::string_view, 2> of_admin{"rule:explain", "thing:make"};
    static constexpr std::array<std::string_view, 1> roles{"admin"};
    const auto token = request.header("authorization");
    if (!token) co_return std::nullopt;
    Caller caller{.user_id = *Uuid::parse(user_id),
                  .session_id = "s",
                  .roles = {},
                  .permissions = {},
                  .expires_at = {}};
    if (*token == "Bearer maker" || *token == "Bearer staff") caller.permissions = of_maker;
    if (*token == "Bearer staff") caller.actor = "user_staff";
    if (*token == "Bearer admin") {
      caller.permissions = of_admin;
      caller.roles = roles;
    }
    if (*token == "Bearer expired") throw Refused{token_expired};
    if (*token == "Bearer forged") throw Refused{unauthorized};
    co_return caller;
  }
};

class Record final : public Watch {
 public:
  Task<> denied(const Caller&, const http::Request&, const Route& route) override {
    seen.push_back("denied " + route.name);
    co_return;
  }
  Task<> impersonated(const Caller& caller, const http::Request&, const Route& route) override {
    require(can_write, unavailable);
    seen.push_back(caller.actor + " " + route.name);
    co_return;
  }
  void refused_credentials(const http::Request&) noexcept override { ++bad_credentials; }

  std::vector<std::string> seen;
  int bad_credentials = 0;
  bool can_write = true;
};

class WatchTest : public ::testing::Test {
 protected:
  WatchTest() {
    router_.post("/things",
                 [](Permitted<"thing:make">) -> Task<NoContent> { co_return NoContent{}; });
    router_.get("/things/others", [](Caller) -> Task<NoContent> {
      throw Refused{forbidden};
      co_return NoContent{};
    });
    router_.get("/things/gone", [](Caller) -> Task<NoContent> {
      throw Refused{not_found};
      co_return NoContent{};
    });
    router_.del("/things/{id}",
                [](Caller, Path<std::string>) -> Task<NoContent> { co_return NoContent{}; });
  }

  http::Response ask(Method method, const std::string& target, const std::string& token,
                     bool explain = false) {
    HandMadeRequest request{method, "/api/v1" + target};
    request.set("authorization", "Bearer " + token);
    if (explain) request.set("x-explain", "1");
    return loop_.run([&] { return router_.answer(request); });
  }
  int status(Method method, const std::string& target, const std::string& token) {
    return ask(method, target, token).status;
  }
  // The field's JSON; empty: there is no such field.
  std::string explained(Method method, const std::string& target, const std::string& token) {
    const std::string headers = ask(method, target, token, true).headers;
    constexpr std::string_view name = "X-Explain: ";
    const std::size_t at = headers.find(name);
    if (at == std::string::npos) return {};
    return headers.substr(at + name.size(), headers.find("\r\n", at) - at - name.size());
  }

  testing::Loop loop_;
  Doorman doorman_;
  Record record_;
  db::Database database_{loop_.executor(), {.url = "host=/nowhere"}};
  Router router_{doorman_, database_, {.watch = &record_, .explains_to = "rule:explain"}};
};

TEST_F(WatchTest, IsToldOfWhatTheTableAndWhatTheRouteItselfForbids) {
  EXPECT_EQ(status(Method::post, "/things", "maker"), 204);
  EXPECT_EQ(status(Method::get, "/things/gone", "user"), 404);
  EXPECT_TRUE(record_.seen.empty());
  EXPECT_EQ(status(Method::post, "/things", "user"), 403);
  EXPECT_EQ(status(Method::get, "/things/others", "maker"), 403);
  EXPECT_EQ(record_.seen,
            (std::vector<std::string>{"denied POST /things", "denied GET /things/others"}));
}

TEST_F(WatchTest, IsToldOfBadCredentialsButNotOfThoseThatWereGoodOnce) {
  EXPECT_EQ(status(Method::get, "/things/gone", "forged"), 401);
  EXPECT_EQ(status(Method::get, "/things/gone", "forged"), 401);
  EXPECT_EQ(status(Method::get, "/things/gone", "expired"), 401);
  EXPECT_EQ(record_.bad_credentials, 2);
}

TEST_F(WatchTest, IsToldOfEveryRequestInAnothersNameBeforeItIsServed) {
  EXPECT_EQ(status(Method::get, "/things/gone", "staff"), 404);
  EXPECT_EQ(record_.seen, std::vector<std::string>{"user_staff GET /things/gone"});
  record_.can_write = false;
  EXPECT_EQ(status(Method::post, "/things", "staff"), 503);
  EXPECT_EQ(status(Method::post, "/things", "maker"), 204);
}

TEST_F(WatchTest, AdminsAreToldWhichRuleDecidedAndFromWhichFacts) {
  const json::Document allowed{explained(Method::post, "/things", "admin")};
  EXPECT_EQ(allowed.root().find("route").text(), "POST /things");
  EXPECT_EQ(allowed.root().find("decision").text(), "allowed");
  EXPECT_EQ(allowed.root().find("rule").text(), "who holds thing:make may");
  const auto facts = allowed.root().find("facts");
  EXPECT_EQ(facts.find("userId").text(), user_id);
  EXPECT_EQ(facts.find("credentials").text(), "bearer");
  const json::Document refused{explained(Method::get, "/things/others", "admin")};
  EXPECT_EQ(refused.root().find("decision").text(), "refused");
  EXPECT_EQ(refused.root().find("rule").text(), "the route's own rules: forbidden");
}

TEST_F(WatchTest, NobodyElseIsToldNorWhoDoesNotAsk) {
  EXPECT_EQ(explained(Method::post, "/things", "maker"), "");
  EXPECT_EQ(explained(Method::post, "/things", "forged"), "");
  EXPECT_EQ(ask(Method::post, "/things", "admin").headers.find("X-Explain"), std::string::npos);
}

}  // namespace
}  // namespace wildnout::api
