// The watch on a real PostgreSQL: facts come in, cases come out, people resolve them.
#include "audit/watch/watchman.hpp"

#include <gtest/gtest.h>

#include <boost/json.hpp>

#include "audit/watch/fact_repository.hpp"
#include "audit/watch/routes.hpp"
#include "audit/watch/sign_in_book.hpp"
#include "platform/api/router.hpp"
#include "platform/db/plain.hpp"
#include "support/database.hpp"
#include "support/request.hpp"
#include "support/run.hpp"

namespace wildnout::audit::watch {
namespace {

namespace json = boost::json;

class Doorman final : public api::Authenticator {
 public:
  Task<std::optional<api::Caller>> authenticate(const http::Request& request) override {
    static constexpr std::string_view of_admin[] = {"anomaly:resolve", "audit:read"};
    api::Caller caller{};
    caller.user_id = *Uuid::parse("0198c0de-0000-7000-8000-0000000000aa");
    if (request.header("x-role") == "admin") caller.permissions = of_admin;
    co_return caller;
  }
};

class Watching : public ::testing::Test {
 protected:
  Watching() { mount_anomalies(router_, service_, cursors_); }

  template <class Work>
  void change(Work work) {
    loop_.run([&]() -> Task<> { co_await database_.transact(work); });
  }
  // Rows as the server writes them.
  void write(Uuid actor, const std::string& action, int count, int routes = 1) {
    for (int i = 0; i < count; ++i) {
      const std::string metadata = R"({"route":"GET /)" + std::to_string(i % routes) + "\"}";
      change([&](db::Session& session) -> Task<> {
        return trail_.record(session, {.id = actor}, {.action = action, .metadata = metadata});
      });
    }
  }
  // What the sealer does, as far as the watch looks at it.
  void seal() {
    db::PlainConnection server{here_.url()};
    server.run(R"sql(SET search_path = wildnout;
      WITH rows AS (
        SELECT id, row_number() OVER (ORDER BY created_at, id) - 1 AS place FROM audit_log
         WHERE id NOT IN (SELECT row_id FROM audit_seal_rows)),
      made AS (
        INSERT INTO audit_seals (number, sealed_at, row_count, rows_hash, previous, key_id, hash,
                                 mac)
        SELECT coalesce((SELECT max(number) FROM audit_seals), 0) + 1, now(), count(*),
               repeat('h', 32)::bytea, repeat('p', 32)::bytea, 'k', repeat('s', 32)::bytea,
               repeat('m', 32)::bytea
          FROM rows HAVING count(*) > 0 RETURNING number)
      INSERT INTO audit_seal_rows (seal, position, row_id, row_hash)
      SELECT made.number, place, id, repeat('r', 32)::bytea FROM rows, made)sql");
  }
  void look() {
    change([&](db::Session& session) -> Task<> { (void)co_await watchman_.look(session); });
  }
  json::value ask(http::Method method, const std::string& target, const std::string& body = {},
                  bool is_admin = true) {
    testing::HandMadeRequest request{method, "/api/v1/admin/anomalies" + target, body};
    if (is_admin) request.set("x-role", "admin");
    const auto response = loop_.run([&] { return router_.answer(request); });
    status_ = response.status;
    return json::parse(std::get<std::string>(response.body));
  }
  json::array cases(const std::string& query = {}) {
    return ask(http::Method::get, query).at("items").as_array();
  }
  std::string resolve(const std::string& id, const std::string& resolution,
                      const std::string& note = "looked into") {
    const json::value answer =
        ask(http::Method::post, "/" + id + "/resolve",
            R"({"resolution":")" + resolution + R"(","note":")" + note + "\"}");
    return status_ == 200 ? std::string{answer.at("state").as_string()}
                          : std::string{answer.at("error").at("code").as_string()};
  }
  std::string count_of(const std::string& what) {
    return db::PlainConnection{here_.url()}.ask("SELECT count(*) FROM wildnout." + what)[0][0];
  }

  const testing::Database here_;
  testing::Loop loop_;
  Doorman doorman_;
  db::Database database_{loop_.executor(), {.url = here_.url()}};
  Trail trail_ = Trail::with_random_key();
  api::Cursors cursors_{"a key for tests"};
  AnomalyService service_{trail_};
  api::Router router_{doorman_, database_};
  Watchman watchman_{trail_, Detectors{}};
  SignInBook book_{database_, crypto::NetworkNumbers{"a key for tests"}};
  std::uint16_t status_ = 0;
};

TEST_F(Watching, EachAttackIsOneCaseHoweverOftenItIsLookedAt) {
  const Uuid prober = Uuid::make();
  write(prober, "permission.denied", 12, 4);
  write(Uuid::make(), "user.exportRequested", 5);
  write(Uuid::make(), "user.suspended", 60);
  for (int i = 0; i < 60; ++i) book_.failed(boost::asio::ip::make_address("192.0.2.7"));
  const UserId stolen = UserId::make();
  for (int i = 0; i < 9; ++i) {
    book_.seen(stolen, boost::asio::ip::make_address("198.51.100." + std::to_string(i)));
  }
  loop_.run([&] { return book_.write(); });
  seal();
  for (int i = 0; i < 3; ++i) look();
  const json::array found = cases();
  EXPECT_EQ(found.size(), 5U) << json::serialize(found);
  const json::array probing = cases("?kind=permissionProbing&state=open&severity=warning");
  ASSERT_EQ(probing.size(), 1U);
  EXPECT_EQ(probing[0].at("subjectId").as_string(), prober.text().c_str());
  EXPECT_EQ(probing[0].at("factCount"), 12);
  EXPECT_EQ(probing[0].at("evidence").at("rows").as_array().size(), 12U);
  EXPECT_EQ(count_of("audit_log WHERE action_type = 'anomaly.found'"), "5");
}

TEST_F(Watching, RowsThatAreSealedLateAreNotPassedOver) {
  const Uuid prober = Uuid::make();
  write(prober, "permission.denied", 6, 3);
  seal();
  look();
  EXPECT_TRUE(cases().empty());
  write(prober, "permission.denied", 6, 3);
  look();  // not sealed yet
  EXPECT_TRUE(cases().empty());
  write(Uuid::make(), "session.loggedOut", 1);
  seal();
  look();
  const json::array found = cases();
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].at("factCount"), 12);
}

TEST_F(Watching, OfNodesThatLookAtOnceOneOpensTheCase) {
  write(Uuid::make(), "user.exportRequested", 5);
  seal();
  db::Database second{loop_.executor(), {.url = here_.url()}};
  int left = 6;
  for (int i = 0; i < 6; ++i) {
    db::Database& node = i % 2 == 0 ? database_ : second;
    boost::asio::co_spawn(
        loop_.executor(),
        [this, &node]() -> Task<> {
          co_await node.transact(
              [this](db::Session& session) -> Task<> { (void)co_await watchman_.look(session); });
        },
        [&](std::exception_ptr fault) {
          EXPECT_FALSE(fault);
          --left;
        });
  }
  loop_.turn_until([&] { return left == 0; });
  EXPECT_EQ(cases().size(), 1U);
  EXPECT_EQ(count_of("audit_log WHERE action_type = 'anomaly.found'"), "1");
}

TEST_F(Watching, FactsThatComeLaterAreAddedToTheOpenCase) {
  const Uuid prober = Uuid::make();
  write(prober, "permission.denied", 10, 3);
  seal();
  look();
  write(prober, "permission.denied", 5, 3);
  seal();
  look();
  const json::array found = cases();
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].at("factCount"), 15);
}

TEST_F(Watching, ACaseIsResolvedOnceAndWhatComesAfterIsANewOne) {
  const Uuid prober = Uuid::make();
  write(prober, "permission.denied", 10, 3);
  seal();
  look();
  const std::string id{cases().at(0).at("id").as_string()};
  (void)ask(http::Method::post, "/" + id + "/resolve",
            R"({"resolution":"handled","note":"looked into"})", false);
  EXPECT_EQ(status_, 403);
  EXPECT_EQ(resolve(id, "falseAlarm"), "resolved");
  EXPECT_EQ(resolve(id, "falseAlarm"), "resolved");
  EXPECT_EQ(resolve(id, "confirmed"), "conflict");
  EXPECT_EQ(resolve(id, "falseAlarm", "another note"), "conflict");
  EXPECT_EQ(resolve(Uuid::make().text(), "confirmed"), "not_found");
  EXPECT_EQ(count_of("audit_log WHERE action_type = 'anomaly.resolved'"), "1");
  look();
  EXPECT_TRUE(cases("?state=open").empty());
  write(prober, "permission.denied", 9, 3);
  seal();
  look();
  EXPECT_TRUE(cases("?state=open").empty());
  write(prober, "permission.denied", 1, 3);
  seal();
  look();
  EXPECT_EQ(cases("?state=open").size(), 1U);
  EXPECT_EQ(cases("?state=resolved").size(), 1U);
}

TEST_F(Watching, ListsPageByPage) {
  for (int i = 0; i < 3; ++i) write(Uuid::make(), "user.exportRequested", 5);
  seal();
  look();
  const json::value first = ask(http::Method::get, "?limit=2");
  EXPECT_EQ(first.at("items").as_array().size(), 2U);
  const std::string cursor{first.at("nextCursor").as_string()};
  const json::value second = ask(http::Method::get, "?limit=2&cursor=" + cursor);
  EXPECT_EQ(second.at("items").as_array().size(), 1U);
  EXPECT_TRUE(second.at("nextCursor").is_null());
}

TEST_F(Watching, AFloodFromManyAddressesDoesNotFillTheTable) {
  for (int round = 0; round < 40; ++round) {
    for (int i = 0; i < 200; ++i) {
      book_.failed(boost::asio::ip::make_address("203." + std::to_string(round) + ".113." +
                                                 std::to_string(i)));
    }
    loop_.run([&] { return book_.write(); });
  }
  db::PlainConnection server{here_.url()};
  EXPECT_TRUE(server
                  .ask("SELECT minute FROM wildnout.sign_in_failures"
                       " GROUP BY minute HAVING count(*) > 1100")
                  .empty());
  EXPECT_EQ(server.ask("SELECT sum(failures) FROM wildnout.sign_in_failures")[0][0], "8000");
  EXPECT_EQ(server.ask("SELECT sum(failures) FROM wildnout.sign_in_failure_hours")[0][0], "8000");
  look();
  EXPECT_EQ(cases("?kind=spreadSignIns").size(), 1U);
}

TEST_F(Watching, OldFactsAreForgottenAndTheHoursStay) {
  db::PlainConnection{here_.url()}.run(
      "SET search_path = wildnout;"
      "INSERT INTO sign_in_failures VALUES (now() - interval '3 days', 1, 5), (now(), 1, 5);"
      "INSERT INTO sign_in_networks VALUES (now() - interval '2 days', gen_random_uuid(), 1),"
      " (now(), gen_random_uuid(), 1)");
  loop_.run([&] { return forget_old_facts(database_.session()); });
  EXPECT_EQ(count_of("sign_in_failures"), "1");
  EXPECT_EQ(count_of("sign_in_networks"), "1");
}

TEST_F(Watching, TheJobLooksAndLeavesItsSuccessor) {
  write(Uuid::make(), "user.exportRequested", 5);
  seal();
  jobs::Runner runner{loop_.executor(), database_};
  watchman_.register_job(runner);
  loop_.run([&] { return Watchman::ensure_job(database_.session()); });
  bool is_running = true;
  boost::asio::co_spawn(loop_.executor(), runner.run(), [&](std::exception_ptr fault) {
    EXPECT_FALSE(fault);
    is_running = false;
  });
  loop_.turn_until([&] {
    return count_of("anomalies") == "1" &&
           count_of("jobs WHERE type = 'watch_for_anomalies' AND state = 'waiting'") == "1";
  });
  runner.stop();
  loop_.turn_until([&] { return !is_running; });
}

}  // namespace
}  // namespace wildnout::audit::watch
