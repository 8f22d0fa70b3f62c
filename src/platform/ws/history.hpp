// The messages of one channel that a returning reader can still get.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "platform/ws/message.hpp"

namespace wildnout::ws {

struct Missed {
  MessagePointer message;
  std::uint64_t skipped = 0;  // messages of its kind that it stands for
};

// Bounded by count, bytes and age. Of `latest` messages the newest of each kind is kept alone; it
// remembers the numbers that it stands for, so that a reader is told how many it skipped.
class History {
 public:
  using Clock = std::chrono::steady_clock;

  void push(MessagePointer message, Clock::time_point now, const Limits& limits);
  void trim(Clock::time_point now, const Limits& limits);

  // Everything behind `seq`, in order; nothing when some of it is no longer held.
  [[nodiscard]] std::optional<std::vector<Missed>> behind(std::uint64_t seq) const;

  [[nodiscard]] bool empty() const { return entries_.empty(); }

 private:
  struct Entry {
    MessagePointer message;
    Clock::time_point at;
    std::vector<std::uint64_t> replaced;  // ascending
  };
  void take_over(std::vector<std::uint64_t>& replaced, std::uint64_t kind);
  void drop_first();

  std::vector<Entry> entries_;  // a few hundred at most; a deque would cost 576 bytes when empty
  std::size_t bytes_ = 0;
  std::uint64_t floor_ = 0;  // readers that have this one can still get the rest
};

}  // namespace wildnout::ws
