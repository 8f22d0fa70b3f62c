// Redis for one shard: one pipelined connection that is made anew whenever it is lost.
#pragma once

#include <chrono>
#include <memory>
#include <string>

#include "platform/async/signal.hpp"
#include "platform/async/task.hpp"
#include "platform/metrics/metrics.hpp"
#include "platform/redis/command.hpp"
#include "platform/redis/connection.hpp"
#include "platform/redis/target.hpp"

namespace wildnout::redis {

struct Settings {
  Target target;
  std::chrono::milliseconds connect_timeout{2'000};
  std::chrono::milliseconds probe_every{1'000};
  std::chrono::milliseconds probe_when_slow{100};  // until it answers in time again
  std::chrono::milliseconds probe_limit{50};       // what is in time
  std::chrono::milliseconds shortest_pause{50};    // between attempts to connect
  std::chrono::milliseconds longest_pause{2'000};
  Bounds bounds{};
};

enum class State : std::uint8_t {
  away,  // not connected
  slow,  // connected, but it did not keep the last deadline
  ready,
};

struct Health {
  State state;
  std::chrono::microseconds latency;  // of the latest answer
};

// Everything on its shard's thread. While Redis is not ready nothing waits for it: what is asked
// fails at once, for whoever asks to do without. Commands are not repeated: `lost` and `late` leave
// open whether they were done.
class Client {
 public:
  Client(Executor executor, Settings settings);
  ~Client();
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  // Keeps it connected until `stop`; ends then.
  [[nodiscard]] Task<> run();
  void stop();

  [[nodiscard]] bool is_ready() const { return health().state == State::ready; }
  [[nodiscard]] Health health() const;
  // While it is away: what the last attempt, or the last connection, came to.
  [[nodiscard]] const std::string& why_not() const { return why_; }

  // `answered` is called once, later, unless this object ends. Never throws for the want of Redis.
  void send(const Command& command, std::chrono::milliseconds limit, Answered answered);
  // By hash; when Redis does not know the script, again with its source.
  void send(ScriptCall call, std::chrono::milliseconds limit, Answered answered);

  [[nodiscard]] Task<Outcome> ask(Command command, std::chrono::milliseconds limit);
  [[nodiscard]] Task<Outcome> ask(ScriptCall call, std::chrono::milliseconds limit);

 private:
  struct Counters;

  [[nodiscard]] Task<> live_once();
  [[nodiscard]] Task<> greet(Connection& connection);
  void probe();
  void submit(std::string_view encoded, std::chrono::milliseconds limit, Answered answered);

  Executor executor_;
  Settings settings_;
  Counters& counters_;
  async::Signal wake_;
  std::shared_ptr<Connection> connection_;  // shared with its own waits
  std::string encoded_;                     // of the command being sent
  std::function<void()> give_up_;           // an attempt to connect, while there is one
  std::string why_;                         // the last connection was lost
  // Shared with nobody: who asked while Redis was away is told only while this object lives.
  std::shared_ptr<bool> life_ = std::make_shared<bool>(true);
  bool is_greeted_ = false;
  bool is_probing_ = false;
  bool is_stopping_ = false;
};

}  // namespace wildnout::redis
