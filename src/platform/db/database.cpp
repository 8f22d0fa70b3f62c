// The shared pipelines and the pool of one shard.
#include "platform/db/database.hpp"

#include <boost/asio/basic_waitable_timer.hpp>
#include <utility>

#include "platform/db/control.hpp"
#include "platform/db/line.hpp"
#include "platform/db/pool.hpp"
#include "platform/log/log.hpp"

namespace wildnout::db {

namespace asio = boost::asio;

namespace {

constexpr std::chrono::milliseconds probe_limit{2000};

// Single statements of many tasks over one connection.
class SharedSession final : public Session {
 public:
  SharedSession(Executor executor, const Target& target, const char* pipeline)
      : executor_{executor}, gauges_{pipeline}, line_{executor, target, gauges_} {}

  Task<Result> execute(const QueryBase& query, Parameters parameters) override {
    Statement statement{&query, std::move(parameters)};
    return result_of(line_.connection()->submit({&statement, 1}));
  }

  Task<std::vector<Result>> execute_together(std::vector<Statement> statements) override {
    return results_of(line_.connection()->submit(statements));
  }

  void after_commit(std::function<void()> action) override { action(); }

  // Throws Error 57014 when no answer has come after `limit`.
  Task<> expect_answer(const QueryBase& query, std::chrono::milliseconds limit) {
    using Clock = std::chrono::steady_clock;
    Statement statement{&query, {}};
    const SegmentPtr segment = line_.connection()->submit({&statement, 1});
    asio::basic_waitable_timer<Clock, asio::wait_traits<Clock>, Executor> timer{executor_, limit};
    timer.async_wait([segment](const boost::system::error_code& error) {
      if (error) return;
      segment->abandon(std::make_exception_ptr(Error{"57014", "", "the database is silent"}));
    });
    co_await result_of(segment);
  }

 private:
  Executor executor_;
  Gauges gauges_;
  Line line_;
};

}  // namespace

struct Database::State {
  State(Executor executor, const Settings& settings)
      : target{target_of(settings)},
        quick_target{target_of(settings, Planning::by_index)},
        reads{executor, quick_target, "reads"},
        writes{executor, quick_target, "writes"},
        slow{executor, target, "slow"},
        pool{std::make_shared<Pool>(executor, settings)} {}

  Target target;
  Target quick_target;
  SharedSession reads;
  SharedSession writes;
  SharedSession slow;
  std::shared_ptr<Pool> pool;  // shared with the leases that are out
};

Database::Database(Executor executor, Settings settings)
    : state_{std::make_unique<State>(executor, settings)} {}

Database::~Database() { state_->pool->close(); }

Session& Database::session(Work work) {
  switch (work) {
    case Work::reads:
      return state_->reads;
    case Work::writes:
      return state_->writes;
    case Work::slow:
      return state_->slow;
  }
  __builtin_unreachable();
}

Task<std::unique_ptr<Transaction>> Database::begin() {
  co_return std::make_unique<Transaction>(co_await state_->pool->lease());
}

Task<Health> Database::probe() {
  using std::chrono::steady_clock;
  const auto begun = steady_clock::now();
  bool is_up = true;
  try {
    co_await state_->reads.expect_answer(control::probe(), probe_limit);
  } catch (const std::exception& fault) {
    log::debug("database probe failed", {{"what", fault.what()}});
    is_up = false;
  }
  co_return Health{
      is_up, std::chrono::duration_cast<std::chrono::microseconds>(steady_clock::now() - begun)};
}

}  // namespace wildnout::db
