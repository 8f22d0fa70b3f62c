// Starting and stopping the server.
#include "app/app.hpp"

#include <boost/asio/ip/tcp.hpp>
#include <sstream>
#include <stdexcept>

#include "app/protection.hpp"
#include "audit/watch/fact_repository.hpp"
#include "battles/announcements.hpp"
#include "battles/certification.hpp"
#include "identity/clerk_repository.hpp"
#include "identity/export_repository.hpp"
#include "identity/key_repository.hpp"
#include "identity/session_repository.hpp"
#include "identity/standing_repository.hpp"
#include "platform/api/idempotency.hpp"
#include "platform/crypto/digest.hpp"
#include "platform/log/log.hpp"
#include "realtime/announcements.hpp"

namespace wildnout::app {
namespace {

constexpr std::chrono::minutes housekeeping_every{5};  // each takes 10,000 keys at most

using Deadline = std::chrono::steady_clock::time_point;

// Must be the same on every node and survive a restart: each hangs on the database, which all nodes
// share, and is of no use for anything else.
std::string key_for(std::string_view use, const Configuration& configuration) {
  const auto digest = crypto::hmac_sha256(use, configuration.database_url.reveal());
  return std::string{crypto::text_of(digest)};
}

// The shards share a port by SO_REUSEPORT, and so would another process: two servers would each get
// half of the connections and nobody would know. Throws std::runtime_error when the address is
// taken.
void require_free(const boost::asio::ip::tcp::endpoint& at) {
  boost::asio::io_context context;
  boost::asio::ip::tcp::acceptor probe{context};
  probe.open(at.protocol());
  probe.set_option(boost::asio::socket_base::reuse_address{true});
  boost::system::error_code taken;
  probe.bind(at, taken);
  if (!taken) probe.listen(boost::asio::socket_base::max_listen_connections, taken);
  if (!taken) return;
  std::ostringstream what;
  what << "cannot listen on " << at << ": " << taken.message()
       << "; stop what listens there, or set WILDNOUT_LISTEN";
  throw std::runtime_error{what.str()};
}

}  // namespace

Task<> Housekeeping::run() {
  while (!is_stopping_) {
    try {
      co_await api::forget_expired_keys(database_.session(db::Work::slow));
      (void)co_await erasures_.erase_due(database_);
      co_await reconciler_.begin_if_due();
      co_await identity::forget_old_exports(database_.session(db::Work::slow));
      co_await identity::forget_old_sessions(database_.session(db::Work::slow));
      co_await identity::forget_old_messages(database_.session(db::Work::slow));
      co_await identity::forget_old_changes(database_.session(db::Work::slow));
      co_await audit::watch::forget_old_facts(database_.session(db::Work::slow));
      co_await audit::watch::Watchman::ensure_job(database_.session(db::Work::writes));
    } catch (const std::exception& fault) {
      log::warn("the housekeeping waits", {{"what", fault.what()}});
    }
    if (!is_stopping_) co_await signal_.wait_for(housekeeping_every);
  }
}

void Housekeeping::stop() {
  is_stopping_ = true;
  signal_.raise();
}

Worker::Worker(Process& process, Part& part)
    : dispatcher{part.database()},
      runner{process.shards[0].executor(), part.database()},
      sweeper{part.database(), process.battles},
      reconciler{part.database(), identity::ClerkApi{part.client(), process.identity.settings()},
                 part.identity().webhooks()},
      housekeeping{part.database(), part.identity().erasures(), reconciler},
      exports{part.database(), part.identity().exports().vault(), part.identity().keepers(),
              process.cpu_pool},
      rotation{part.database(), process.vault, protected_columns()},
      sealer{part.database(), process.trail, process.configuration.data},
      watchman{process.trail, process.configuration.anomalies} {
  battles::announce_events(dispatcher, part.database(), process.hub);
  realtime::announce_to_people(dispatcher, process.hub);
  part.identity().erasures().register_job(runner);
  exports.register_job(runner);
  reconciler.register_job(runner);
  rotation.register_jobs(runner);
  battles::register_jobs(runner, process.battles);
  battles::register_certification(runner, part.database(), process.battles);
  watchman.register_job(runner);
}

App::App(Configuration configuration) {
  Keys keys{key_for("wildnout cursors", configuration),
            key_for("wildnout voter networks", configuration),
            key_for("wildnout csrf", configuration), key_for("wildnout sign-ins", configuration)};
  process_ = std::make_unique<Process>(std::move(configuration), std::move(keys));
  process_->shards.start();
  parts_.resize(process_->shards.size());
  for (unsigned shard = 0; shard < parts_.size(); ++shard) {
    run_on(shard, [this, shard]() -> Task<> {
      parts_[shard] = std::make_unique<Part>(*process_, shard);
      co_return;
    });
  }
  start_background();
}

// Background work uses what is destroyed here: it has to have ended, also when a start failed.
App::~App() {
  constexpr std::chrono::seconds last_grace{2};
  if (!has_stopped_ && !stop(last_grace)) log::warn("background work is cut off");
  for (unsigned shard = 0; shard < parts_.size(); ++shard) {
    run_on(shard, [this, shard]() -> Task<> {
      if (shard == 0) {
        worker_.reset();
        notices_.reset();
      }
      co_return;
    });
  }
  for (unsigned shard = 0; shard < parts_.size(); ++shard) {
    run_on(shard, [this, shard]() -> Task<> {
      parts_[shard].reset();
      co_return;
    });
  }
  process_->shards.stop();
}

boost::asio::ip::tcp::endpoint App::serve() {
  auto endpoint = process_->configuration.listen;
  require_free(endpoint);
  for (unsigned shard = 0; shard < parts_.size(); ++shard) {
    // The first binds port 0 to a free one; the others share it.
    endpoint = run_on(shard, [this, shard, endpoint]() -> Task<boost::asio::ip::tcp::endpoint> {
      co_return parts_[shard]->listen(endpoint);
    });
  }
  if (const auto at = process_->configuration.metrics_listen) {
    run_on(0, [this, at]() -> Task<> {
      parts_[0]->listen_for_metrics(*at);
      co_return;
    });
  }
  return endpoint;
}

bool App::stop(std::chrono::milliseconds grace) {
  has_stopped_ = true;
  process_->state.is_draining = true;
  const Deadline deadline = std::chrono::steady_clock::now() + grace;
  std::vector<std::future<void>> drains;
  drains.push_back(boost::asio::co_spawn(
      process_->shards[0].executor(),
      [this, deadline]() -> Task<> { co_await process_->hub.drain(deadline); },
      boost::asio::use_future));
  for (unsigned shard = 0; shard < parts_.size(); ++shard) {
    drains.push_back(boost::asio::co_spawn(
        process_->shards[shard].executor(),
        [this, shard, deadline]() -> Task<> { co_await parts_[shard]->drain(deadline); },
        boost::asio::use_future));
  }
  bool is_clean = true;
  constexpr std::chrono::milliseconds allowance{500};  // for the drains to notice the deadline
  for (auto& drain : drains) {
    is_clean = drain.wait_until(deadline + allowance) == std::future_status::ready && is_clean;
  }
  stop_background();
  for (auto& task : background_) {
    is_clean = task.wait_until(deadline + allowance) == std::future_status::ready && is_clean;
  }
  bool has_open_requests = false;
  for (unsigned shard = 0; is_clean && shard < parts_.size(); ++shard) {
    has_open_requests |= run_on(
        shard, [this, shard]() -> Task<bool> { co_return parts_[shard]->connections() > 0; });
  }
  return is_clean && !has_open_requests;
}

void App::start_background() {
  auto start = [this](unsigned shard, auto task) {
    background_.push_back(boost::asio::co_spawn(process_->shards[shard].executor(), std::move(task),
                                                boost::asio::use_future));
  };
  for (unsigned shard = 0; shard < parts_.size(); ++shard) {
    start(shard, [this, shard]() -> Task<> { co_await parts_[shard]->battles().run(); });
    start(shard, [this, shard]() -> Task<> { co_await parts_[shard]->battles().run_dealer(); });
    start(shard, [this, shard]() -> Task<> { co_await parts_[shard]->identity().run(); });
    start(shard, [this, shard]() -> Task<> { co_await parts_[shard]->audit().run(); });
    if (parts_[shard]->redis() != nullptr) {
      start(shard, [this, shard]() -> Task<> { co_await parts_[shard]->redis()->run(); });
    }
  }
  start(0, [this]() -> Task<> {
    identity::StoredKeys archive{parts_[0]->database()};
    co_await process_->identity.keys().run(parts_[0]->client(), archive);
  });
  start(0,
        [this]() -> Task<> { co_await process_->identity.standing().run(parts_[0]->database()); });
  run_on(0, [this]() -> Task<> {
    notices_ = std::make_unique<db::Listener>(process_->shards[0].executor(),
                                              database_settings(process_->configuration),
                                              identity::Standing::channel);
    co_return;
  });
  start(0, [this]() -> Task<> {
    co_await notices_->run([this] { process_->identity.standing().look_now(); });
  });
  if (!process_->configuration.roles.worker) return;
  run_on(0, [this]() -> Task<> {
    worker_ = std::make_unique<Worker>(*process_, *parts_[0]);
    process_->background.set_target([this] {
      worker_->dispatcher.wake();
      worker_->runner.wake();
    });
    co_return;
  });
  start(0, [this]() -> Task<> { co_await worker_->dispatcher.run(); });
  start(0, [this]() -> Task<> { co_await worker_->runner.run(); });
  start(0, [this]() -> Task<> { co_await worker_->sweeper.run(); });
  start(0, [this]() -> Task<> { co_await worker_->housekeeping.run(); });
  start(0, [this]() -> Task<> { co_await worker_->rotation.run(); });
  start(0, [this]() -> Task<> { co_await worker_->sealer.run(); });
}

void App::stop_background() {
  for (unsigned shard = 0; shard < parts_.size(); ++shard) {
    run_on(shard, [this, shard]() -> Task<> {
      if (shard == 0) {
        process_->background.set_target({});
        process_->identity.keys().stop();
        process_->identity.standing().stop();
        notices_->stop();
        if (worker_) {
          worker_->runner.stop();
          worker_->sweeper.stop();
          worker_->housekeeping.stop();
          worker_->rotation.stop();
          worker_->sealer.stop();
          worker_->dispatcher.stop();
        }
      }
      parts_[shard]->battles().stop();
      parts_[shard]->identity().stop();
      parts_[shard]->audit().stop();
      if (parts_[shard]->redis() != nullptr) parts_[shard]->redis()->stop();
      co_return;
    });
  }
}

}  // namespace wildnout::app
