// One connection to Redis: commands go out together, answers come back in order.
#pragma once

#include <array>
#include <boost/asio/basic_waitable_timer.hpp>
#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <string>

#include "platform/async/task.hpp"
#include "platform/redis/reply.hpp"
#include "platform/redis/stream.hpp"

namespace wildnout::redis {

// Why there is no reply.
enum class Fault : std::uint8_t {
  none,
  away,  // not connected: nothing was sent
  full,  // too much is under way: nothing was sent
  late,  // sent, and not answered by the deadline: it may have been done, or be done yet
  lost,  // sent, and the connection ended: it may have been done
};

struct Outcome {
  Fault fault = Fault::none;
  Reply reply{};  // when there is no fault; may be an error that Redis answered

  [[nodiscard]] bool is_good() const { return fault == Fault::none && !reply.is_error(); }
};

// Called once, on the shard's thread; what it throws is logged.
using Answered = std::function<void(Outcome)>;

struct Bounds {
  std::size_t commands = 10'000;  // under way
  std::size_t unsent_bytes = 4 * 1024 * 1024;
  std::chrono::milliseconds silence{2'000};  // of a server that owes an answer: it counts as lost
};

// All on one shard. Shared by its owner and its own waits on the stream. Commands written in one
// turn of the event loop go out in one piece. A command that is late keeps its place, so that the
// answers behind it find their commands.
class Connection : public std::enable_shared_from_this<Connection> {
 public:
  using Clock = std::chrono::steady_clock;

  Connection(Executor executor, std::shared_ptr<Stream> stream, Bounds bounds);

  // `ended` is called once, when the connection is lost or closed, after all that waited was told.
  void start(std::function<void(const std::string& why)> ended);
  void close(const std::string& why);

  // `encoded`: one whole command. `answered` is called later, never from within. Full or lost:
  // false, and `answered` is left alone.
  [[nodiscard]] bool send(std::string_view encoded, std::chrono::milliseconds limit,
                          Answered&& answered);

  [[nodiscard]] bool is_lost() const { return is_lost_; }
  // The last deadline that passed was kept.
  [[nodiscard]] bool is_prompt() const { return is_prompt_; }
  // How long the latest answer took.
  [[nodiscard]] Clock::duration latency() const { return latency_; }

 private:
  struct Pending {
    Answered answered;  // empty: it was late
    Clock::time_point sent;
    Clock::time_point deadline;
  };
  using Timer = boost::asio::basic_waitable_timer<Clock, boost::asio::wait_traits<Clock>, Executor>;

  void flush_soon();
  void flush();
  void read();
  void take_replies();
  void watch(Clock::time_point due);
  void look_at_deadlines();
  static void tell(Answered& answered, Outcome outcome);

  Executor executor_;
  std::shared_ptr<Stream> stream_;  // shared with its own handlers
  Bounds bounds_;
  Timer timer_;
  std::function<void(const std::string&)> ended_;
  Reader reader_;
  std::array<char, 16 * 1024> received_;
  std::string unsent_;
  std::string writing_;
  std::deque<Pending> pending_;
  Clock::time_point watched_ = Clock::time_point::max();
  Clock::duration latency_{};
  bool is_flush_posted_ = false;
  bool is_writing_ = false;
  bool is_lost_ = false;
  bool is_prompt_ = true;
};

}  // namespace wildnout::redis
