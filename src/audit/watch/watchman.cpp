// From the position on: new seals, and the minutes since.
#include "audit/watch/watchman.hpp"

#include <algorithm>

#include "audit/watch/fact_repository.hpp"
#include "platform/jobs/jobs.hpp"
#include "platform/json/json.hpp"
#include "platform/log/log.hpp"
#include "platform/metrics/metrics.hpp"
#include "platform/values/spelling.hpp"

namespace wildnout::audit::watch {

// What the trail keeps of a case that was opened.
struct CaseOpened {
  AnomalyKind kind;
  DetectorMode mode;
  std::int64_t facts;
};
BOOST_DESCRIBE_STRUCT(CaseOpened, (), (kind, mode, facts))

namespace {

constexpr std::string_view job_type = "watch_for_anomalies";
constexpr std::int64_t seals_a_look = 200;  // each has 1,000 rows at most
// Sign-in facts are counted where they are written; a writer may be so late with its commit.
constexpr std::chrono::minutes latest_commit{2};
// How far back the facts of a case that is still open are counted again.
constexpr std::chrono::hours longest_case{24};
constexpr std::chrono::minutes slot_length{10};  // of sign_in_networks

metrics::Counter& found(AnomalyKind kind, DetectorMode mode) {
  return metrics::counter(
      "wildnout_anomalies_found_total", "Cases that the watch has opened",
      {{"kind", std::string{spelled(kind)}}, {"mode", std::string{spelled(mode)}}});
}

Judged judged_of(const std::vector<JudgedRow>& rows) {
  Judged judged;
  for (const JudgedRow& row : rows) judged[{row.kind, row.subject_id}] = row.until;
  return judged;
}

}  // namespace

void Watchman::register_job(jobs::Runner& runner) {
  runner.handle(std::string{job_type}, [this](db::Session& session, jobs::Job) -> Task<> {
    const bool has_more = co_await look(session);
    const Timestamp now = co_await time_now(session);
    co_await jobs::enqueue(session, {.type = std::string{job_type},
                                     .payload = "{}",
                                     .run_at = has_more ? now : now + look_every,
                                     .unique_key = std::string{job_type}});
  });
}

Task<> Watchman::ensure_job(db::Session& db) {
  return jobs::enqueue(
      db, {.type = std::string{job_type}, .payload = "{}", .unique_key = std::string{job_type}});
}

Task<bool> Watchman::look(db::Session& db) {
  const auto position = co_await lock_position(db);
  if (!position) co_return false;
  const std::int64_t newest = co_await newest_seal(db);
  const std::int64_t through = std::min(newest, position->seal + seals_a_look);
  const Timestamp now = co_await time_now(db);
  std::vector<Finding> findings;
  if (through > position->seal) {
    findings = co_await look_at_trail(db, position->seal, through);
  }
  for (Finding& finding : co_await look_at_sign_ins(db, position->minute)) {
    findings.push_back(std::move(finding));
  }
  for (Finding& finding : findings) co_await keep(db, std::move(finding));
  co_await move_position(db, {std::max(through, position->seal), now - latest_commit});
  co_return through < newest;
}

Task<std::vector<Finding>> Watchman::look_at_trail(db::Session& db, std::int64_t after,
                                                   std::int64_t through) {
  const auto touched = co_await find_touched(db, after, through, watched_actions());
  if (touched.empty()) co_return std::vector<Finding>{};
  const seconds window = longest_of(detectors_);
  std::vector<Uuid> actors;
  std::vector<std::string> subjects;
  Timestamp from = touched.front().first_at;
  Timestamp to = touched.front().last_at;
  for (const Touched& one : touched) {
    actors.push_back(one.actor_id);
    subjects.push_back(one.actor_id.text());
    from = std::min(from, one.first_at);
    to = std::max(to, one.last_at);
  }
  from -= window;
  const auto open = co_await open_since(db, std::move(subjects), to - longest_case);
  if (open) from = std::min(from, *open);
  const Judged judged = judged_of(co_await find_judged(db, from));
  const auto acts = co_await find_acts(db, std::move(actors), watched_actions(), from, to + window);
  co_return detect(acts, detectors_, judged);
}

Task<std::vector<Finding>> Watchman::look_at_sign_ins(db::Session& db, Timestamp from) {
  const Judged judged = judged_of(co_await find_judged(db, from - longest_of(detectors_)));
  const seconds failures_window =
      std::max(detectors_.failed_sign_ins.rate.window, detectors_.spread_sign_ins.rate.window);
  const auto failures = co_await find_failures(db, from - failures_window);
  std::vector<Finding> findings = detect(failures, detectors_, judged);
  const Rate networks = detectors_.many_networks.rate;
  const auto uses = co_await find_uses(db, from - networks.window - slot_length, networks.limit);
  for (Finding& finding : detect(uses, detectors_, judged)) findings.push_back(std::move(finding));
  co_return findings;
}

Task<> Watchman::keep(db::Session& db, Finding finding) {
  const DetectorMode mode = detector_of(finding.kind, detectors_).mode;
  if (!co_await insert_or_extend(db, finding, mode)) co_return;
  co_await trail_.record(
      db, {},
      {.action = "anomaly.found",
       .subject_type = std::string{spelled(finding.subject_type)},
       .subject_id = finding.subject_id,
       .severity = finding.severity,
       .metadata = json::text_of(CaseOpened{finding.kind, mode, finding.evidence.facts})});
  db.after_commit(
      [kind = finding.kind, mode, subject = finding.subject_id, facts = finding.evidence.facts] {
        found(kind, mode).add();
        if (mode != DetectorMode::alert) return;
        log::warn("anomaly", {{"kind", spelled(kind)}, {"subject", subject}, {"facts", facts}});
      });
}

}  // namespace wildnout::audit::watch
