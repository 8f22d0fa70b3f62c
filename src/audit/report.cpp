// Counting by index, and spelling the report as a table.
#include "audit/report.hpp"

#include <algorithm>
#include <array>
#include <map>

#include "audit/checking.hpp"
#include "audit/head_file.hpp"
#include "audit/report_repository.hpp"
#include "audit/repository.hpp"
#include "platform/values/spelling.hpp"

namespace wildnout::audit {
namespace {

struct Assignment {
  std::string_view beginning;  // of action types
  Area area;
};

// The first that fits holds.
constexpr std::array assignments{
    Assignment{"user.personalDataRead", Area::personal_data_access},
    Assignment{"user.soughtByEmail", Area::personal_data_access},
    Assignment{"user.export", Area::exports},
    Assignment{"user.deletion", Area::erasures},
    Assignment{"user.erased", Area::erasures},
    Assignment{"user.roles", Area::role_changes},
    Assignment{"user.suspended", Area::suspensions},
    Assignment{"user.unsuspended", Area::suspensions},
    Assignment{"user.impersonated", Area::impersonations},
    Assignment{"battle.", Area::decisions},
    Assignment{"entry.", Area::decisions},
    Assignment{"proposal.", Area::decisions},
    Assignment{"vote.", Area::decisions},
    Assignment{"votes.", Area::decisions},
    Assignment{"permission.", Area::denials},
    Assignment{"session.", Area::sessions},
    Assignment{"anomaly.", Area::anomalies},
};

std::string text_of_number(std::int64_t number) { return std::to_string(number); }

class Table {
 public:
  Table() { add("section", "name", "value"); }

  void add(std::string_view section, std::string_view name, std::string_view value) {
    text_.append(csv_cell(section)).append(",").append(csv_cell(name)).append(",");
    text_.append(csv_cell(value)).append("\r\n");
  }
  void add(std::string_view section, std::string_view name, std::int64_t value) {
    add(section, name, text_of_number(value));
  }
  [[nodiscard]] std::string take() { return std::move(text_); }

 private:
  std::string text_;
};

void add_chain(Table& table, const Verification& chain) {
  table.add("auditChain", "ok", chain.ok ? "true" : "false");
  table.add("auditChain", "checkedRows", chain.checked_rows);
  if (chain.sealed_through)
    table.add("auditChain", "sealedThrough", text_of(*chain.sealed_through));
  if (!chain.first_fault) return;
  table.add("auditChain", "fault", spelled(chain.first_fault->kind));
  if (const auto& row = chain.first_fault->row_id) table.add("auditChain", "faultRow", row->text());
}

}  // namespace

Area area_of(std::string_view action_type) {
  for (const Assignment& one : assignments) {
    if (action_type.starts_with(one.beginning)) return one.area;
  }
  return Area::other;
}

std::string csv_cell(std::string_view text) {
  constexpr std::string_view formula = "=+-@\t\r\n";
  std::string cell{"\""};
  if (!text.empty() && formula.find(text.front()) != std::string_view::npos) cell.push_back('\'');
  for (const char c : text) {
    if (c == '"') cell.push_back('"');
    cell.push_back(c);
  }
  cell.push_back('"');
  return cell;
}

std::string csv_of(const ComplianceReport& report) {
  Table table;
  table.add("report", "from", text_of(report.from));
  table.add("report", "to", text_of(report.to));
  table.add("report", "madeAt", text_of(report.made_at));
  for (const AreaCount& area : report.areas) table.add("areas", spelled(area.area), area.count);
  for (const ActionCount& action : report.actions) {
    table.add("actions", action.action_type, action.count);
  }
  table.add("signIns", "failures", report.sign_in_failures);
  for (const AnomalyCount& one : report.anomalies) {
    const std::string kind{spelled(one.kind)};
    table.add("anomalies", kind + ".found", one.found);
    table.add("anomalies", kind + ".open", one.open);
    table.add("anomalies", kind + ".confirmed", one.confirmed);
    table.add("anomalies", kind + ".falseAlarms", one.false_alarms);
    table.add("anomalies", kind + ".handled", one.handled);
  }
  add_chain(table, report.audit_chain);
  return table.take();
}

Task<ComplianceReport> Reports::compliance(Timestamp from, Timestamp to) {
  db::Session& session = database_.session(db::Work::slow);
  ComplianceReport report{from, to, co_await database_time(session), {}, {}, 0, {}, {}};
  std::map<Area, std::int64_t> areas;
  for (std::size_t i = 0; i <= static_cast<std::size_t>(Area::other); ++i) {
    areas[static_cast<Area>(i)] = 0;
  }
  for (TypeCount& one : co_await count_actions(session, from, to)) {
    const Area area = area_of(one.action_type);
    areas[area] += one.count;
    report.actions.push_back({area, std::move(one.action_type), one.count});
  }
  for (const auto& [area, count] : areas) report.areas.push_back({area, count});
  report.sign_in_failures = co_await count_sign_in_failures(session, from, to);
  report.anomalies = co_await count_anomalies(session, from, to);
  const HeadFile file{folder_, co_await database_identity(session)};
  report.audit_chain = co_await check_trail(session, trail_.keys(), file.read());
  co_return report;
}

}  // namespace wildnout::audit
