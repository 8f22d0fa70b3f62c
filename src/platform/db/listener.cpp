// Listening by libpq without blocking.
#include "platform/db/listener.hpp"

#include <libpq-fe.h>

#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/asio/posix/basic_stream_descriptor.hpp>
#include <boost/asio/redirect_error.hpp>
#include <memory>
#include <new>
#include <vector>

#include "platform/db/line.hpp"
#include "platform/db/session.hpp"
#include "platform/log/log.hpp"

namespace wildnout::db {

namespace asio = boost::asio;
using Wait = asio::posix::descriptor_base;
using Clock = std::chrono::steady_clock;

namespace {

constexpr std::chrono::milliseconds shortest_pause{50};
constexpr std::chrono::milliseconds longest_pause{2000};
constexpr std::chrono::milliseconds idle_wait = std::chrono::hours{1};

}  // namespace

// libpq's connection with its socket, which libpq may exchange while it connects.
struct Listener::Server {
  using Timer = asio::basic_waitable_timer<Clock, asio::wait_traits<Clock>, Executor>;

  Server(Executor executor, pg_conn* made) : connection{made}, socket{executor}, timer{executor} {}
  ~Server() {
    if (socket.is_open()) socket.release();  // libpq closes it
    PQfinish(connection);
  }
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  [[noreturn]] void fail() const { throw Error{"08006", "", PQerrorMessage(connection)}; }
  [[noreturn]] static void fail(const char* why) { throw Error{"08006", "", why}; }

  // Waits for the socket, but no longer than until `deadline`.
  Task<> ready(Wait::wait_type what, Clock::time_point deadline) {
    socket.assign(PQsocket(connection));
    timer.expires_at(deadline);
    timer.async_wait([this](const boost::system::error_code& error) {
      if (!error) socket.cancel();
    });
    boost::system::error_code cancelled;
    co_await socket.async_wait(what, asio::redirect_error(use_task, cancelled));
    timer.cancel();
    socket.release();
    if (is_ended) fail("it is stopping");
    if (cancelled) fail("it did not answer in time");
  }

  void end() {
    is_ended = true;
    if (socket.is_open()) socket.cancel();
  }

  pg_conn* connection;
  asio::posix::basic_stream_descriptor<Executor> socket;
  Timer timer;
  bool is_ended = false;
};

Listener::Listener(Executor executor, const Settings& settings, std::string channel)
    : executor_{executor}, target_{target_of(settings)}, channel_{std::move(channel)} {}

Task<> Listener::run(std::function<void()> noticed) {
  unsigned failures = 0;
  while (!is_stopping_) {
    if (target_.has_transaction_pooler) {
      co_await wake_.wait_for(idle_wait);
      continue;
    }
    const Clock::time_point began = Clock::now();
    try {
      co_await listen(noticed);
    } catch (const std::exception& fault) {
      if (!is_stopping_) {
        log::warn("listening ended", {{"channel", channel_}, {"why", fault.what()}});
      }
    }
    failures = Clock::now() - began > longest_pause ? 1 : failures + 1;
    if (!is_stopping_) co_await wake_.wait_for(backoff(failures, shortest_pause, longest_pause));
  }
}

void Listener::stop() {
  is_stopping_ = true;
  wake_.raise();
  if (server_ != nullptr) server_->end();
}

Task<> Listener::listen(const std::function<void()>& noticed) {
  std::vector<const char*> keywords;
  std::vector<const char*> values;
  for (const auto& [keyword, value] : target_.options) {
    keywords.push_back(keyword.c_str());
    values.push_back(value.c_str());
  }
  keywords.push_back(nullptr);
  values.push_back(nullptr);
  pg_conn* made = PQconnectStartParams(keywords.data(), values.data(), 0);
  if (made == nullptr) throw std::bad_alloc{};
  Server server{executor_, made};
  server_ = &server;
  const std::unique_ptr<Server*, void (*)(Server**)> forget{&server_,
                                                            [](Server** at) { *at = nullptr; }};
  co_await connect(server);
  co_await subscribe(server);
  noticed();
  for (;;) {
    co_await server.ready(Wait::wait_read, Clock::time_point::max());
    if (PQconsumeInput(made) != 1) server.fail();
    bool has_notice = false;
    while (PGnotify* notice = PQnotifies(made)) {
      PQfreemem(notice);
      has_notice = true;
    }
    if (has_notice) noticed();
  }
}

Task<> Listener::connect(Server& server) {
  if (PQstatus(server.connection) == CONNECTION_BAD) server.fail();
  PQsetNoticeProcessor(
      server.connection, [](void*, const char*) {}, nullptr);
  const Clock::time_point deadline = Clock::now() + target_.connect_timeout;
  PostgresPollingStatusType next = PGRES_POLLING_WRITING;
  while (next != PGRES_POLLING_OK) {
    if (next == PGRES_POLLING_FAILED) server.fail();
    co_await server.ready(next == PGRES_POLLING_READING ? Wait::wait_read : Wait::wait_write,
                          deadline);
    next = PQconnectPoll(server.connection);
  }
}

Task<> Listener::subscribe(Server& server) {
  const Clock::time_point deadline = Clock::now() + target_.answer_timeout;
  if (PQsendQuery(server.connection, ("LISTEN " + channel_).c_str()) != 1) server.fail();
  for (;;) {
    while (PQisBusy(server.connection) == 1) {
      co_await server.ready(Wait::wait_read, deadline);
      if (PQconsumeInput(server.connection) != 1) server.fail();
    }
    PGresult* answer = PQgetResult(server.connection);
    if (answer == nullptr) co_return;
    const bool is_done = PQresultStatus(answer) == PGRES_COMMAND_OK;
    PQclear(answer);
    if (!is_done) server.fail();
  }
}

}  // namespace wildnout::db
