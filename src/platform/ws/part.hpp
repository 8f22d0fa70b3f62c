// One shard's part of the hub: its sockets, who of them listens to what, and the channels it homes.
#pragma once

#include <array>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/basic_waitable_timer.hpp>
#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <type_traits>
#include <unordered_map>
#include <utility>
#include <vector>

#include "platform/async/task.hpp"
#include "platform/http/server.hpp"
#include "platform/ws/deflate.hpp"
#include "platform/ws/home.hpp"
#include "platform/ws/reader.hpp"
#include "platform/ws/roster.hpp"
#include "platform/ws/state.hpp"

namespace wildnout::ws {

// A session (or with an empty id a user) whose sockets have to go.
struct Ending {
  Uuid user_id;
  std::string session_id;

  [[nodiscard]] bool concerns(const Holder& holder) const {
    return holder.user_id == user_id && (session_id.empty() || holder.session_id == session_id);
  }
};

// Who is on a channel: all users, and the names of the first `max_named`.
using Present = std::map<Uuid, std::optional<std::string>>;
inline constexpr std::size_t max_named = 50;

// All members on the shard's thread.
class Part {
 public:
  using Clock = std::chrono::steady_clock;
  using Timer = boost::asio::basic_waitable_timer<Clock, boost::asio::wait_traits<Clock>, Executor>;

  Part(State& state, unsigned index, Executor executor);
  ~Part();

  // Starts the sweep; clears everything away, after which nothing more is taken.
  void begin();
  void end();

  [[nodiscard]] bool has_ended() const { return has_ended_; }

  void accept(http::Upgrade upgrade);
  void add(std::shared_ptr<Connection> connection);
  void remove(Connection& connection);

  // Numbers a message here, at its channel's home, and passes it on.
  void publish(const Publication& publication);
  void relay(const Publication& publication, std::uint64_t except);
  // Sends a message to the channel's listeners on this shard.
  void deliver(const MessagePointer& message);

  [[nodiscard]] Subscription join(const std::string& channel, Connection& connection);
  void leave(const Subscription& subscription);

  void close_session(const Ending& ending);
  void drain(std::uint64_t seq);
  void cut_off();
  [[nodiscard]] Present present(const std::string& channel);

  // Runs work(Part&) on another shard and waits for its result; what waits stays on this shard,
  // also when the process ends meanwhile.
  template <class Work>
  [[nodiscard]] auto ask(unsigned index, Work work) -> Task<std::invoke_result_t<Work&, Part&>>;

  [[nodiscard]] std::unique_ptr<FrameReader> borrow_reader();
  void give_back(std::unique_ptr<FrameReader> reader);

  [[nodiscard]] State& state() { return state_; }
  [[nodiscard]] const Limits& limits() const { return state_.limits(); }
  [[nodiscard]] unsigned index() const { return index_; }
  [[nodiscard]] Executor executor() const { return executor_; }
  [[nodiscard]] Clock::time_point now() const { return Clock::now(); }

  // Sockets whose credentials are being looked at, and what has ended meanwhile.
  using Endings = std::vector<Ending>;
  void watch_endings(Endings& endings) { admissions_.push_back(&endings); }
  void unwatch_endings(Endings& endings) { std::erase(admissions_, &endings); }

  Gate* gate = nullptr;
  Home home;
  Roster roster;
  Deflater deflater;
  Inflater inflater;
  std::string inflated;                 // of the message that is being handled
  std::array<char, 64 * 1024> input{};  // of the socket that is being read
  struct CachedPresence {
    std::string answer;
    Clock::time_point at;
  };
  std::unordered_map<std::string, CachedPresence>
      presence;  // of channels that have their home here

 private:
  struct Waiting {
    explicit Waiting(Executor executor) : timer{executor, Clock::time_point::max()} {}
    Timer timer;
  };
  template <class Answer>
  struct WaitingFor : Waiting {
    using Waiting::Waiting;
    std::optional<Answer> answer;
  };

  void pass_on(const Home::Outgoing& outgoing);
  void sweep_later();
  void sweep();

  State& state_;
  unsigned index_;
  Executor executor_;
  std::unique_ptr<Timer> sweep_timer_;
  Clock::time_point homes_swept_at_{};
  bool has_ended_ = false;
  std::vector<std::shared_ptr<Connection>> connections_;  // shared with their pending operations
  std::vector<Endings*> admissions_;
  std::unique_ptr<FrameReader> spare_reader_;
  std::unordered_map<std::uint64_t, Waiting*> waiting_;
  std::uint64_t next_ticket_ = 1;
};

template <class Work>
auto Part::ask(unsigned index, Work work) -> Task<std::invoke_result_t<Work&, Part&>> {
  using Answer = std::invoke_result_t<Work&, Part&>;
  WaitingFor<Answer> waiting{executor_};
  const std::uint64_t ticket = next_ticket_++;
  waiting_.emplace(ticket, &waiting);
  state_.post(index, [from = index_, ticket, work = std::move(work)](Part& there) mutable {
    there.state().post(from, [ticket, answer = work(there)](Part& here) mutable {
      const auto found = here.waiting_.find(ticket);
      if (found == here.waiting_.end()) return;
      auto& waiter = static_cast<WaitingFor<Answer>&>(*found->second);
      here.waiting_.erase(found);
      waiter.answer = std::move(answer);
      waiter.timer.cancel();
    });
  });
  co_await waiting.timer.async_wait(boost::asio::as_tuple(use_task));
  co_return std::move(*waiting.answer);
}

}  // namespace wildnout::ws
