// Claims due jobs, runs them under a lease, and writes down how each ended.
#pragma once

#include <functional>
#include <map>
#include <string>

#include "platform/async/signal.hpp"
#include "platform/db/database.hpp"
#include "platform/values/time.hpp"
#include "platform/values/uuid.hpp"

namespace wildnout::jobs {

struct Job {
  Uuid id;
  std::string type;
  std::string payload;
  std::int32_t attempt;  // 1 for the first
};

// One for the process, on one shard. What a handler does through its session commits together with
// the job's completion, and only if this runner still holds the job: so a job whose runner died is
// run again, and its effects in the database happen once. A handler that throws is retried with a
// backoff of 1 s doubling to 5 min; after max_attempts the job is `failed` and keeps its fault. The
// lease of 60 s is renewed for as long as the handler runs.
class Runner {
 public:
  using Handler = std::function<Task<>(db::Session&, Job)>;

  // Of the lease, which lasts 60 s after each renewal.
  static constexpr std::chrono::milliseconds usual_renewal{15'000};

  Runner(Executor executor, db::Database& database,
         std::chrono::milliseconds renew_every = usual_renewal)
      : executor_{executor}, database_{database}, renew_every_{renew_every} {}

  // Register everything before `run`. Jobs of unknown types are left alone.
  void handle(std::string type, Handler handler) {
    handlers_[std::move(type)] = std::move(handler);
  }

  // Works until `stop`, then until the jobs in hand have ended.
  [[nodiscard]] Task<> run();
  void stop();

  // A job may be due now. On this shard's thread.
  void wake() { signal_.raise(); }

 private:
  [[nodiscard]] Task<std::chrono::milliseconds> claim_some();
  [[nodiscard]] Task<> perform(Job job, std::int64_t lease);
  [[nodiscard]] Task<> renew();
  [[nodiscard]] Task<> tidy();

  Executor executor_;
  db::Database& database_;
  std::chrono::milliseconds renew_every_;
  std::map<std::string, Handler, std::less<>> handlers_;
  async::Signal signal_;
  std::map<Uuid, std::int64_t> in_hand_;  // with the number of its lease
  bool is_stopping_ = false;
};

}  // namespace wildnout::jobs
