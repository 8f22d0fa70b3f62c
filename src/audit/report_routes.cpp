// The report over HTTP, as JSON or as a table.
#include "audit/routes.hpp"
#include "platform/api/answers.hpp"
#include "platform/json/json.hpp"

namespace wildnout::audit {

enum class ReportFormat : std::uint8_t { json, csv };
BOOST_DESCRIBE_ENUM(ReportFormat, json, csv)

struct AskCompliance {
  api::Required<Timestamp> from;
  api::Required<Timestamp> to;
  std::optional<ReportFormat> format;  // goes before Accept
};
BOOST_DESCRIBE_STRUCT(AskCompliance, (), (from, to, format))

namespace {

constexpr std::string_view table_type = "text/csv; charset=utf-8";
constexpr std::string_view as_file =
    "Content-Disposition: attachment; filename=\"compliance.csv\"\r\n";

bool wants_table(const AskCompliance& query, std::string_view accept) {
  if (query.format) return *query.format == ReportFormat::csv;
  return accept.starts_with("text/csv");
}

Task<api::OrPlain<ComplianceReport>> show(Reports& reports, AskCompliance query, bool is_table) {
  if (*query.to <= *query.from) api::refuse_invalid({{"to", "must be after from"}});
  if (*query.to - *query.from > longest_report) {
    api::refuse_invalid({{"to", "must be at most 366 days after from"}});
  }
  ComplianceReport report = co_await reports.compliance(*query.from, *query.to);
  if (!is_table) co_return api::OrPlain<ComplianceReport>{std::move(report)};
  co_return api::OrPlain<ComplianceReport>{
      api::Plain{csv_of(report), table_type, 200, std::string{as_file}}};
}

}  // namespace

void mount_reports(api::Router& router, Reports& reports) {
  router.get("/admin/reports/compliance",
             [&reports](api::Permitted<"audit:read">, api::Query<AskCompliance> query,
                        api::Raw raw) -> Task<api::OrPlain<ComplianceReport>> {
               const bool is_table = wants_table(*query, raw.header("accept"));
               return show(reports, std::move(query.value), is_table);
             },
             {.summary = "What the records say of a time, in numbers",
              .tag = "administration",
              .tier = api::Tier::search,
              .description = "At most 366 days; from is included, to is not. As a table with "
                             "Accept: text/csv or format=csv.",
              .content_type = "text/csv"});
}

}  // namespace wildnout::audit
