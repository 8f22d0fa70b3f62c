// The runner's loop and its statements.
#include "platform/jobs/runner.hpp"

#include <algorithm>
#include <boost/describe.hpp>

#include "platform/db/query.hpp"
#include "platform/log/log.hpp"
#include "platform/metrics/metrics.hpp"

namespace wildnout::jobs {

struct ClaimedJob {
  Uuid id;
  std::string type;
  std::string payload;
  std::int32_t attempts;
  std::int64_t lease;
};
BOOST_DESCRIBE_STRUCT(ClaimedJob, (), (id, type, payload, attempts, lease))

namespace {

using namespace std::chrono_literals;

constexpr int most_in_hand = 4;  // a job holds a leased connection while it runs
constexpr auto longest_poll = 250ms;
constexpr auto after_fault = 1000ms;
constexpr auto tidy_every = 30s;

const db::Query<ClaimedJob(std::vector<std::string>, std::int32_t)> claim_jobs{"claim_jobs",
                                                                               R"sql(
  UPDATE jobs SET state = 'running', attempts = attempts + 1, lease = lease + 1,
                  leased_until = clock_timestamp() + interval '60 seconds'
  WHERE id IN (SELECT id FROM jobs
               WHERE state = 'waiting' AND run_at <= clock_timestamp() AND type = ANY($1)
               ORDER BY run_at LIMIT $2 FOR UPDATE SKIP LOCKED)
  RETURNING id, type, payload, attempts, lease)sql"};

// Milliseconds until the next waiting job is due, not below zero.
const db::Query<std::optional<std::int64_t>(std::vector<std::string>)> until_next_job{
    "until_next_job", R"sql(
  SELECT (SELECT greatest(0, ceil(extract(epoch FROM run_at - clock_timestamp()) * 1000))::bigint
          FROM jobs WHERE state = 'waiting' AND type = ANY($1) ORDER BY run_at LIMIT 1))sql"};

// Each id goes with the lease at its place.
const db::Query<void(std::vector<Uuid>, std::vector<std::int64_t>)> renew_jobs{"renew_jobs", R"sql(
  UPDATE jobs SET leased_until = clock_timestamp() + interval '60 seconds'
  FROM unnest($1, $2) AS held (id, lease)
  WHERE jobs.id = held.id AND jobs.lease = held.lease AND jobs.state = 'running')sql"};

const db::Query<void(Uuid, std::int64_t)> complete_job{"complete_job", R"sql(
  UPDATE jobs SET state = 'completed', finished_at = now_ms(), leased_until = NULL
  WHERE id = $1 AND lease = $2 AND state = 'running')sql"};

const db::Query<void(Uuid, std::int64_t, std::string_view)> fail_job{"fail_job", R"sql(
  UPDATE jobs SET state = next.state,
    finished_at = CASE WHEN next.state = 'failed' THEN now_ms() END,
    run_at = now_ms() + least(interval '5 minutes',
                              interval '1 second' * power(2, least(attempts, 10) - 1)),
    leased_until = NULL, fault = $3
  FROM (SELECT CASE WHEN attempts >= max_attempts OR EXISTS (
                      SELECT 1 FROM jobs AS other
                      WHERE other.unique_key = own.unique_key AND other.state = 'waiting')
                    THEN 'failed' ELSE 'waiting' END AS state
        FROM jobs AS own WHERE id = $1) AS next
  WHERE id = $1 AND lease = $2 AND jobs.state = 'running')sql"};

// Jobs of runners that died. A job whose key waits again already has a successor: it is dropped.
const db::Query<void()> drop_succeeded_jobs{"drop_succeeded_jobs", R"sql(
  DELETE FROM jobs USING jobs AS successor
  WHERE jobs.state = 'running' AND jobs.leased_until < clock_timestamp()
    AND successor.unique_key = jobs.unique_key AND successor.state = 'waiting')sql"};
const db::Query<void()> rescue_jobs{"rescue_jobs", R"sql(
  UPDATE jobs SET state = 'waiting', leased_until = NULL, run_at = now_ms()
  WHERE state = 'running' AND leased_until < clock_timestamp())sql"};

// Keeps the newest 500 completed and 5,000 failed ones.
const db::Query<void(std::string_view, std::int32_t)> forget_jobs{"forget_jobs", R"sql(
  DELETE FROM jobs WHERE state = $1 AND finished_at <= (
    SELECT finished_at FROM jobs WHERE state = $1 AND finished_at IS NOT NULL
    ORDER BY finished_at DESC OFFSET $2 LIMIT 1))sql"};

std::vector<std::string> names_of(const std::map<std::string, Runner::Handler, std::less<>>& all) {
  std::vector<std::string> names;
  for (const auto& [name, handler] : all) names.push_back(name);
  return names;
}

}  // namespace

Task<> Runner::run() {
  auto next_tidy = std::chrono::steady_clock::now();
  auto next_renewal = next_tidy + renew_every_;
  while (!is_stopping_) {
    std::chrono::milliseconds pause = after_fault;
    try {
      if (std::chrono::steady_clock::now() >= next_tidy) {
        co_await tidy();
        next_tidy = std::chrono::steady_clock::now() + tidy_every;
      }
      if (std::chrono::steady_clock::now() >= next_renewal) {
        co_await renew();
        next_renewal = std::chrono::steady_clock::now() + renew_every_;
      }
      pause = co_await claim_some();
    } catch (const std::exception& fault) {
      log::warn("jobs wait", {{"what", fault.what()}});
    }
    if (pause > 0ms && !is_stopping_) co_await signal_.wait_for(pause);
  }
  while (!in_hand_.empty()) co_await signal_.wait_for(longest_poll);
}

void Runner::stop() {
  is_stopping_ = true;
  signal_.raise();
}

Task<std::chrono::milliseconds> Runner::claim_some() {
  const int room = most_in_hand - static_cast<int>(in_hand_.size());
  if (room <= 0) co_return longest_poll;  // the end of a job wakes us
  const auto types = names_of(handlers_);
  auto claimed = co_await db::all(database_.session(), claim_jobs, types, room);
  for (ClaimedJob& job : claimed) {
    in_hand_[job.id] = job.lease;
    async::spawn(
        executor_, "job",
        perform(Job{job.id, std::move(job.type), std::move(job.payload), job.attempts}, job.lease));
  }
  if (!claimed.empty()) co_return 0ms;
  const auto next = co_await db::one(database_.session(), until_next_job, types);
  co_return std::min<std::chrono::milliseconds>(longest_poll,
                                                std::chrono::milliseconds{next.value_or(1000)});
}

Task<> Runner::perform(Job job, std::int64_t lease) {
  static metrics::Counter& completed =
      metrics::counter("wildnout_jobs_completed_total", "Jobs done");
  static metrics::Counter& failed =
      metrics::counter("wildnout_jobs_failed_total", "Attempts of jobs that failed");
  std::string fault;
  try {
    const Handler& handler = handlers_.find(job.type)->second;
    co_await database_.transact([&](db::Session& session) -> Task<> {
      co_await handler(session, job);
      if (co_await db::run(session, complete_job, job.id, lease) != 1) {
        throw std::runtime_error{"the job was taken over by another runner"};
      }
    });
    completed.add();
  } catch (const std::exception& what) {
    fault = what.what();
  }
  if (!fault.empty()) {
    failed.add();
    log::error(
        "a job failed",
        {{"job", job.id.text()}, {"type", job.type}, {"attempt", job.attempt}, {"what", fault}});
    try {
      co_await db::run(database_.session(), fail_job, job.id, lease, fault);
    } catch (const std::exception& what) {
      log::warn("a failed job is left to its lease", {{"what", what.what()}});
    }
  }
  in_hand_.erase(job.id);
  signal_.raise();
}

Task<> Runner::renew() {
  std::vector<Uuid> ids;
  std::vector<std::int64_t> leases;
  for (const auto& [id, lease] : in_hand_) {
    ids.push_back(id);
    leases.push_back(lease);
  }
  if (!ids.empty()) co_await db::run(database_.session(), renew_jobs, ids, leases);
}

Task<> Runner::tidy() {
  constexpr std::int32_t completed_kept = 500;
  constexpr std::int32_t failed_kept = 5000;
  co_await db::run(database_.session(), drop_succeeded_jobs);
  co_await db::run(database_.session(), rescue_jobs);
  co_await db::run(database_.session(), forget_jobs, "completed", completed_kept);
  co_await db::run(database_.session(), forget_jobs, "failed", failed_kept);
}

}  // namespace wildnout::jobs
