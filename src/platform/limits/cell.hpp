// The arithmetic of one caller's allowance, wherever the count is kept.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>

namespace wildnout::limits {

using Microseconds = std::chrono::microseconds;

// How much may be used: `limit` units at once, and again as many evenly over each `window`.
struct Rate {
  std::uint32_t limit = 1;          // 1 to 1,000,000
  std::chrono::seconds window{60};  // 1 s to 1 h
};

// Whose use is counted. Equal keys are one caller.
struct Key {
  std::uint64_t kind = 0;  // what is counted; callers of different kinds never meet
  std::uint64_t high = 0;
  std::uint64_t low = 0;
};

struct Verdict {
  bool is_admitted;
  std::uint32_t remaining;  // units that could be taken now
  Microseconds until_full;  // until the whole limit is there again
  Microseconds until_room;  // when refused: until the cost would be admitted
};

// A rate and a cost as times in microseconds, whole numbers: what everybody reckons with.
struct Cost {
  std::uint64_t whole;     // the limit
  std::uint64_t request;   // the cost
  std::uint64_t interval;  // one unit
};
// A cost beyond the limit is taken as the limit.
[[nodiscard]] Cost cost_of(Rate rate, std::uint32_t units);

// Of a caller whose allowance will be whole again in `ahead` microseconds.
[[nodiscard]] Verdict verdict_of(std::uint64_t ahead, const Cost& cost);

// Hashes keys by a secret of its own: nobody can choose a caller whose hash meets another's.
class KeyHash {
 public:
  KeyHash();
  [[nodiscard]] std::uint64_t of(const Key& key) const;

 private:
  std::array<std::uint64_t, 4> secret_;
};

}  // namespace wildnout::limits
