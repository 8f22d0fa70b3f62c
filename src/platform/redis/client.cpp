// Connecting, staying connected, and the account of both.
#include "platform/redis/client.hpp"

#include <algorithm>
#include <boost/asio/post.hpp>
#include <cstring>
#include <stdexcept>
#include <utility>

#include "platform/async/suspend.hpp"
#include "platform/log/log.hpp"
#include "platform/values/random.hpp"

namespace wildnout::redis {

namespace asio = boost::asio;
using std::chrono::milliseconds;

namespace {

constexpr unsigned most_doublings = 16;
constexpr milliseconds greeting_limit{1'000};
constexpr std::string_view client_name = "wildnout";

// Half of it fixed, half of it chance, so that nodes which lost it together do not return together.
milliseconds pause_after(unsigned failures, const Settings& settings) {
  const unsigned doublings = std::min(failures > 0 ? failures - 1 : 0, most_doublings);
  const auto full = std::min<std::int64_t>(settings.longest_pause.count(),
                                           settings.shortest_pause.count() << doublings);
  std::array<std::uint8_t, 4> bytes;
  random_bytes(bytes);
  std::uint32_t random = 0;
  std::memcpy(&random, bytes.data(), sizeof random);
  return milliseconds{full / 2 + random % (full / 2 + 1)};
}

const char* name_of(Fault fault) {
  switch (fault) {
    case Fault::none:
      return "answered";
    case Fault::away:
      return "away";
    case Fault::full:
      return "full";
    case Fault::late:
      return "late";
    case Fault::lost:
      return "lost";
  }
  return "";
}

}  // namespace

struct Client::Counters {
  static metrics::Counter& commands(Fault fault) {
    return metrics::counter("wildnout_redis_commands_total", "Commands to Redis by their outcome",
                            {{"outcome", name_of(fault)}});
  }

  std::array<metrics::Counter*, 5> by_fault{&commands(Fault::none), &commands(Fault::away),
                                            &commands(Fault::full), &commands(Fault::late),
                                            &commands(Fault::lost)};
  metrics::Histogram& seconds =
      metrics::histogram("wildnout_redis_seconds", "From a command to its answer");
  metrics::Counter& connects =
      metrics::counter("wildnout_redis_connects_total", "Connections made to Redis");
  metrics::Counter& losses =
      metrics::counter("wildnout_redis_losses_total", "Connections to Redis that were lost");
  metrics::Gauge& connected =
      metrics::gauge("wildnout_redis_connected", "Threads that are connected to Redis");

  static Counters& of_process() {
    static Counters counters;
    return counters;
  }
};

Client::Client(Executor executor, Settings settings)
    : executor_{executor}, settings_{std::move(settings)}, counters_{Counters::of_process()} {}

Client::~Client() {
  if (connection_) connection_->close("it is no longer needed");
}

Task<> Client::run() {
  unsigned failures = 0;
  bool was_told = false;
  while (!is_stopping_) {
    bool was_connected = false;
    try {
      co_await live_once();
      was_connected = true;
    } catch (const std::exception& fault) {
      why_ = fault.what();
    }
    give_up_ = nullptr;
    if (is_stopping_) break;
    failures = was_connected ? 1 : failures + 1;
    if (was_connected || !was_told) {
      log::warn("Redis cannot be reached; going on without it",
                {{"redis", settings_.target.name()}, {"why", why_}});
    }
    was_told = true;
    co_await wake_.wait_for(pause_after(failures, settings_));
  }
}

void Client::stop() {
  is_stopping_ = true;
  if (give_up_) give_up_();
  if (connection_) connection_->close("it is stopping");
  wake_.raise();
}

Health Client::health() const {
  if (!connection_ || !is_greeted_) return {State::away, {}};
  return {connection_->is_prompt() ? State::ready : State::slow,
          std::chrono::duration_cast<std::chrono::microseconds>(connection_->latency())};
}

// From connecting to the loss of the connection. Throws when there was none.
Task<> Client::live_once() {
  auto stream =
      co_await open_stream(executor_, settings_.target, settings_.connect_timeout, give_up_);
  give_up_ = nullptr;
  if (is_stopping_) co_return;
  const auto connection =
      std::make_shared<Connection>(executor_, std::move(stream), settings_.bounds);
  connection_ = connection;
  connection->start([this](const std::string& why) {
    why_ = why;
    connection_.reset();
    if (std::exchange(is_greeted_, false)) {
      counters_.losses.add();
      counters_.connected.add(-1);
    }
    wake_.raise();
  });
  try {
    co_await greet(*connection);
  } catch (...) {
    connection->close("its greeting failed");
    throw;
  }
  is_greeted_ = true;
  counters_.connects.add();
  counters_.connected.add(1);
  log::info("connected to Redis", {{"redis", settings_.target.name()}});
  while (!connection->is_lost()) {
    probe();
    co_await wake_.wait_for(connection->is_prompt() ? settings_.probe_every
                                                    : settings_.probe_when_slow);
  }
}

// Who we are, and which database. `connection` outlives the task.
Task<> Client::greet(Connection& connection) {
  std::deque<Command> commands;
  const Target& target = settings_.target;
  if (!target.password.empty()) {
    Command& command = commands.emplace_back("AUTH");
    if (!target.user.empty()) command.add(target.user);
    command.add(target.password);
  }
  if (target.database != 0) {
    commands.emplace_back("SELECT").add(static_cast<std::int64_t>(target.database));
  }
  commands.emplace_back("CLIENT").add("SETNAME").add(client_name);
  commands.emplace_back("PING");
  Outcome outcome;
  for (const Command& command : commands) {
    std::string encoded;
    command.append_to(encoded);
    co_await async::suspend([&](async::Resume resume) {
      Answered answered = [&outcome, resume](Outcome told) mutable {
        outcome = std::move(told);
        resume.post();
      };
      if (!connection.send(encoded, greeting_limit, std::move(answered))) {
        outcome = {.fault = Fault::lost};
        resume.post();
      }
    });
    if (outcome.fault != Fault::none) throw std::runtime_error{"it did not answer the greeting"};
    if (outcome.reply.is_error()) throw std::runtime_error{std::string{outcome.reply.text()}};
  }
}

// Tells how long answers take while nobody else asks, and whether they come in time again.
void Client::probe() {
  if (is_probing_) return;
  std::string encoded;
  Command{"PING"}.append_to(encoded);
  // The connection tells before this object ends.
  is_probing_ = connection_->send(encoded, settings_.probe_limit,
                                  [this](const Outcome&) { is_probing_ = false; });
}

void Client::send(const Command& command, milliseconds limit, Answered answered) {
  encoded_.clear();
  command.append_to(encoded_);
  submit(encoded_, limit, std::move(answered));
}

void Client::send(ScriptCall call, milliseconds limit, Answered answered) {
  encoded_.clear();
  call.append_hashed(encoded_);
  submit(encoded_, limit,
         [this, call = std::move(call), limit, answered = std::move(answered)](Outcome outcome) {
           const bool is_unknown = outcome.fault == Fault::none && outcome.reply.is_error() &&
                                   outcome.reply.text().starts_with("NOSCRIPT");
           if (!is_unknown) return answered(std::move(outcome));
           std::string whole;
           call.append_whole(whole);
           submit(whole, limit, answered);
         });
}

Task<Outcome> Client::ask(Command command, milliseconds limit) {
  Outcome outcome;
  co_await async::suspend([&](async::Resume resume) {
    send(command, limit, [&outcome, resume](Outcome told) mutable {
      outcome = std::move(told);
      resume.run_here();
    });
  });
  co_return outcome;
}

Task<Outcome> Client::ask(ScriptCall call, milliseconds limit) {
  Outcome outcome;
  co_await async::suspend([&](async::Resume resume) {
    send(std::move(call), limit, [&outcome, resume](Outcome told) mutable {
      outcome = std::move(told);
      resume.run_here();
    });
  });
  co_return outcome;
}

void Client::submit(std::string_view encoded, milliseconds limit, Answered answered) {
  Answered counted = [this, began = Connection::Clock::now(),
                      answered = std::move(answered)](Outcome outcome) {
    counters_.by_fault[static_cast<std::size_t>(outcome.fault)]->add();
    if (outcome.fault == Fault::none) {
      counters_.seconds.observe(
          std::chrono::duration<double>(Connection::Clock::now() - began).count());
    } else if (outcome.fault == Fault::late) {
      wake_.raise();  // to probe it
    }
    answered(std::move(outcome));
  };
  const bool is_away = !is_greeted_ || connection_->is_lost();
  if (!is_away && connection_->send(encoded, limit, std::move(counted))) return;
  const Fault fault = is_away ? Fault::away : Fault::full;
  // Shared: a handler that is posted may be copied, and this object may be gone by then.
  asio::post(executor_, [life = std::weak_ptr{life_}, counted = std::move(counted), fault] {
    if (life.lock()) counted({.fault = fault});
  });
}

}  // namespace wildnout::redis
