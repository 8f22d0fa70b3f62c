// The SQL of cases.
#include "audit/watch/case_repository.hpp"

#include "platform/db/query.hpp"
#include "platform/json/json.hpp"

namespace wildnout::audit::watch {
namespace {

using Text = std::string;

const db::Query<Position()> position_held{"watch_position_held", R"sql(
  SELECT seal, minute FROM watch_position FOR UPDATE SKIP LOCKED)sql"};

const db::Query<Position()> position_awaited{"watch_position_awaited",
                                             "SELECT seal, minute FROM watch_position FOR UPDATE"};

const db::Query<void(std::int64_t, Timestamp)> position_moved{
    "watch_position_moved", "UPDATE watch_position SET seal = $1, minute = $2"};

const db::Query<std::int64_t()> last_seal_number{
    "watch_newest_seal", "SELECT coalesce(max(number), 0) FROM audit_seals"};

const db::Query<Timestamp()> time_of_watch{"watch_time_now", "SELECT now_ms()"};

const db::Query<JudgedRow(Timestamp)> judged_since{"watch_judged_since", R"sql(
  SELECT kind, subject_id, max(last_at) AS until FROM anomalies
   WHERE resolved_at IS NOT NULL AND last_at >= $1
   GROUP BY kind, subject_id)sql"};

const db::Query<std::optional<Timestamp>(std::vector<Text>, Timestamp)> oldest_open{
    "watch_oldest_open", R"sql(
  SELECT min(first_at) FROM anomalies
   WHERE resolved_at IS NULL AND subject_id = ANY ($1) AND first_at >= $2)sql"};

// The same facts again change nothing: a case grows only by what it did not cover.
const db::Query<bool(Uuid, AnomalyKind, SubjectType, Text, Severity, DetectorMode, std::int64_t,
                     Text, Timestamp, Timestamp)>
    opened_or_extended{"anomaly_opened", R"sql(
  INSERT INTO anomalies (id, kind, subject_type, subject_id, severity, mode, fact_count, evidence,
                         first_at, last_at)
  VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
  ON CONFLICT (kind, subject_id) WHERE resolved_at IS NULL DO UPDATE
     SET first_at = least(anomalies.first_at, EXCLUDED.first_at),
         last_at = greatest(anomalies.last_at, EXCLUDED.last_at),
         fact_count = greatest(anomalies.fact_count, EXCLUDED.fact_count),
         evidence = CASE WHEN EXCLUDED.fact_count > anomalies.fact_count
                         THEN EXCLUDED.evidence ELSE anomalies.evidence END
  RETURNING id = $1)sql"};

const db::Query<CaseRow(std::optional<AnomalyState>, std::optional<AnomalyKind>,
                        std::optional<Severity>, std::optional<Uuid>, std::int32_t)>
    cases_by_filter{"anomalies_by_filter", R"sql(
  SELECT id, kind, subject_type, subject_id, severity, mode, fact_count, evidence, first_at,
         last_at, found_at, resolution, note, resolved_by, resolved_at
    FROM anomalies
   WHERE ($1::text IS NULL OR (resolved_at IS NULL) = ($1 = 'open'))
     AND ($2::text IS NULL OR kind = $2)
     AND ($3::text IS NULL OR severity = $3)
     AND ($4::uuid IS NULL OR id < $4)
   ORDER BY id DESC LIMIT $5)sql"};

const db::Query<CaseRow(Uuid)> case_held{"anomaly_held", R"sql(
  SELECT id, kind, subject_type, subject_id, severity, mode, fact_count, evidence, first_at,
         last_at, found_at, resolution, note, resolved_by, resolved_at
    FROM anomalies WHERE id = $1 FOR UPDATE)sql"};

const db::Query<void(Uuid, AnomalyResolution, Text, Uuid)> case_resolved{"anomaly_resolved", R"sql(
  UPDATE anomalies SET resolution = $2, note = $3, resolved_by = $4, resolved_at = now_ms()
   WHERE id = $1)sql"};

}  // namespace

Task<std::optional<Position>> lock_position(db::Session& db) {
  return db::maybe(db, position_held);
}

Task<> move_position(db::Session& db, Position position) {
  co_await db::run(db, position_moved, position.seal, position.minute);
}

Task<std::int64_t> newest_seal(db::Session& db) { return db::one(db, last_seal_number); }

Task<Timestamp> time_now(db::Session& db) { return db::one(db, time_of_watch); }

Task<std::vector<JudgedRow>> find_judged(db::Session& db, Timestamp from) {
  return db::all(db, judged_since, from);
}

Task<std::optional<Timestamp>> open_since(db::Session& db, std::vector<std::string> subjects,
                                          Timestamp from) {
  return db::one(db, oldest_open, subjects, from);
}

Task<bool> insert_or_extend(db::Session& db, Finding finding, DetectorMode mode) {
  const std::string evidence = json::text_of(finding.evidence);
  co_return co_await db::one(db, opened_or_extended, Uuid::make(), finding.kind,
                             finding.subject_type, finding.subject_id, finding.severity, mode,
                             finding.evidence.facts, evidence, finding.first_at, finding.last_at);
}

Task<std::vector<CaseRow>> find_cases(db::Session& db, CaseFilter filter, std::optional<Uuid> after,
                                      std::int32_t limit) {
  return db::all(db, cases_by_filter, filter.state, filter.kind, filter.severity, after, limit);
}

Task<> hold_watch(db::Session& db) { (void)co_await db::maybe(db, position_awaited); }

Task<std::optional<CaseRow>> lock_case(db::Session& db, Uuid id) {
  return db::maybe(db, case_held, id);
}

Task<> resolve_case(db::Session& db, Uuid id, AnomalyResolution resolution, std::string note,
                    Uuid by) {
  co_await db::run(db, case_resolved, id, resolution, note, by);
}

}  // namespace wildnout::audit::watch
