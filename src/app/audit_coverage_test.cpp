// What staff changes is in the audit trail: each such route is called and must leave its row.
#include <gtest/gtest.h>
#include <unistd.h>

#include <boost/json.hpp>
#include <filesystem>
#include <functional>
#include <map>

#include "app/access_table.hpp"
#include "app/app.hpp"
#include "platform/db/plain.hpp"
#include "support/database.hpp"
#include "support/request.hpp"

namespace wildnout::app {
namespace {

namespace json = boost::json;
using test::Row;
using test::Who;

struct Person {
  std::string token;
  std::string id;
};

// A call that succeeds: by whom, on what.
struct Scene {
  std::string token;
  std::string target;
  std::string body{};
};

struct Reply {
  int status;
  json::value body;

  [[nodiscard]] std::string id() const { return std::string{body.at("id").as_string()}; }
};

class AuditCoverage : public ::testing::Test {
 protected:
  AuditCoverage() {
    std::string name = (std::filesystem::temp_directory_path() / "coverage.XXXXXX").string();
    folder_ = mkdtemp(name.data());
    Sources sources;
    sources.flags = {{"env", "development"}, {"data", folder_}, {"rate-limits", "off"}};
    sources.environment = {{"DATABASE_URL", database_.url()}};
    Configuration configuration = load(sources);
    configuration.threads = 1;
    app_.emplace(std::move(configuration));
    admin_ = person(R"(["admin"])");
    moderator_ = person(R"(["moderator"])");
    user_ = person();
  }
  ~AuditCoverage() override {
    EXPECT_TRUE(app_->stop(std::chrono::seconds{10}));
    app_.reset();
    std::filesystem::remove_all(folder_);
  }

  Reply ask(std::string_view method, const std::string& target, const std::string& body,
            const std::string& token) {
    static const std::map<std::string_view, http::Method> methods{{"GET", http::Method::get},
                                                                  {"POST", http::Method::post},
                                                                  {"PUT", http::Method::put},
                                                                  {"PATCH", http::Method::patch},
                                                                  {"DELETE", http::Method::del}};
    request_id_ = Uuid::make().text();
    return app_->run_on(0, [&]() -> Task<Reply> {
      testing::HandMadeRequest request{methods.at(method), target, body};
      request.request_id = request_id_;
      if (!token.empty()) request.set("authorization", "Bearer " + token);
      const http::Response response = co_await app_->part(0).answer(request);
      const auto* text = std::get_if<std::string>(&response.body);
      const bool is_empty = text == nullptr || text->empty();
      co_return Reply{response.status, is_empty ? json::value{} : json::parse(*text)};
    });
  }
  Reply made(const std::string& target, const std::string& body, const Person& by) {
    Reply reply = ask("POST", "/api/v1" + target, body, by.token);
    EXPECT_LT(reply.status, 300) << target << ' ' << json::serialize(reply.body);
    return reply;
  }
  Person person(std::string_view roles = "[]") {
    const Reply reply = ask("POST", "/dev/token", R"({"roles":)" + std::string{roles} + "}", "");
    return {std::string{reply.body.at("token").as_string()},
            std::string{reply.body.at("userId").as_string()}};
  }

  std::string battle(std::chrono::hours start, const std::string& more) {
    const Timestamp now = system_now();
    const auto at = [now](std::chrono::hours later) { return text_of(now + later); };
    using hours = std::chrono::hours;
    return "/battles/" +
           made("/battles",
                R"({"title":"A battle","startTime":")" + at(start) + R"(","endTime":")" +
                    at(hours{2}) + R"(","votingEndTime":")" + at(hours{24}) + "\"," + more + "}",
                user_)
               .id();
  }
  std::string coming_battle() {
    return battle(std::chrono::hours{1}, R"("battleType":"wildStyle")");
  }
  std::string entry_in(const std::string& battle_path) {
    return made(battle_path + "/entries", R"({"content":{"type":"text","body":"A bar"}})", user_)
        .id();
  }
  // Voting is over, one vote is counted, and the result is not certified yet.
  struct Counted {
    std::string battle;
    std::string vote;
  };
  Counted counted_battle() {
    const std::string path = battle(std::chrono::hours{0},
                                    R"("battleType":"wildStyle","rules":{"integrityMinutes":60})");
    const std::string entry = entry_in(path);
    (void)made(path + "/transition", R"({"to":"voting","reason":"a test"})", admin_);
    const std::string vote =
        made(path + "/votes", R"({"entryId":")" + entry + "\"}", person()).id();
    (void)made(path + "/transition", R"({"to":"completed","reason":"a test"})", admin_);
    return {path, vote};
  }
  static std::string proposal_of(const Counted& counted) {
    return R"({"voteId":")" + counted.vote + R"(","action":"void","reason":"a test"})";
  }
  std::string proposal_path() {
    const Counted counted = counted_battle();
    return counted.battle + "/proposals/" +
           made(counted.battle + "/proposals", proposal_of(counted), moderator_).id();
  }
  std::string anomaly() {
    return db::PlainConnection{database_.url()}.ask(R"sql(
      INSERT INTO wildnout.anomalies (id, kind, subject_type, subject_id, severity, mode,
                                      fact_count, evidence, first_at, last_at)
      VALUES (gen_random_uuid(), 'massExport', 'user', 'x', 'critical', 'alert', 5, '{}', now(),
              now()) RETURNING id)sql")[0][0];
  }

  // How each route is brought to do what it is for. A route that is not here fails the test.
  std::map<std::string_view, std::function<Scene()>> scenes() {
    const std::string user = "/admin/users/" + user_.id;
    return {
        {"PUT /admin/users/{id}/roles",
         [=, this] {
           return Scene{admin_.token, user + "/roles", R"({"roles":["creator"]})"};
         }},
        {"POST /admin/users/{id}/suspend",
         [this] {
           return Scene{admin_.token, "/admin/users/" + person().id + "/suspend",
                        R"({"reason":"a test"})"};
         }},
        {"POST /admin/users/{id}/unsuspend",
         [=, this] {
           return Scene{admin_.token, user + "/unsuspend"};
         }},
        {"POST /admin/users/search",
         [this] {
           return Scene{admin_.token, "/admin/users/search", R"({"email":"ada@example.org"})"};
         }},
        {"PATCH /battles/{id}",
         [this] {
           return Scene{admin_.token, coming_battle(), R"({"title":"Another"})"};
         }},
        {"DELETE /battles/{id}",
         [this] {
           return Scene{admin_.token, coming_battle()};
         }},
        {"POST /battles/{id}/transition",
         [this] {
           return Scene{admin_.token, coming_battle() + "/transition",
                        R"({"to":"active","reason":"a test"})"};
         }},
        {"POST /battles/{id}/proposals",
         [this] {
           const Counted counted = counted_battle();
           return Scene{moderator_.token, counted.battle + "/proposals", proposal_of(counted)};
         }},
        {"POST /battles/{id}/proposals/{proposalId}/confirm",
         [this] {
           return Scene{admin_.token, proposal_path() + "/confirm"};
         }},
        {"POST /battles/{id}/proposals/{proposalId}/decline",
         [this] {
           return Scene{moderator_.token, proposal_path() + "/decline"};
         }},
        {"POST /battles/{id}/certify",
         [this] {
           return Scene{moderator_.token, counted_battle().battle + "/certify"};
         }},
        {"POST /battles/{id}/entries/{entryId}/disqualify",
         [this] {
           const std::string cup =
               battle(std::chrono::hours{0}, R"("battleType":"tournament",)"
                                             R"("rules":{"bracketSize":4,"roundHours":1})");
           return Scene{admin_.token, cup + "/entries/" + entry_in(cup) + "/disqualify",
                        R"({"reason":"a test"})"};
         }},
        {"POST /admin/anomalies/{id}/resolve",
         [this] {
           return Scene{admin_.token, "/admin/anomalies/" + anomaly() + "/resolve",
                        R"({"resolution":"handled","note":"a test"})"};
         }},
    };
  }

  std::string rows_of_last_request() {
    return db::PlainConnection{database_.url()}.ask(
        "SELECT count(*) FROM wildnout.audit_log WHERE request_id = $1", {request_id_})[0][0];
  }

  const testing::Database database_;
  std::string folder_;
  std::optional<App> app_;
  Person admin_;
  Person moderator_;
  Person user_;
  std::string request_id_;
};

TEST_F(AuditCoverage, WhateverStaffChangesLeavesARow) {
  const auto known = scenes();
  for (const auto& route : app_->part(0).router().routes()) {
    const auto row = std::ranges::find(test::table, route->name, &Row::route);
    const bool is_staffs =
        row != test::table.end() &&
        (row->who == Who::owner || row->who == Who::moderator || row->who == Who::admin);
    if (!is_staffs || !api::is_unsafe(route->method)) continue;
    const auto scene = known.find(route->name);
    if (scene == known.end()) {
      ADD_FAILURE() << route->name << " has no scene here: how does it leave its audit row?";
      continue;
    }
    const Scene call = scene->second();
    const std::string_view method = std::string_view{route->name}.substr(0, route->name.find(' '));
    const Reply reply = ask(method, "/api/v1" + call.target, call.body, call.token);
    EXPECT_LT(reply.status, 300) << route->name << ' ' << json::serialize(reply.body);
    EXPECT_NE(rows_of_last_request(), "0") << route->name << " leaves no audit row";
  }
}

TEST_F(AuditCoverage, WhatPeopleDoToTheirSessionsAndWhatTheyMayNotDoLeavesARow) {
  const Person somebody = person();
  EXPECT_EQ(ask("POST", "/api/v1/auth/logout", "", somebody.token).status, 204);
  EXPECT_EQ(rows_of_last_request(), "1");
  EXPECT_EQ(ask("DELETE", "/api/v1" + coming_battle(), "", person().token).status, 403);
  EXPECT_EQ(rows_of_last_request(), "1");
  EXPECT_EQ(ask("GET", "/api/v1/admin/audit", "", user_.token).status, 403);
  EXPECT_EQ(rows_of_last_request(), "1");
  (void)person(R"(["creator"])");
  EXPECT_EQ(rows_of_last_request(), "1");
  EXPECT_EQ(ask("GET", "/api/v1/auth/session", "", user_.token).status, 200);
  EXPECT_EQ(rows_of_last_request(), "0");
}

}  // namespace
}  // namespace wildnout::app
