// Requests through the router in process: who may, what is taken, what is answered.
#include "platform/api/router.hpp"

#include <gtest/gtest.h>

#include <boost/describe/class.hpp>
#include <boost/describe/enum.hpp>

#include "platform/api/cors.hpp"
#include "platform/api/cursor.hpp"
#include "support/request.hpp"
#include "support/run.hpp"

namespace wildnout::api {
namespace {

using http::Method;
using testing::HandMadeRequest;

struct ThingTag;
using ThingId = Id<ThingTag>;
BOOST_DEFINE_ENUM_CLASS(Sort, newest, most_votes)

struct MakeThing {
  Text<3, 20> title;
  std::optional<Number<1, 5>> size;
};
BOOST_DESCRIBE_STRUCT(MakeThing, (), (title, size))

struct Thing {
  ThingId id;
  std::string title;
};
BOOST_DESCRIBE_STRUCT(Thing, (), (id, title))

struct ListThings {
  std::optional<Text<1, 10>> q;
  Sort sort = Sort::newest;
  std::optional<bool> featured;
  Limit limit;
  std::optional<std::string> cursor;
};
BOOST_DESCRIBE_STRUCT(ListThings, (), (q, sort, featured, limit, cursor))

struct FindThing {
  Required<ThingId> thing_id;
};
BOOST_DESCRIBE_STRUCT(FindThing, (), (thing_id))

constexpr Refusal thing_taken{409, "thing_taken", "There is one already"};
constexpr std::string_view thing_id = "0198c0de-0000-7000-8000-000000000001";
constexpr std::string_view user_id = "0198c0de-0000-7000-8000-0000000000aa";

// "Bearer good" is a user, "Bearer maker" may also make things, any other token is refused.
class Doorman final : public Authenticator {
 public:
  Task<std::optional<Caller>> authenticate(const http::Request& request) override {
    static constexpr std::array<std::string_view, 1> maker{"thing:make"};
    const auto token = request.header("Authorization");
    if (!token) co_return std::nullopt;
    Caller caller{.user_id = *Uuid::parse(user_id),
                  .session_id = "s",
                  .roles = {},
                  .permissions = {},
                  .expires_at = {}};
    if (*token == "Bearer actor") caller.actor = "staff";
    if (*token == "Bearer maker") {
      caller.permissions = maker;
    } else if (*token != "Bearer good" && caller.actor.empty()) {
      throw Refused{unauthorized};
    }
    co_return caller;
  }
};

class OnceOnly final : public Limiter {
 public:
  std::optional<Allowance> take(const Caller* caller, const boost::asio::ip::address&,
                                Tier tier) override {
    if (caller != nullptr || tier != Tier::search) return std::nullopt;
    return Allowance{
        .is_admitted = taken_++ == 0, .limit = 1, .remaining = 0, .reset = 9, .retry_after = 7};
  }
  std::optional<std::uint32_t> note_bad_credentials(const boost::asio::ip::address&) override {
    if (bad_credentials_++ < 2) return std::nullopt;
    return 42;
  }

 private:
  int taken_ = 0;
  int bad_credentials_ = 0;
};

class RouterTest : public ::testing::Test {
 protected:
  RouterTest() {
    mount_things();
    mount_oddities();
  }

  void mount_things() {
    router_.post("/things",
                 [](Permitted<"thing:make">, Body<MakeThing> body) -> Task<Created<Thing>> {
                   require(body->title.raw() != "taken", thing_taken);
                   co_return Created<Thing>{{*known_id(), body->title}, "/things/1"};
                 },
                 {.summary = "Make", .refusals = {&thing_taken}});
    router_.get("/things", [](std::optional<Caller>, Query<ListThings> query) -> Task<Page<Thing>> {
      co_return Page<Thing>{{{*known_id(), query.list()}}, std::to_string(query->limit)};
    });
    router_.get("/things/{id}",
                [](std::optional<Caller> caller, Path<ThingId> id) -> Task<Tagged<Thing>> {
                  co_return Tagged<Thing>{{*id, caller ? "known" : "anonymous"}, "v1"};
                });
    router_.get("/things/mine", [](Caller caller) -> Task<Thing> {
      co_return Thing{ThingId{caller.user_id}, "mine"};
    });
    router_.patch("/things/{id}",
                  [](Caller, Path<ThingId> id, Body<MakeThing> body,
                     Conditions conditions) -> Task<Tagged<Thing>> {
                    conditions.require_match("v1");
                    co_return Tagged<Thing>{{*id, body->title}, "v2"};
                  });
    router_.del("/things/{id}",
                [](Caller, Path<ThingId>) -> Task<NoContent> { co_return NoContent{}; });
    router_.get("/things/{id}/parts/{name}",
                [](Anyone, Path<ThingId>, Path<std::string> name) -> Task<Thing> {
                  co_return Thing{*known_id(), *name};
                });
    router_.get("/found", [](Anyone, Query<FindThing> query) -> Task<Thing> {
      co_return Thing{*query->thing_id, "found"};
    });
  }

  void mount_oddities() {
    router_.root_get("/health", [](Anyone) -> Task<Plain> { co_return Plain{"fine"}; },
                     {.tier = Tier::unlimited});
    router_.get("/fault", [](Anyone) -> Task<NoContent> {
      throw std::runtime_error{"SELECT secret FROM t"};
      co_return NoContent{};
    });
    router_.get("/away", [](Anyone) -> Task<NoContent> {
      throw db::Unavailable{"no lease"};
      co_return NoContent{};
    });
    router_.get("/searched",
                [](std::optional<Caller>) -> Task<NoContent> { co_return NoContent{}; },
                {.tier = Tier::search});
    router_.get("/origin", [](Anyone, Origin origin) -> Task<Plain> {
      co_return Plain{std::string{origin.user_agent} + " " + origin.remote.to_string() + " " +
                      std::string{origin.request_id}};
    });
    router_.get("/ready",
                [body = std::make_shared<const http::SharedBody>(http::SharedBody{"{}", "", ""})](
                    Anyone) -> Task<Ready<Thing>> {
                  co_return Ready<Thing>{body, "r1"};
                });
  }

  static std::optional<ThingId> known_id() { return ThingId{*Uuid::parse(thing_id)}; }

  http::Response ask(HandMadeRequest& request) {
    return loop_.run([&]() -> Task<http::Response> { return router_.answer(request); });
  }
  http::Response ask(Method method, const std::string& target, const std::string& body = {},
                     const std::string& token = {}) {
    HandMadeRequest request{method, target, body};
    if (!token.empty()) request.set("authorization", "Bearer " + token);
    return ask(request);
  }

  http::Response ask_signed_in(const std::string& target) {  // and so not limited here
    return ask(Method::get, target, {}, "good");
  }

  static std::string text_of(const http::Response& response) {
    const auto* shared = std::get_if<1>(&response.body);
    return shared != nullptr ? (*shared)->identity : std::get<0>(response.body);
  }
  static std::string code_of(const http::Response& response) {
    const json::Document document{text_of(response)};
    return std::to_string(response.status) + " " +
           std::string{document.root().find("error").find("code").text()};
  }
  static bool has_line(const http::Response& response, const std::string& line) {
    return ("\r\n" + response.headers).find("\r\n" + line + "\r\n") != std::string::npos;
  }

  testing::Loop loop_;
  Doorman doorman_;
  OnceOnly limiter_;
  db::Database database_{loop_.executor(), {.url = "host=/nowhere"}};
  Cors cors_{{"https://app.example.com"}};
  Router router_{doorman_, database_, {&limiter_, &cors_}};
};

TEST_F(RouterTest, AnswersTheSameBehindBothPrefixes) {
  for (const char* prefix : {"/api/v1", "/api"}) {
    const auto response = ask(Method::get, prefix + ("/things/" + std::string{thing_id}));
    EXPECT_EQ(response.status, 200);
    EXPECT_EQ(text_of(response),
              R"({"id":")" + std::string{thing_id} + R"(","title":"anonymous"})");
  }
  EXPECT_EQ(text_of(ask(Method::get, "/health")), "fine");
}

TEST_F(RouterTest, KnowsNoOtherPaths) {
  for (const std::string path :
       {"/", "/things", "/api", "/api/", "/api/v1", "/api/v1/", "/apix/things", "/api/v2/things",
        "/api/v1/things/", "/api/v1//things", "/api/health", "/api/v1/things/%zz",
        "/api/v1/thingsx", "/a/b/c/d/e/f/g/h/i/j/k/l/m/n/o/p/q/r/s"}) {
    EXPECT_EQ(code_of(ask(Method::get, path)), "404 not_found") << path;
  }
}

TEST_F(RouterTest, NamesTheMethodsThatAPathTakes) {
  const auto response = ask(Method::put, "/api/v1/things/" + std::string{thing_id});
  EXPECT_EQ(code_of(response), "405 method_not_allowed");
  EXPECT_TRUE(has_line(response, "Allow: GET, HEAD, PATCH, DELETE, OPTIONS"));
  const auto options = ask(Method::options, "/api/v1/things");
  EXPECT_EQ(options.status, 204);
  EXPECT_TRUE(has_line(options, "Allow: GET, HEAD, POST, OPTIONS"));
  EXPECT_EQ(ask(Method::head, "/api/v1/things").status, 200);
}

TEST_F(RouterTest, PrefersFixedSegmentsAndTriesTheOtherWhereTheyLeadNowhere) {
  EXPECT_EQ(code_of(ask(Method::get, "/api/things/mine")), "401 unauthorized");
  EXPECT_EQ(ask(Method::get, "/api/things/mine", {}, "good").status, 200);
  // "mine" leads nowhere here, and is no id.
  EXPECT_EQ(code_of(ask(Method::get, "/api/things/mine/parts/x")), "404 not_found");
  EXPECT_EQ(code_of(ask(Method::del, "/api/things/mine", {}, "good")), "404 not_found");
}

TEST_F(RouterTest, DecodesSegments) {
  const std::string base = "/api/%74hings/" + std::string{thing_id} + "/parts/";
  EXPECT_NE(text_of(ask(Method::get, base + "a%2Fb%20%C3%A9+")).find(R"("a/b é+")"),
            std::string::npos);
  EXPECT_EQ(code_of(ask(Method::get, base + "%ff")), "404 not_found");
  EXPECT_EQ(code_of(ask(Method::get, base + "%00")), "404 not_found");
}

TEST_F(RouterTest, LetsInWhoMay) {
  const std::string body = R"({"title":"abc"})";
  const auto nobody = ask(Method::post, "/api/v1/things", body);
  EXPECT_EQ(code_of(nobody), "401 unauthorized");
  EXPECT_TRUE(has_line(nobody, "WWW-Authenticate: Bearer"));
  EXPECT_EQ(code_of(ask(Method::post, "/api/v1/things", body, "good")), "403 forbidden");
  EXPECT_EQ(ask(Method::post, "/api/v1/things", body, "maker").status, 201);
  EXPECT_EQ(code_of(ask(Method::get, "/api/v1/things", {}, "forged")), "401 unauthorized");
  EXPECT_EQ(ask(Method::get, "/health", {}, "forged").status, 200);
  const std::string known = "/api/v1/things/" + std::string{thing_id};
  EXPECT_NE(text_of(ask(Method::get, known, {}, "good")).find("known"), std::string::npos);
  EXPECT_EQ(code_of(ask(Method::del, known, {}, "actor")), "403 forbidden");
}

TEST_F(RouterTest, AnswersCreatedWithItsPlaceUnderTheSamePrefix) {
  const std::string body = R"({"title":"abc"})";
  EXPECT_TRUE(
      has_line(ask(Method::post, "/api/v1/things", body, "maker"), "Location: /api/v1/things/1"));
  EXPECT_TRUE(has_line(ask(Method::post, "/api/things", body, "maker"), "Location: /api/things/1"));
}

TEST_F(RouterTest, RefusesBadBodiesWithEveryFault) {
  const auto invalid = ask(Method::post, "/api/v1/things", R"({"titel":"x","size":9})", "maker");
  EXPECT_EQ(text_of(invalid),
            R"({"error":{"code":"validation_error","message":"Invalid request data","details":[)"
            R"({"path":"/titel","message":"is not a known field"},)"
            R"({"path":"/size","message":"must be between 1 and 5"},)"
            R"({"path":"/title","message":"is required"}],"requestId":"request-1"}})");
  EXPECT_EQ(code_of(ask(Method::post, "/api/v1/things", "{", "maker")), "400 malformed_json");
  HandMadeRequest form{Method::post, "/api/v1/things", "title=abc"};
  form.set("authorization", "Bearer maker")
      .set("content-type", "application/x-www-form-urlencoded");
  EXPECT_EQ(code_of(ask(form)), "415 unsupported_media_type");
  form.set("content-type", "application/merge-patch+json");
  EXPECT_EQ(code_of(ask(form)), "415 unsupported_media_type");
  EXPECT_EQ(code_of(ask(Method::post, "/api/v1/things", R"({"title":"taken"})", "maker")),
            "409 thing_taken");
}

TEST_F(RouterTest, RefusesUnknownRepeatedAndWrongParameters) {
  const auto response =
      ask(Method::get, "/api/things?limit=0&sort=oldest&q=&q=a&page=2&featured=yes&cursor=%ff");
  EXPECT_EQ(text_of(response),
            R"({"error":{"code":"validation_error","message":"Invalid request data","details":[)"
            R"({"path":"limit","message":"must be between 1 and 100"},)"
            R"({"path":"sort","message":"must be one of newest, mostVotes"},)"
            R"({"path":"q","message":"must have 1 to 10 characters"},)"
            R"({"path":"q","message":"may be given once only"},)"
            R"({"path":"page","message":"is not a known parameter"},)"
            R"({"path":"featured","message":"must be true or false"},)"
            R"({"path":"cursor","message":"must be percent-encoded UTF-8 text"}],)"
            R"("requestId":"request-1"}})");
  EXPECT_EQ(code_of(ask(Method::get, "/api/found")), "400 validation_error");
  EXPECT_EQ(ask(Method::get, "/api/found?thingId=" + std::string{thing_id}).status, 200);
}

TEST_F(RouterTest, AnswersPagesAndNamesTheListWithoutItsPlaceInIt) {
  const auto first = text_of(ask_signed_in("/api/things?q=a+b&limit=7"));
  EXPECT_NE(first.find(R"("nextCursor":"7")"), std::string::npos);
  const auto list = [](const std::string& page) { return page.substr(0, page.find("nextCursor")); };
  EXPECT_EQ(list(first), list(text_of(ask_signed_in("/api/v1/things?cursor=x&q=a%20b"))));
  EXPECT_NE(list(first), list(text_of(ask_signed_in("/api/things?q=ab"))));
  EXPECT_NE(list(first), list(text_of(ask_signed_in("/api/things?q=a+b&sort=mostVotes"))));
  EXPECT_NE(text_of(ask(Method::get, "/api/things")).find(R"("nextCursor":"20")"),
            std::string::npos);
}

TEST_F(RouterTest, ComparesVersions) {
  const std::string known = "/api/v1/things/" + std::string{thing_id};
  EXPECT_TRUE(has_line(ask(Method::get, known), "ETag: \"v1\""));
  HandMadeRequest get{Method::get, known};
  for (const char* tags : {"\"v1\"", "W/\"v1\"", "\"v0\", \"v1\"", "*"}) {
    const auto unchanged = ask(get.set("if-none-match", tags));
    EXPECT_EQ(unchanged.status, 304) << tags;
    EXPECT_EQ(text_of(unchanged), "");
  }
  EXPECT_EQ(ask(get.set("if-none-match", "\"v0\"")).status, 200);
  HandMadeRequest patch{Method::patch, known, R"({"title":"abc"})"};
  patch.set("authorization", "Bearer good").set("content-type", "application/merge-patch+json");
  EXPECT_EQ(ask(patch).status, 200);
  EXPECT_EQ(ask(patch.set("if-match", "\"v1\"")).status, 200);
  EXPECT_EQ(code_of(ask(patch.set("if-match", "\"v0\""))), "412 precondition_failed");
  EXPECT_EQ(code_of(ask(patch.set("if-match", "W/\"v1\""))), "412 precondition_failed");
  HandMadeRequest ready{Method::get, "/api/ready"};
  EXPECT_EQ(text_of(ask(ready)), "{}");
  EXPECT_EQ(ask(ready.set("if-none-match", "\"r1\"")).status, 304);
}

TEST_F(RouterTest, TellsClientsNothingOfFaults) {
  const auto fault = ask(Method::get, "/api/fault");
  EXPECT_EQ(code_of(fault), "500 internal_error");
  EXPECT_EQ(text_of(fault).find("SELECT"), std::string::npos);
  const auto away = ask(Method::get, "/api/away");
  EXPECT_EQ(code_of(away), "503 unavailable");
  EXPECT_TRUE(has_line(away, "Retry-After: 1"));
}

TEST_F(RouterTest, LimitsWhoAsksTooOften) {
  const auto first = ask(Method::get, "/api/searched");
  EXPECT_EQ(first.status, 204);
  EXPECT_TRUE(has_line(first, "RateLimit-Limit: 1"));
  const auto second = ask(Method::get, "/api/searched");
  EXPECT_EQ(code_of(second), "429 rate_limit_exceeded");
  EXPECT_TRUE(has_line(second, "Retry-After: 7"));
  EXPECT_NE(text_of(second).find(R"("details":{"retryAfter":7})"), std::string::npos);
  EXPECT_EQ(ask(Method::get, "/api/searched", {}, "good").status, 204);
}

TEST_F(RouterTest, CountsASearchAsOneWhereItIsAsked) {
  EXPECT_EQ(ask(Method::get, "/api/things?limit=1").status, 200);
  EXPECT_EQ(ask(Method::get, "/api/things?limit=1").headers.find("RateLimit"), std::string::npos);
  EXPECT_TRUE(has_line(ask(Method::get, "/api/things?q=abc"), "RateLimit-Limit: 1"));
  EXPECT_EQ(code_of(ask(Method::get, "/api/things?limit=1&q=abc")), "429 rate_limit_exceeded");
}

TEST_F(RouterTest, LocksOutBadCredentialsAndNothingElse) {
  for (int i = 0; i < 2; ++i) {
    EXPECT_EQ(code_of(ask(Method::get, "/api/things", {}, "forged")), "401 unauthorized");
  }
  const auto locked = ask(Method::get, "/api/things", {}, "forged");
  EXPECT_EQ(code_of(locked), "429 rate_limit_exceeded");
  EXPECT_TRUE(has_line(locked, "Retry-After: 42"));
  EXPECT_EQ(code_of(ask(Method::get, "/api/things/mine")), "401 unauthorized");
  EXPECT_EQ(ask(Method::get, "/api/things/mine", {}, "good").status, 200);
}

TEST_F(RouterTest, LetsPagesOfListedOriginsReadAnswers) {
  HandMadeRequest listed{Method::get, "/api/v1/things"};
  const auto answer = ask(listed.set("origin", "https://app.example.com"));
  EXPECT_TRUE(has_line(answer, "Access-Control-Allow-Origin: https://app.example.com"));
  EXPECT_TRUE(has_line(answer, "Access-Control-Allow-Credentials: true"));
  EXPECT_NE(answer.headers.find("Access-Control-Expose-Headers: "), std::string::npos);
  EXPECT_TRUE(has_line(answer, "Vary: Origin"));
  for (const char* other : {"https://app.example.com.evil.example", "http://app.example.com",
                            "https://APP.example.com", "null", "*", ""}) {
    HandMadeRequest request{Method::get, "/api/v1/things"};
    const auto refused = ask(request.set("origin", other));
    EXPECT_EQ(refused.status, 200);
    EXPECT_EQ(refused.headers.find("Access-Control"), std::string::npos) << other;
    EXPECT_TRUE(has_line(refused, "Vary: Origin"));
  }
}

TEST_F(RouterTest, AnswersPreflightsOfListedOrigins) {
  HandMadeRequest request{Method::options, "/api/v1/things"};
  request.set("origin", "https://app.example.com");
  request.set("access-control-request-method", "POST");
  const auto answer = ask(request);
  EXPECT_EQ(answer.status, 204);
  EXPECT_TRUE(has_line(answer, "Access-Control-Allow-Methods: GET, HEAD, POST, OPTIONS"));
  EXPECT_NE(answer.headers.find("Access-Control-Allow-Headers: Authorization,"), std::string::npos);
  EXPECT_TRUE(has_line(answer, "Access-Control-Max-Age: 600"));
}

TEST_F(RouterTest, TellsHandlersWhereARequestCameFrom) {
  HandMadeRequest request{Method::get, "/api/origin"};
  EXPECT_EQ(text_of(ask(request.set("user-agent", "curl"))), "curl 127.0.0.1 request-1");
}

TEST_F(RouterTest, DoesNotTakeARouteTwiceOrWithOtherParameters) {
  const auto handler = [](Anyone) -> Task<NoContent> { co_return NoContent{}; };
  EXPECT_THROW(router_.get("/things", handler), std::logic_error);
  EXPECT_THROW(router_.get("/other/{id}", handler), std::logic_error);
  EXPECT_THROW(router_.get("other", handler), std::logic_error);
}

struct Position {
  Timestamp created_at;
  ThingId id;
};
BOOST_DESCRIBE_STRUCT(Position, (), (created_at, id))

TEST(Cursors, OpenOnlyWhatTheySealedForTheSameList) {
  const Cursors cursors{"key"};
  const std::string sealed = cursors.seal(Position{Timestamp{}, ThingId::make()}, "GET /things");
  EXPECT_NO_THROW((void)cursors.open<Position>(sealed, "GET /things"));
  EXPECT_THROW((void)cursors.open<Position>(sealed, "GET /others"), Refused);
  EXPECT_THROW((void)Cursors{"other"}.open<Position>(sealed, "GET /things"), Refused);
  EXPECT_THROW((void)cursors.open<Position>("", "GET /things"), Refused);
  EXPECT_THROW((void)cursors.open<Position>("not a cursor", "GET /things"), Refused);
  EXPECT_THROW((void)cursors.open<Position>(std::string(5000, 'A'), "GET /things"), Refused);
  for (std::size_t i = 0; i < sealed.size(); ++i) {
    std::string forged = sealed;
    forged[i] = forged[i] == 'A' ? 'B' : 'A';
    EXPECT_THROW((void)cursors.open<Position>(forged, "GET /things"), Refused);
  }
}

}  // namespace
}  // namespace wildnout::api
