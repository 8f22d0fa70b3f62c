// The compliance report: counts of what is stored, and a table that a spreadsheet may open.
#include "audit/report.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <boost/json.hpp>

#include "audit/routes.hpp"
#include "audit/sealer.hpp"
#include "platform/api/router.hpp"
#include "platform/db/plain.hpp"
#include "support/database.hpp"
#include "support/request.hpp"
#include "support/run.hpp"

namespace wildnout::audit {
namespace {

namespace json = boost::json;

class Doorman final : public api::Authenticator {
 public:
  Task<std::optional<api::Caller>> authenticate(const http::Request&) override {
    static constexpr std::string_view of_admin[] = {"audit:read"};
    api::Caller caller{};
    caller.permissions = of_admin;
    co_return caller;
  }
};

class ComplianceReports : public ::testing::Test {
 protected:
  ComplianceReports() {
    std::string name = (std::filesystem::temp_directory_path() / "report.XXXXXX").string();
    folder_ = mkdtemp(name.data());
    reports_.emplace(database_, trail_, folder_);
    mount_reports(router_, *reports_);
  }
  ~ComplianceReports() override { std::filesystem::remove_all(folder_); }

  void write(const std::string& action) {
    loop_.run([&]() -> Task<> {
      co_await database_.transact([&](db::Session& session) -> Task<> {
        return trail_.record(session, {}, {.action = action});
      });
    });
  }
  http::Response ask(const std::string& query, const std::string& accept = "application/json") {
    testing::HandMadeRequest request{http::Method::get, "/api/v1/admin/reports/compliance" + query};
    request.set("accept", accept);
    return loop_.run([&] { return router_.answer(request); });
  }
  static std::string text_of(const http::Response& response) {
    return std::get<std::string>(response.body);
  }
  static std::string now_and_then() {
    const Timestamp now = system_now();
    return "?from=" + wildnout::text_of(now - std::chrono::hours{24}) +
           "&to=" + wildnout::text_of(now + std::chrono::hours{1});
  }

  const testing::Database here_;
  std::filesystem::path folder_;
  testing::Loop loop_;
  Doorman doorman_;
  db::Database database_{loop_.executor(), {.url = here_.url()}};
  Trail trail_ = Trail::with_random_key();
  std::optional<Reports> reports_;
  api::Router router_{doorman_, database_};
};

TEST_F(ComplianceReports, CountWhatWasWrittenDown) {
  for (const char* action :
       {"user.rolesChanged", "user.rolesGranted", "user.exportRequested", "user.erased",
        "user.personalDataRead", "vote.voided", "permission.denied", "thing.done"}) {
    write(action);
  }
  Sealer sealer{database_, trail_, folder_};
  EXPECT_EQ(loop_.run([&] { return sealer.seal(); }), 8);
  db::PlainConnection{here_.url()}.run(R"sql(SET search_path = wildnout;
    INSERT INTO sign_in_failure_hours VALUES (date_trunc('hour', now()), 41),
      (now() - interval '3 days', 1000);
    INSERT INTO anomalies (id, kind, subject_type, subject_id, severity, mode, fact_count, evidence,
                           first_at, last_at)
    VALUES (gen_random_uuid(), 'massExport', 'user', 'x', 'critical', 'alert', 5, '{}', now(),
            now()))sql");
  const auto response = ask(now_and_then());
  ASSERT_EQ(response.status, 200);
  const json::value report = json::parse(text_of(response));
  std::map<std::string, std::int64_t> areas;
  for (const auto& one : report.at("areas").as_array()) {
    areas[std::string{one.at("area").as_string()}] = one.at("count").as_int64();
  }
  EXPECT_EQ(areas["roleChanges"], 2);
  EXPECT_EQ(areas["exports"], 1);
  EXPECT_EQ(areas["erasures"], 1);
  EXPECT_EQ(areas["personalDataAccess"], 1);
  EXPECT_EQ(areas["decisions"], 1);
  EXPECT_EQ(areas["denials"], 1);
  EXPECT_EQ(areas["other"], 1);
  EXPECT_EQ(areas["suspensions"], 0);
  EXPECT_EQ(report.at("actions").as_array().size(), 8U);
  EXPECT_EQ(report.at("signInFailures"), 41);
  EXPECT_EQ(report.at("anomalies").at(0).at("open"), 1);
  EXPECT_EQ(report.at("auditChain").at("ok"), true);
  EXPECT_EQ(report.at("auditChain").at("checkedRows"), 8);
}

TEST_F(ComplianceReports, ComeAsATableToWhoAsksForOne) {
  write("user.suspended");
  for (const auto& response :
       {ask(now_and_then(), "text/csv"), ask(now_and_then() + "&format=csv")}) {
    EXPECT_EQ(response.status, 200);
    EXPECT_EQ(response.content_type, "text/csv; charset=utf-8");
    EXPECT_NE(response.headers.find("attachment"), std::string::npos);
    EXPECT_TRUE(text_of(response).starts_with("\"section\",\"name\",\"value\"\r\n"));
    EXPECT_NE(text_of(response).find("\"actions\",\"user.suspended\",\"1\"\r\n"),
              std::string::npos);
  }
  const auto chosen = ask(now_and_then() + "&format=json", "text/csv");
  EXPECT_EQ(chosen.content_type, "application/json");
}

TEST_F(ComplianceReports, AreOfAYearAtTheMost) {
  const auto status = [&](const std::string& from, const std::string& to) {
    return ask("?from=" + from + "T00:00:00.000Z&to=" + to + "T00:00:00.000Z").status;
  };
  EXPECT_EQ(status("2026-01-01", "2027-01-02"), 200);
  EXPECT_EQ(status("2026-01-01", "2027-01-03"), 400);
  EXPECT_EQ(status("2026-01-02", "2026-01-02"), 400);
  EXPECT_EQ(ask("?from=2026-01-02T00:00:00.000Z").status, 400);
}

TEST(ComplianceTable, ACellNeverBeginsAFormula) {
  EXPECT_EQ(csv_cell("plain"), "\"plain\"");
  EXPECT_EQ(csv_cell("=1+1"), "\"'=1+1\"");
  EXPECT_EQ(csv_cell("+1"), "\"'+1\"");
  EXPECT_EQ(csv_cell("-1"), "\"'-1\"");
  EXPECT_EQ(csv_cell("@SUM(A1)"), "\"'@SUM(A1)\"");
  EXPECT_EQ(csv_cell("\t=1"), "\"'\t=1\"");
  EXPECT_EQ(csv_cell("say \"hi\", twice"), "\"say \"\"hi\"\", twice\"");
}

}  // namespace
}  // namespace wildnout::audit
