// Every route by every kind of caller, on the whole house, against the table of who may.
#include <gtest/gtest.h>
#include <unistd.h>

#include <boost/json.hpp>
#include <filesystem>

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

enum class Actor { anonymous, user, owner, moderator, admin, suspended };
// The owner last: what they remove is not there for anybody after them.
constexpr std::array actors{Actor::anonymous, Actor::user,      Actor::moderator,
                            Actor::admin,     Actor::suspended, Actor::owner};
constexpr std::array<std::string_view, 6> actor_names{"anonymous", "user",  "owner",
                                                      "moderator", "admin", "suspended"};

constexpr int passes = 0;  // any answer but 401, 403 and a fault

// The status that the table wants, or `passes`.
int wanted(Who who, Actor actor) {
  if (who == Who::anyone) return passes;
  if (actor == Actor::suspended) return 403;
  if (who == Who::open) return passes;
  if (actor == Actor::anonymous) return 401;
  const bool is_admin = actor == Actor::admin;
  switch (who) {
    case Who::anyone:
    case Who::open:
    case Who::user:
      return passes;
    case Who::owner:
      return is_admin || actor == Actor::owner ? passes : 403;
    case Who::owner_alone:
      return actor == Actor::owner ? passes : 403;
    case Who::moderator:
      return is_admin || actor == Actor::moderator ? passes : 403;
    case Who::admin:
      return is_admin ? passes : 403;
  }
  return passes;
}

class AccessTable : public ::testing::Test {
 protected:
  AccessTable() {
    std::string name = (std::filesystem::temp_directory_path() / "access.XXXXXX").string();
    folder_ = mkdtemp(name.data());
    Sources sources;
    sources.flags = {{"env", "development"}, {"data", folder_}, {"rate-limits", "off"}};
    sources.environment = {{"DATABASE_URL", database_.url()}};
    Configuration configuration = load(sources);
    configuration.threads = 1;
    app_.emplace(std::move(configuration));
  }
  ~AccessTable() override {
    EXPECT_TRUE(app_->stop(std::chrono::seconds{10}));
    app_.reset();
    std::filesystem::remove_all(folder_);
  }

  struct Reply {
    int status;
    json::value body;
  };
  Reply ask(std::string_view method, const std::string& target, const std::string& body,
            const std::string& token) {
    constexpr std::array<std::pair<std::string_view, http::Method>, 5> methods{
        {{"GET", http::Method::get},
         {"POST", http::Method::post},
         {"PUT", http::Method::put},
         {"PATCH", http::Method::patch},
         {"DELETE", http::Method::del}}};
    return app_->run_on(0, [&]() -> Task<Reply> {
      const auto at = std::ranges::find(methods, method, &decltype(methods)::value_type::first);
      testing::HandMadeRequest request{at->second, target, body};
      if (!token.empty()) request.set("authorization", "Bearer " + token);
      const http::Response response = co_await app_->part(0).answer(request);
      const auto* text = std::get_if<std::string>(&response.body);
      const bool is_json =
          text != nullptr && !text->empty() && response.content_type == "application/json";
      co_return Reply{response.status, is_json ? json::parse(*text) : json::value{}};
    });
  }

  struct Person {
    std::string token;
    std::string id;
  };
  Person person(std::string_view roles = "[]") {
    const Reply reply = ask("POST", "/dev/token", R"({"roles":)" + std::string{roles} + "}", "");
    return {std::string{reply.body.at("token").as_string()},
            std::string{reply.body.at("userId").as_string()}};
  }

  // New ones for each route: some routes end a session, or a user.
  void gather_people() {
    people_ = {Person{}, person(), person(), person(R"(["moderator"])"), person(R"(["admin"])"),
               person()};
    db::PlainConnection{database_.url()}.ask(
        "UPDATE wildnout.users SET suspended_at = now() WHERE id = $1", {people_[5].id});
  }

  // A battle of the owner's that starts so much later.
  std::string make_battle(std::chrono::hours start) {
    const Timestamp now = system_now();
    const std::string body = R"({"title":"A battle","battleType":"wildStyle",)"
                             R"("rules":{"allowVoteRetraction":true},"startTime":")" +
                             text_of(now + start) + R"(","endTime":")" +
                             text_of(now + std::chrono::hours{2}) + R"(","votingEndTime":")" +
                             text_of(now + std::chrono::hours{3}) + "\"}";
    const Reply reply = ask("POST", "/api/v1/battles", body, people_[2].token);
    EXPECT_EQ(reply.status, 201) << json::serialize(reply.body);
    return std::string{reply.body.at("id").as_string()};
  }
  std::string make_entry() {
    const std::string battle = make_battle(std::chrono::hours{0});
    const Reply reply = ask("POST", "/api/v1/battles/" + battle + "/entries",
                            R"({"content":{"type":"text","body":"A bar"}})", people_[2].token);
    EXPECT_EQ(reply.status, 201) << json::serialize(reply.body);
    return std::string{reply.body.at("id").as_string()};
  }

  // The pattern with ids of things that are there.
  std::string target_of(const api::Route& route) {
    std::string target = route.pattern;
    const auto fill = [&target](std::size_t at, const std::string& id) {
      target.replace(at, target.find('}', at) + 1 - at, id);
    };
    if (route.pattern.starts_with("/battles/{")) {
      fill(target.find('{'), make_battle(std::chrono::hours{1}));
    } else if (route.pattern.starts_with("/entries/{")) {
      fill(target.find('{'), make_entry());
    } else if (route.pattern.find("users/{") != std::string::npos) {
      fill(target.find('{'), people_[2].id);
    }
    for (std::size_t at; (at = target.find('{')) != std::string::npos;) {
      fill(at, std::string{test::made_up});
    }
    return (route.is_root ? "" : "/api/v1") + target;
  }

  const testing::Database database_;
  std::string folder_;
  std::optional<App> app_;
  std::array<Person, actors.size()> people_;
};

TEST_F(AccessTable, HoldsForEveryRouteAndEveryCaller) {
  for (const auto& route : app_->part(0).router().routes()) {
    const auto row = std::ranges::find(test::table, route->name, &Row::route);
    if (row == test::table.end()) {
      ADD_FAILURE() << route->name << " is not in src/app/access_table.hpp: who may call it?";
      continue;
    }
    gather_people();
    const std::string target = target_of(*route);
    for (const Actor actor : actors) {
      const auto index = static_cast<std::size_t>(actor);
      const std::string_view method =
          std::string_view{route->name}.substr(0, route->name.find(' '));
      const Reply reply = ask(method, target, std::string{row->body}, people_[index].token);
      const int expected = wanted(row->who, actor);
      const bool is_refused = reply.status == 401 || reply.status == 403;
      const bool is_right =
          expected == passes ? !is_refused && reply.status < 500 : reply.status == expected;
      EXPECT_TRUE(is_right) << route->name << " by " << actor_names[index] << ": " << reply.status
                            << " " << json::serialize(reply.body);
    }
  }
}

}  // namespace
}  // namespace wildnout::app
