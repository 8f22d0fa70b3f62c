// Finding a caller's cell, and racing for it.
#include "platform/limits/meter.hpp"

#include <algorithm>
#include <bit>
#include <optional>

namespace wildnout::limits {
namespace {

// A cell: 26 bits of tag above 38 bits of time in microseconds, which come round after 3 days.
constexpr unsigned time_bits = 38;
constexpr std::uint64_t time_mask = (std::uint64_t{1} << time_bits) - 1;
// Of one request against others of the same caller. Each race lost is another's request admitted,
// so a caller with a smaller limit than this never gets one beyond it.
constexpr int most_tries = 4096;

// How far a cell's time lies ahead of now. A time in the past has flowed back whole; one farther
// ahead than any request could have put it is a leftover from days ago.
std::uint64_t ahead_of(std::uint64_t cell, std::uint64_t now, std::uint64_t whole) {
  const std::uint64_t ahead = (cell - now) & time_mask;
  return ahead > whole ? 0 : ahead;
}

}  // namespace

Meter::Meter(std::size_t cells)
    : line_mask_{std::bit_ceil(std::max<std::size_t>(cells, 64)) / line_cells - 1},
      lines_{std::make_unique<Line[]>(line_mask_ + 1)} {}

Verdict Meter::take(const Key& key, Rate rate, std::uint32_t units, Microseconds at) {
  const Cost cost = cost_of(rate, units);
  const auto now = static_cast<std::uint64_t>(at.count()) & time_mask;
  const std::uint64_t hash = hash_.of(key);
  // Never zero: an empty cell has no tag.
  const std::uint64_t tag = std::max<std::uint64_t>(hash >> time_bits, 1) << time_bits;
  auto& cells = lines_[hash & line_mask_].cells;
  std::optional<Verdict> verdict;
  for (int tries = 0; tries < most_tries; ++tries) {
    std::size_t place = 0;
    std::uint64_t found = 0;
    std::uint64_t least = ~std::uint64_t{0};
    for (std::size_t i = 0; i < line_cells; ++i) {
      const std::uint64_t cell = cells[i].load(std::memory_order_relaxed);
      const bool is_own = (cell & ~time_mask) == tag;
      // Any rate's whole allowance may stand in a stranger's cell: an hour at most.
      constexpr std::uint64_t longest = 3'600'000'000;
      const std::uint64_t ahead = cell == 0 ? 0 : ahead_of(cell, now, longest);
      if (!is_own && ahead >= least) continue;
      place = i;
      found = cell;
      least = ahead;
      if (is_own) break;
    }
    const bool is_own = (found & ~time_mask) == tag;
    const std::uint64_t ahead = is_own ? ahead_of(found, now, cost.whole) : 0;
    verdict = verdict_of(ahead, cost);
    if (!verdict->is_admitted) return *verdict;
    const std::uint64_t next = tag | ((now + ahead + cost.request) & time_mask);
    if (cells[place].compare_exchange_weak(found, next, std::memory_order_relaxed)) break;
  }
  return *verdict;
}

}  // namespace wildnout::limits
