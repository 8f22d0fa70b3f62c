// The statements that enqueue and withdraw jobs.
#include "platform/jobs/jobs.hpp"

#include "platform/db/query.hpp"

namespace wildnout::jobs {
namespace {

const db::Query<void(Uuid, std::string_view, std::optional<std::string>, std::string_view,
                     std::optional<Timestamp>, std::int32_t)>
    enqueue_job{"enqueue_job", R"sql(
  INSERT INTO jobs (id, type, unique_key, payload, state, run_at, max_attempts)
  VALUES ($1, $2, $3, $4, 'waiting', coalesce($5, now_ms()), $6)
  ON CONFLICT (unique_key) WHERE state = 'waiting'
  DO UPDATE SET run_at = EXCLUDED.run_at, payload = EXCLUDED.payload, type = EXCLUDED.type,
                attempts = 0, max_attempts = EXCLUDED.max_attempts, fault = NULL)sql"};

const db::Query<void(std::string_view)> withdraw_job{"withdraw_job", R"sql(
  DELETE FROM jobs WHERE unique_key = $1 AND state = 'waiting')sql"};

const db::Query<std::int64_t()> count_overdue_jobs{"count_overdue_jobs", R"sql(
  SELECT count(*) FROM jobs
  WHERE state = 'waiting' AND run_at < clock_timestamp() - interval '30 seconds')sql"};

}  // namespace

Task<> enqueue(db::Session& session, NewJob job) {
  co_await db::run(session, enqueue_job, Uuid::make(), job.type, job.unique_key, job.payload,
                   job.run_at, job.max_attempts);
}

Task<> withdraw(db::Session& session, std::string unique_key) {
  co_await db::run(session, withdraw_job, unique_key);
}

Task<std::int64_t> count_overdue(db::Session& session) {
  return db::one(session, count_overdue_jobs);
}

}  // namespace wildnout::jobs
