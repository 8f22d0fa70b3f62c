// The trail on a real PostgreSQL: written, sealed, read, and tampered with by SQL as superuser.
#include <gtest/gtest.h>
#include <unistd.h>

#include <boost/json.hpp>
#include <filesystem>
#include <set>

#include "audit/checking.hpp"
#include "audit/head_file.hpp"
#include "audit/module.hpp"
#include "audit/repository.hpp"
#include "audit/sealer.hpp"
#include "platform/db/plain.hpp"
#include "support/database.hpp"
#include "support/request.hpp"
#include "support/run.hpp"

namespace wildnout::audit {
namespace {

namespace json = boost::json;

class Doorman final : public api::Authenticator {
 public:
  Task<std::optional<api::Caller>> authenticate(const http::Request& request) override {
    static constexpr std::string_view of_admin[] = {"audit:read"};
    api::Caller caller{};
    caller.user_id = *Uuid::parse("0198c0de-0000-7000-8000-0000000000aa");
    if (request.header("x-role") == "admin") caller.permissions = of_admin;
    co_return caller;
  }
};

// A database of its own: tampering leaves marks.
class AuditTrail : public ::testing::Test {
 protected:
  AuditTrail() {
    std::string name = (std::filesystem::temp_directory_path() / "audit.XXXXXX").string();
    folder_ = mkdtemp(name.data());
    start();
  }
  ~AuditTrail() override { std::filesystem::remove_all(folder_); }

  void start() {
    module_.emplace(database_, trail_, folder_, crypto::NetworkNumbers{"a key for tests"});
    router_.emplace(doorman_, database_, api::Guards{.watch = &module_->watch()});
    module_->mount(*router_, cursors_);
    sealer_.emplace(database_, trail_, folder_);
  }

  void write(const std::string& action, Uuid actor = Uuid::make()) {
    loop_.run([&]() -> Task<> {
      co_await database_.transact([&](db::Session& session) -> Task<> {
        return trail_.record(session, {actor, "192.0.2.1", "test\x01 agent\xFF", "request-9"},
                             {.action = action,
                              .subject_type = "thing",
                              .subject_id = "thing-1",
                              .severity = Severity::warning,
                              .metadata = R"({"why":"a test"})"});
      });
    });
  }
  std::int64_t seal() {
    return loop_.run([&] { return sealer_->seal(); });
  }
  // Two seals of two rows each.
  void write_history() {
    for (int i = 0; i < 4; ++i) {
      write("thing.done" + std::to_string(i));
      if (i % 2 == 1) {
        ASSERT_EQ(seal(), 2);
      }
    }
  }
  // As superuser with the triggers off.
  void tamper(const std::string& sql) {
    db::PlainConnection server{here_.url()};
    server.run("SET search_path = wildnout; SET session_replication_role = replica; " + sql);
  }
  json::value get(const std::string& target, bool is_admin = true) {
    testing::HandMadeRequest request{http::Method::get, "/api/v1/admin/audit" + target};
    if (is_admin) request.set("x-role", "admin");
    const auto response = loop_.run([&] { return router_->answer(request); });
    status_ = response.status;
    return json::parse(std::get<std::string>(response.body));
  }
  std::string verdict() {
    const json::value result = get("/verify");
    EXPECT_EQ(status_, 200);
    const auto& fault = result.at("firstFault");
    EXPECT_EQ(result.at("ok").as_bool(), fault.is_null());
    return fault.is_null() ? "ok" : std::string{fault.at("kind").as_string()};
  }

  const testing::Database here_;
  std::filesystem::path folder_;
  testing::Loop loop_;
  Doorman doorman_;
  db::Database database_{loop_.executor(), {.url = here_.url()}};
  Trail trail_ = Trail::with_random_key();
  api::Cursors cursors_{"a key for tests"};
  std::optional<Module> module_;
  std::optional<api::Router> router_;
  std::optional<Sealer> sealer_;
  std::uint16_t status_ = 0;
};

TEST_F(AuditTrail, ShowsWhatWasWritten) {
  const Uuid actor = Uuid::make();
  write("thing.done", actor);
  const json::value page = get("");
  ASSERT_EQ(status_, 200);
  const json::object row = page.at("items").at(0).as_object();
  EXPECT_EQ(row.at("actionType"), "thing.done");
  EXPECT_EQ(row.at("actorId").as_string(), actor.text().c_str());
  EXPECT_EQ(row.at("subjectType"), "thing");
  EXPECT_EQ(row.at("subjectId"), "thing-1");
  EXPECT_EQ(row.at("severity"), "warning");
  EXPECT_EQ(row.at("metadata").at("why"), "a test");
  EXPECT_EQ(row.at("ipAddress"), "192.0.2.1");
  EXPECT_EQ(row.at("userAgent"), "test  agent?");
  EXPECT_EQ(row.at("requestId"), "request-9");
  EXPECT_TRUE(row.contains("createdAt"));
}

TEST_F(AuditTrail, IsFilteredAndPagedTheNewestFirst) {
  const Uuid actor = Uuid::make();
  for (int i = 0; i < 5; ++i) write("thing.done", actor);
  write("thing.other");
  EXPECT_EQ(get("?actionType=thing.done").at("items").as_array().size(), 5U);
  EXPECT_EQ(get("?userId=" + actor.text()).at("items").as_array().size(), 5U);
  EXPECT_EQ(get("?actorId=" + Uuid::make().text()).at("items").as_array().size(), 0U);
  EXPECT_EQ(get("?severity=critical").at("items").as_array().size(), 0U);
  EXPECT_EQ(get("?severity=warning&from=2020-01-01T00:00:00.000Z").at("items").as_array().size(),
            6U);
  EXPECT_EQ(get("?to=2020-01-01T00:00:00.000Z").at("items").as_array().size(), 0U);
  std::set<std::string> seen;
  std::string cursor;
  for (int pages = 0; pages < 3; ++pages) {
    const json::value page =
        get("?severity=warning&limit=2" + (cursor.empty() ? "" : "&cursor=" + cursor));
    ASSERT_EQ(status_, 200);
    for (const auto& row : page.at("items").as_array()) {
      seen.insert(std::string{row.at("id").as_string()});
    }
    const auto& next = page.at("nextCursor");
    cursor = next.is_null() ? "" : std::string{next.as_string()};
    EXPECT_EQ(cursor.empty(), pages == 2);
  }
  EXPECT_EQ(seen.size(), 6U);
  (void)get("?limit=2&cursor=abc");
  EXPECT_EQ(status_, 400);
}

TEST_F(AuditTrail, TellsWhoLookedIntoItOnceAList) {
  const Uuid person = Uuid::make();
  for (int i = 0; i < 3; ++i) write("thing.done", person);
  const json::value page = get("?limit=1&userId=" + person.text());
  const std::string next{page.at("nextCursor").as_string()};
  (void)get("?limit=1&userId=" + person.text() + "&cursor=" + next);
  const json::value looks = get("?actionType=audit.read");
  ASSERT_EQ(looks.at("items").as_array().size(), 1U);
  EXPECT_EQ(looks.at("items").at(0).at("subjectId").as_string(), person.text().c_str());
  EXPECT_EQ(get("?actionType=audit.read").at("items").as_array().size(), 2U);
}

TEST_F(AuditTrail, IsForThoseWhoMayReadItAndADenialIsOnRecord) {
  (void)get("", false);
  EXPECT_EQ(status_, 403);
  (void)get("/verify", false);
  EXPECT_EQ(status_, 403);
  const json::value page = get("?actionType=permission.denied");
  ASSERT_EQ(page.at("items").as_array().size(), 2U);
  EXPECT_EQ(page.at("items").at(0).at("metadata").at("permission"), "audit:read");
  EXPECT_EQ(page.at("items").at(0).at("metadata").at("route"), "GET /admin/audit/verify");
}

TEST_F(AuditTrail, IsRolledBackWithItsAction) {
  EXPECT_THROW(loop_.run([&]() -> Task<> {
    co_await database_.transact([&](db::Session& session) -> Task<> {
      co_await trail_.record(session, {}, {.action = "thing.undone"});
      throw std::runtime_error{"the action failed"};
    });
  }),
               std::runtime_error);
  EXPECT_EQ(get("").at("items").as_array().size(), 0U);
}

TEST_F(AuditTrail, IsSealedOnceHoweverManyNodesTry) {
  for (int i = 0; i < 10; ++i) write("thing.done");
  Sealer other{database_, trail_, folder_};
  std::int64_t sealed = 0;
  int left = 2;
  for (Sealer* one : {&*sealer_, &other}) {
    boost::asio::co_spawn(loop_.executor(), one->seal(),
                          [&](std::exception_ptr fault, std::int64_t count) {
                            EXPECT_FALSE(fault);
                            sealed += count;
                            --left;
                          });
  }
  loop_.turn_until([&] { return left == 0; });
  EXPECT_EQ(sealed, 10);
  EXPECT_EQ(seal(), 0);
  EXPECT_EQ(verdict(), "ok");
}

TEST_F(AuditTrail, HoldsWhenNothingWasDoneToIt) {
  EXPECT_EQ(verdict(), "ok");
  write_history();
  write("thing.unsealed");
  const json::value result = get("/verify");
  EXPECT_EQ(result.at("ok"), true);
  EXPECT_EQ(result.at("checkedRows"), 5);
  EXPECT_TRUE(result.at("sealedThrough").is_string());
}

TEST_F(AuditTrail, TellsOfAnEditedRow) {
  write_history();
  tamper("UPDATE audit_log SET metadata = '{\"why\":\"none\"}' WHERE action_type = 'thing.done1'");
  EXPECT_EQ(verdict(), "edited");
}

TEST_F(AuditTrail, TellsOfADeletedRow) {
  write_history();
  tamper("DELETE FROM audit_log WHERE action_type = 'thing.done0'");
  EXPECT_EQ(verdict(), "deleted");
}

TEST_F(AuditTrail, TellsOfTheNewestRowDeletedWithItsSeal) {
  write_history();
  tamper(
      "DELETE FROM audit_log WHERE id IN (SELECT row_id FROM audit_seal_rows WHERE seal = 2);"
      "DELETE FROM audit_seal_rows WHERE seal = 2; DELETE FROM audit_seals WHERE number = 2");
  EXPECT_EQ(verdict(), "truncated");
  // Going on does not cover it up.
  write("thing.later");
  EXPECT_EQ(seal(), 1);
  EXPECT_NE(verdict(), "ok");
}

TEST_F(AuditTrail, TellsOfAnInsertedRow) {
  write_history();
  tamper(
      "INSERT INTO audit_log SELECT gen_random_uuid(), created_at, action_type, actor_id,"
      " subject_type, subject_id, severity, metadata, ip_address, user_agent, request_id, key_id,"
      " mac FROM audit_log WHERE action_type = 'thing.done1'");
  EXPECT_EQ(verdict(), "inserted");
  EXPECT_EQ(seal(), 0);  // it is never sealed
  EXPECT_EQ(verdict(), "inserted");
}

TEST_F(AuditTrail, TellsOfReorderedRows) {
  write_history();
  tamper(
      "DROP INDEX audit_seal_rows_row;"
      "UPDATE audit_seal_rows AS one SET row_id = other.row_id, row_hash = other.row_hash"
      " FROM audit_seal_rows AS other"
      " WHERE one.seal = 1 AND other.seal = 1 AND one.position <> other.position");
  EXPECT_EQ(verdict(), "reordered");
}

TEST_F(AuditTrail, TellsOfAnEmptiedTable) {
  write_history();
  tamper("TRUNCATE audit_log, audit_seals, audit_seal_rows");
  EXPECT_EQ(verdict(), "truncated");
}

TEST_F(AuditTrail, CannotBeChangedByTheServersRoleNorByASlipOfTheOwner) {
  write_history();
  for (const char* role : {"", "SET ROLE wildnout_server;"}) {
    for (const char* sql :
         {"UPDATE audit_log SET severity = 'info'", "DELETE FROM audit_log", "TRUNCATE audit_log",
          "DELETE FROM audit_seals", "UPDATE audit_seal_rows SET position = 9",
          "DELETE FROM audit_log_2026_11"}) {
      db::PlainConnection server{here_.url()};
      server.run(std::string{"SET search_path = wildnout;"} + role);
      if (std::string_view{sql}.ends_with("2026_11") &&
          server.ask("SELECT to_regclass('wildnout.audit_log_2026_11')")[0][0].empty()) {
        continue;  // written in another month
      }
      try {
        server.run(sql);
        ADD_FAILURE() << role << sql;
      } catch (const db::Error& error) {
        EXPECT_EQ(error.sqlstate(), "42501") << role << sql;
      }
    }
  }
  EXPECT_EQ(verdict(), "ok");
}

TEST_F(AuditTrail, IsWrittenAndSealedByTheServersRole) {
  db::Settings settings{.url = here_.url()};
  settings.role = "wildnout_server";
  db::Database limited{loop_.executor(), settings};
  loop_.run([&]() -> Task<> {
    co_await limited.transact([&](db::Session& session) -> Task<> {
      return trail_.record(session, {}, {.action = "thing.done"});
    });
  });
  Sealer sealer{limited, trail_, folder_};
  EXPECT_EQ(loop_.run([&] { return sealer.seal(); }), 1);
  EXPECT_EQ(loop_.run([&] { return make_partitions(limited.session(), 6); }), 3);
  EXPECT_EQ(loop_.run([&] { return make_partitions(limited.session(), 6); }), 0);
  EXPECT_EQ(verdict(), "ok");
  db::PlainConnection server{here_.url()};
  server.run("SET search_path = wildnout; SET ROLE wildnout_server");
  const auto rows = server.ask(
      "SELECT count(*) FROM pg_class c JOIN pg_inherits i ON i.inhrelid = c.oid"
      " WHERE i.inhparent = 'audit_log'::regclass"
      " AND has_table_privilege(c.oid, 'DELETE, UPDATE, TRUNCATE')");
  EXPECT_EQ(rows[0][0], "0");
}

}  // namespace
}  // namespace wildnout::audit
