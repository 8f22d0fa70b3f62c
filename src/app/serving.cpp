// Starting, waiting for a signal, stopping.
#include "app/serving.hpp"

#include <pthread.h>
#include <signal.h>
#include <sys/resource.h>

#include <filesystem>
#include <iostream>
#include <thread>

#include "app/app.hpp"
#include "app/demo.hpp"
#include "platform/db/migrations.hpp"
#include "platform/db/plain.hpp"
#include "platform/log/log.hpp"

namespace wildnout::app {
namespace {

using namespace std::chrono_literals;

constexpr int interrupted = 130;
constexpr auto database_patience = 30s;  // a database that starts beside us may need a while

// Signals are waited for, not handled: every thread made from here on has them blocked.
sigset_t block_signals() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGHUP);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  signal(SIGPIPE, SIG_IGN);
  return signals;
}

// Each socket is a file: take as many as the system gives.
void raise_file_limit() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
}

void migrate(const std::string& url) {
  const auto give_up = std::chrono::steady_clock::now() + database_patience;
  for (auto pause = 100ms;; pause = std::min<std::chrono::milliseconds>(pause * 2, 2s)) {
    try {
      const int applied = db::apply_migrations(url);
      if (applied > 0) log::info("schema brought up to date", {{"migrations", applied}});
      return;
    } catch (const db::Error& error) {
      const bool may_come_up = error.sqlstate().starts_with("08") || error.sqlstate() == "57P03";
      if (!may_come_up || std::chrono::steady_clock::now() + pause > give_up) throw;
      log::warn("the database is not there yet", {{"what", error.what()}});
    }
    std::this_thread::sleep_for(pause);
  }
}

// The role that may not touch what is on record, where the schema's migrations could make it.
std::string server_role(const Configuration& configuration) {
  constexpr const char* role = "wildnout_server";
  if (configuration.has_transaction_pooler) return {};  // it refuses what is set when connecting
  db::PlainConnection server{configuration.database_url.reveal()};
  const auto rows =
      server.ask("SELECT pg_has_role(oid, 'MEMBER') FROM pg_roles WHERE rolname = $1", {role});
  if (!rows.empty() && rows[0][0] == "t") return role;
  log::warn("the server acts with all rights of its login on the database",
            {{"fix", "make the role wildnout_server, see docs/operations.md"}});
  return {};
}

void wait_for_signal(const sigset_t& signals) {
  int received = 0;
  sigwait(&signals, &received);
  log::info("stopping", {{"signal", strsignal(received)}});
}

// A second signal while the server drains ends the process at once.
void end_on_signal(sigset_t signals) {
  std::thread{[signals] {
    int received = 0;
    sigwait(&signals, &received);
    std::_Exit(interrupted);
  }}.detach();
}

}  // namespace

int run_server(const std::map<std::string, std::string>& flags, const ServeOptions& options) {
  Configuration configuration = load(Sources::of_process(flags));
  log::configure(configuration.log_level, configuration.log_format);
  for (const std::string& warning : configuration.warnings) log::warn(warning);
  raise_file_limit();
  const sigset_t signals = block_signals();
  if (!options.no_migrate) migrate(configuration.database_url.reveal());
  configuration.database_role = server_role(configuration);
  const auto grace = configuration.grace;
  const bool is_demo = configuration.is_demo;

  App app{std::move(configuration)};
  const auto endpoint = app.serve();
  log::info("serving", {{"address", endpoint.address().to_string()},
                        {"port", endpoint.port()},
                        {"threads", app.process().shards.size()}});
  std::optional<Demo> demo;
  if (is_demo) demo.emplace(app);
  wait_for_signal(signals);
  end_on_signal(signals);
  if (demo) demo->stop();
  if (!app.stop(grace)) {
    log::warn("the grace is over; what is under way is cut off");
    std::_Exit(0);
  }
  log::info("stopped");
  return 0;
}

int print_document() {
  // With the development issuer, so that its routes are named; its key is thrown away.
  const auto folder = std::filesystem::temp_directory_path() / ("wildnout-" + Uuid::make().text());
  Sources sources;
  sources.flags = {{"env", "development"}, {"data", folder.string()}};
  Configuration configuration = load(sources, Purpose::inspect);
  configuration.threads = 1;
  configuration.roles.worker = false;
  bool is_stopped = false;
  {
    App app{std::move(configuration)};
    std::cout << document_of(app.part(0).router()) << '\n';
    is_stopped = app.stop(1s);
  }
  std::filesystem::remove_all(folder);
  return is_stopped ? 0 : 1;
}

}  // namespace wildnout::app
