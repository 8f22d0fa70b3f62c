// The SQL of reports: each count goes through an index on time.
#include "audit/report_repository.hpp"

#include "platform/db/query.hpp"

namespace wildnout::audit {
namespace {

const db::Query<TypeCount(Timestamp, Timestamp)> actions_counted{"report_actions", R"sql(
  SELECT action_type, count(*) AS count FROM audit_log
   WHERE created_at >= $1 AND created_at < $2
   GROUP BY action_type ORDER BY action_type)sql"};

const db::Query<std::int64_t(Timestamp, Timestamp)> failures_counted{"report_sign_in_failures",
                                                                     R"sql(
  SELECT coalesce(sum(failures), 0)::bigint FROM sign_in_failure_hours
   WHERE hour >= $1 AND hour < $2)sql"};

const db::Query<AnomalyCount(Timestamp, Timestamp)> anomalies_counted{"report_anomalies", R"sql(
  SELECT kind, count(*) AS found,
         count(*) FILTER (WHERE resolution IS NULL) AS open,
         count(*) FILTER (WHERE resolution = 'confirmed') AS confirmed,
         count(*) FILTER (WHERE resolution = 'falseAlarm') AS false_alarms,
         count(*) FILTER (WHERE resolution = 'handled') AS handled
    FROM anomalies WHERE found_at >= $1 AND found_at < $2
   GROUP BY kind ORDER BY kind)sql"};

}  // namespace

Task<std::vector<TypeCount>> count_actions(db::Session& db, Timestamp from, Timestamp to) {
  return db::all(db, actions_counted, from, to);
}

Task<std::int64_t> count_sign_in_failures(db::Session& db, Timestamp from, Timestamp to) {
  return db::one(db, failures_counted, from, to);
}

Task<std::vector<AnomalyCount>> count_anomalies(db::Session& db, Timestamp from, Timestamp to) {
  return db::all(db, anomalies_counted, from, to);
}

}  // namespace wildnout::audit
