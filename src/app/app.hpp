// The running server: starts everything in order of dependence, stops it in reverse.
#pragma once

#include <boost/asio/use_future.hpp>
#include <future>
#include <memory>
#include <vector>

#include "app/part.hpp"
#include "app/process.hpp"
#include "audit/sealer.hpp"
#include "audit/watch/watchman.hpp"
#include "battles/lifecycle.hpp"
#include "identity/export_job.hpp"
#include "identity/reconciler.hpp"
#include "platform/bus/dispatcher.hpp"
#include "platform/db/listener.hpp"
#include "platform/jobs/runner.hpp"
#include "platform/protection/rotation.hpp"

namespace wildnout::app {

// Throws away what has served its time (answers kept for idempotency keys, sessions nobody uses,
// accounts whose day of deletion has come, archives whose time is over, old counts), and sees that
// the watch goes on.
class Housekeeping {
 public:
  Housekeeping(db::Database& database, identity::Erasures& erasures,
               identity::Reconciler& reconciler)
      : database_{database}, erasures_{erasures}, reconciler_{reconciler} {}
  [[nodiscard]] Task<> run();
  void stop();

 private:
  db::Database& database_;
  identity::Erasures& erasures_;
  identity::Reconciler& reconciler_;
  async::Signal signal_;
  bool is_stopping_ = false;
};

// Events, jobs, the sweep and the housekeeping: one a process, on shard 0, where the role `worker`
// is.
struct Worker {
  Worker(Process& process, Part& part);

  bus::Dispatcher dispatcher;
  jobs::Runner runner;
  battles::Sweeper sweeper;
  identity::Reconciler reconciler;
  Housekeeping housekeeping;
  identity::ExportMaker exports;
  protection::Rotation rotation;
  audit::Sealer sealer;
  audit::watch::Watchman watchman;
};

class App {
 public:
  // Starts the shards and builds their parts. Throws what building throws.
  explicit App(Configuration configuration);
  ~App();

  // Begins to serve. Throws std::runtime_error naming an address that cannot be bound.
  // Returns the endpoint with its real port.
  boost::asio::ip::tcp::endpoint serve();

  // Readiness false, then drain, at most `grace`; true when everything ended in time. After a
  // false, leave by std::_Exit: requests are still under way.
  [[nodiscard]] bool stop(std::chrono::milliseconds grace);

  [[nodiscard]] Process& process() { return *process_; }
  [[nodiscard]] Part& part(unsigned shard) { return *parts_[shard]; }
  // Runs a task on a shard and waits for it, from a thread that is no shard.
  template <class Work>
  auto run_on(unsigned shard, Work work) {
    return boost::asio::co_spawn(process_->shards[shard].executor(), std::move(work),
                                 boost::asio::use_future)
        .get();
  }

 private:
  void start_background();
  void stop_background();

  std::unique_ptr<Process> process_;
  std::vector<std::unique_ptr<Part>> parts_;
  std::unique_ptr<db::Listener> notices_;  // on shard 0
  std::unique_ptr<Worker> worker_;
  std::vector<std::future<void>> background_;  // tasks that end when they are told to stop
  bool has_stopped_ = false;                   // or has tried to
};

}  // namespace wildnout::app
