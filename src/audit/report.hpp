// The compliance report: what stored facts say of a time, in numbers.
#pragma once

#include <boost/describe/class.hpp>
#include <boost/describe/enum.hpp>
#include <chrono>
#include <filesystem>
#include <string>
#include <vector>

#include "audit/model.hpp"
#include "audit/watch/rules.hpp"
#include "platform/audit/trail.hpp"
#include "platform/db/database.hpp"

namespace wildnout::audit {

inline constexpr std::chrono::days longest_report{366};

// What an action type is about.
enum class Area : std::uint8_t {
  personal_data_access,
  exports,
  erasures,
  role_changes,
  suspensions,
  decisions,  // of staff on battles, votes and entries
  denials,
  impersonations,
  sessions,
  anomalies,
  other
};
BOOST_DESCRIBE_ENUM(Area, personal_data_access, exports, erasures, role_changes, suspensions,
                    decisions, denials, impersonations, sessions, anomalies, other)

struct ActionCount {
  Area area;
  std::string action_type;
  std::int64_t count;
};
BOOST_DESCRIBE_STRUCT(ActionCount, (), (area, action_type, count))

struct AreaCount {
  Area area;
  std::int64_t count;
};
BOOST_DESCRIBE_STRUCT(AreaCount, (), (area, count))

// Cases that were opened in the time, as they stand now.
struct AnomalyCount {
  watch::AnomalyKind kind;
  std::int64_t found;
  std::int64_t open;
  std::int64_t confirmed;
  std::int64_t false_alarms;
  std::int64_t handled;
};
BOOST_DESCRIBE_STRUCT(AnomalyCount, (), (kind, found, open, confirmed, false_alarms, handled))

struct ComplianceReport {
  Timestamp from;
  Timestamp to;  // not included
  Timestamp made_at;
  std::vector<AreaCount> areas;      // every area, also those with nothing in it
  std::vector<ActionCount> actions;  // by type, those that happened
  std::int64_t sign_in_failures;     // of the hours that begin in the time
  std::vector<AnomalyCount> anomalies;
  Verification audit_chain;  // of the whole trail, now
};
BOOST_DESCRIBE_STRUCT(ComplianceReport, (),
                      (from, to, made_at, areas, actions, sign_in_failures, anomalies, audit_chain))

[[nodiscard]] Area area_of(std::string_view action_type);

// RFC 4180, a line a number. A cell never begins as a formula does, so that a spreadsheet that
// opens it computes nothing.
[[nodiscard]] std::string csv_of(const ComplianceReport& report);
[[nodiscard]] std::string csv_cell(std::string_view text);

// One a shard.
class Reports {
 public:
  Reports(db::Database& database, const Trail& trail, std::filesystem::path folder)
      : database_{database}, trail_{trail}, folder_{std::move(folder)} {}

  [[nodiscard]] Task<ComplianceReport> compliance(Timestamp from, Timestamp to);

 private:
  db::Database& database_;
  const Trail& trail_;
  std::filesystem::path folder_;
};

}  // namespace wildnout::audit
