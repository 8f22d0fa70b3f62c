// Who failed too often of late: the last failures of each caller, for all threads of the process.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <optional>
#include <unordered_map>
#include <vector>

namespace wildnout::limits {

// Takes a lock, so it is for what goes wrong, not for the way of every request.
class FailureLog {
 public:
  using Clock = std::chrono::steady_clock;

  // `limit` failures in any `window` are tolerated. At most `most_callers` are remembered; beyond
  // them the one whose last failure is oldest is forgotten.
  FailureLog(std::size_t limit, std::chrono::seconds window, std::size_t most_callers)
      : limit_{limit}, window_{window}, most_callers_{most_callers} {}

  // Notes a failure of this caller; or, when it has already had its share of them, says how long it
  // is until the next would be tolerated, and notes nothing.
  [[nodiscard]] std::optional<Clock::duration> note(std::uint64_t caller, Clock::time_point now);

  [[nodiscard]] std::size_t size() const;

 private:
  using Times = std::vector<Clock::time_point>;  // oldest first, at most `limit_`

  void make_room(Clock::time_point now);

  const std::size_t limit_;
  const std::chrono::seconds window_;
  const std::size_t most_callers_;
  mutable std::mutex mutex_;
  std::unordered_map<std::uint64_t, Times> callers_;
};

}  // namespace wildnout::limits
