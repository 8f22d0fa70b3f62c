// The rotation's job and its statements.
#include "platform/protection/rotation.hpp"

#include <algorithm>
#include <boost/describe/class.hpp>

#include "platform/db/query.hpp"
#include "platform/jobs/jobs.hpp"
#include "platform/json/json.hpp"
#include "platform/log/log.hpp"
#include "platform/metrics/metrics.hpp"

namespace wildnout::protection {

// The payload of a rewrite_sealed_values job: where it goes on, and what was done before.
struct Progress {
  std::int64_t column = 0;  // its place in the list
  std::string key;          // whose values; empty: to begin with the first of the older keys
  std::string newest_key;
  std::string after;
  std::int64_t total = 0;
  std::int64_t rewritten = 0;
  std::int64_t passed_over = 0;
};
BOOST_DESCRIBE_STRUCT(Progress, (), (column, key, newest_key, after, total, rewritten, passed_over))

namespace {

constexpr std::string_view rewrite_sealed_values = "rewrite_sealed_values";
constexpr std::string_view job_key = "sealed values";
constexpr std::int64_t told_every = 10'000;  // values
constexpr std::chrono::seconds left_for{1};  // how long a job is left to other nodes

const db::Query<void(std::string)> declared_key{"declared_key", R"sql(
  INSERT INTO sealing_state (newest_key) VALUES ($1)
  ON CONFLICT (is_one) DO UPDATE SET newest_key = excluded.newest_key, declared_at = now_ms()
   WHERE sealing_state.newest_key <> excluded.newest_key)sql"};

const db::Query<std::string()> key_in_force{"key_in_force", "SELECT newest_key FROM sealing_state"};

const db::Query<bool(std::string)> is_rotation_under_way{"is_rotation_under_way", R"sql(
  SELECT EXISTS (SELECT 1 FROM jobs WHERE unique_key = $1 AND state = 'waiting')
      OR EXISTS (SELECT 1 FROM jobs WHERE unique_key = $1 AND state = 'running'))sql"};

metrics::Gauge& outdated_values() {
  static metrics::Gauge& gauge = metrics::gauge(
      "wildnout_sealed_values_outdated", "Protected values that are not under the newest key");
  return gauge;
}

jobs::NewJob job_of(const Progress& progress, std::optional<Timestamp> run_at = {}) {
  return {.type = std::string{rewrite_sealed_values},
          .payload = json::text_of(progress),
          .run_at = run_at,
          .unique_key = std::string{job_key}};
}

// The one to go on with; empty behind the last, and when a node with other keys began.
std::string key_after(const std::string& key, const std::vector<std::string>& older) {
  if (key.empty()) return older.empty() ? "" : older.front();
  const auto at = std::ranges::find(older, key);
  return at == older.end() || at + 1 == older.end() ? "" : *(at + 1);
}

void tell(std::string_view message, const Progress& progress) {
  log::info(message, {{"newestKey", progress.newest_key},
                      {"values", progress.total},
                      {"rewritten", progress.rewritten},
                      {"passedOver", progress.passed_over}});
}

}  // namespace

void Rotation::register_jobs(jobs::Runner& runner) {
  runner.handle(std::string{rewrite_sealed_values},
                [this](db::Session& db, jobs::Job job) { return perform(db, std::move(job)); });
}

Task<> Rotation::run() {
  while (!is_stopping_) {
    try {
      if (!is_declared_) co_await declare();
      co_await look();
    } catch (const std::exception& fault) {
      log::warn("sealed values wait for the newest key", {{"what", fault.what()}});
    }
    if (!is_stopping_) co_await signal_.wait_for(look_every);
  }
}

void Rotation::stop() {
  is_stopping_ = true;
  signal_.raise();
}

Task<> Rotation::declare() {
  co_await db::run(database_.session(db::Work::slow), declared_key, vault_.newest_key());
  is_declared_ = true;
}

// Values of keys that nobody here has cannot be rewritten: said each time, for they cannot be read
// either.
Task<std::int64_t> Rotation::count_outdated(db::Session& db) {
  std::int64_t outdated = 0;
  for (const Column& column : columns_) {
    for (const std::string& key : co_await column.keys(db)) {
      if (key == vault_.newest_key()) continue;
      if (!vault_.has_key(key)) {
        log::error("values are sealed by a key that ENCRYPTION_KEYS does not list",
                   {{"column", column.name}, {"key", key}});
        continue;
      }
      outdated += co_await column.count(db, key);
    }
  }
  co_return outdated;
}

Task<> Rotation::look() {
  db::Session& db = database_.session(db::Work::slow);
  const std::int64_t outdated = co_await count_outdated(db);
  outdated_values().set(static_cast<double>(outdated));
  if (outdated == 0 || co_await db::one(db, key_in_force) != vault_.newest_key()) co_return;
  Progress progress;
  progress.newest_key = vault_.newest_key();
  progress.total = outdated;
  co_await database_.transact([&](db::Session& transaction) -> Task<> {
    if (co_await db::one(transaction, is_rotation_under_way, std::string{job_key})) co_return;
    co_await jobs::enqueue(transaction, job_of(progress));
    tell("sealed values are being rewritten under the newest key", progress);
  });
}

// Two jobs of the chain are never in hand at once: the next one is seen when this one has
// committed.
Task<> Rotation::perform(db::Session& db, jobs::Job job) {
  Progress progress = json::read<Progress>(job.payload);
  const std::string in_force = co_await db::one(db, key_in_force);
  if (progress.newest_key != in_force) co_return;  // whoever looks next begins anew
  if (progress.newest_key != vault_.newest_key()) {
    // For a node that has been given the new key.
    co_await jobs::enqueue(db, job_of(progress, system_now() + left_for));
    co_return;
  }
  if (progress.column >= static_cast<std::int64_t>(columns_.size())) {
    tell("sealed values have been rewritten", progress);
    co_return;
  }
  const Column& column = columns_[static_cast<std::size_t>(progress.column)];
  Batch batch;
  if (!progress.key.empty()) {
    batch = co_await column.rewrite(db, vault_, {progress.key, progress.after, rows_a_batch});
  }
  const std::int64_t told = progress.rewritten / told_every;
  progress.rewritten += batch.rewritten;
  progress.passed_over += batch.passed_over;
  if (progress.rewritten / told_every > told) tell("sealed values are being rewritten", progress);
  progress.after = batch.last.value_or("");
  if (!batch.last) {
    progress.key = key_after(progress.key, vault_.older_keys());
    if (progress.key.empty()) ++progress.column;
  }
  co_await jobs::enqueue(db, job_of(progress));
  db.after_commit([count = batch.rewritten] {
    static metrics::Counter& rewritten = metrics::counter(
        "wildnout_sealed_values_rewritten_total", "Protected values brought to the newest key");
    rewritten.add(static_cast<double>(count));
    outdated_values().add(-static_cast<double>(count));
  });
}

Task<std::vector<KeyUse>> uses_of_keys(db::Session& db, const crypto::Vault& vault,
                                       std::vector<Column> columns) {
  std::vector<KeyUse> uses;
  for (const Column& column : columns) {
    for (std::string& key : co_await column.keys(db)) {
      const std::int64_t values = co_await column.count(db, key);
      const bool is_open = column.opens == nullptr || co_await column.opens(db, vault, key);
      uses.push_back({column.name, std::move(key), values, is_open});
    }
  }
  co_return uses;
}

}  // namespace wildnout::protection
