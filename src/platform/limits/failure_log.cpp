// A sliding log of times a caller, bounded in both directions.
#include "platform/limits/failure_log.hpp"

#include <algorithm>

namespace wildnout::limits {

std::optional<FailureLog::Clock::duration> FailureLog::note(std::uint64_t caller,
                                                            Clock::time_point now) {
  const std::lock_guard lock{mutex_};
  if (!callers_.contains(caller)) make_room(now);
  Times& times = callers_[caller];
  std::erase_if(times, [&](Clock::time_point time) { return time + window_ <= now; });
  if (times.size() >= limit_) return times.front() + window_ - now;
  times.push_back(now);
  return std::nullopt;
}

std::size_t FailureLog::size() const {
  const std::lock_guard lock{mutex_};
  return callers_.size();
}

// An eighth goes at once, so that the search for whom to forget is rare.
void FailureLog::make_room(Clock::time_point now) {
  if (callers_.size() < most_callers_) return;
  std::erase_if(callers_, [&](const auto& one) { return one.second.back() + window_ <= now; });
  if (callers_.size() < most_callers_) return;
  std::vector<Clock::time_point> last;
  last.reserve(callers_.size());
  for (const auto& [caller, times] : callers_) last.push_back(times.back());
  const auto eighth = last.begin() + static_cast<std::ptrdiff_t>(last.size() / 8);
  std::nth_element(last.begin(), eighth, last.end());
  std::erase_if(callers_, [&](const auto& one) { return one.second.back() <= *eighth; });
}

}  // namespace wildnout::limits
