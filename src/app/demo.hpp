// Demonstration traffic: people, battles that move, votes; through the same services as real
// traffic, and marked as demo in the data.
#pragma once

#include <future>
#include <random>
#include <vector>

#include "app/app.hpp"
#include "platform/async/signal.hpp"

namespace wildnout::app {

// Works on shard 0 from construction to `stop`.
class Demo {
 public:
  explicit Demo(App& app);

  // From the main thread; returns when the traffic has ended.
  void stop();

 private:
  struct LiveBattle {
    BattleId id;
    Timestamp start_time;
    Timestamp end_time;         // of entries
    Timestamp voting_end_time;  // of votes
    std::vector<EntryId> entries;
    std::vector<double> appeal;  // how likely an entry is voted for
    std::size_t next_entrant = 0;
    std::size_t wanted_entries = 0;
  };

  [[nodiscard]] Task<> run();
  [[nodiscard]] Task<> gather_people();
  [[nodiscard]] Task<> open_battle(std::chrono::seconds start, std::chrono::seconds entries);
  // A battle that nobody is going to move any more would only stand there.
  [[nodiscard]] Task<> close_battles();
  [[nodiscard]] Task<> enter(LiveBattle& battle);
  [[nodiscard]] Task<> vote(LiveBattle& battle);
  [[nodiscard]] Task<> step();
  [[nodiscard]] std::size_t pick(std::size_t count);
  [[nodiscard]] api::Caller caller_of(UserId user) const;

  App& app_;
  Part& part_;
  std::mt19937_64 random_;
  std::vector<UserId> people_;
  std::vector<LiveBattle> live_;
  std::size_t opened_ = 0;
  async::Signal signal_;
  bool is_stopping_ = false;
  std::future<void> running_;
};

}  // namespace wildnout::app
