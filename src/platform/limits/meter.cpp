// The arithmetic of one cell, and finding it.
#include "platform/limits/meter.hpp"

#include <algorithm>
#include <bit>
#include <optional>

#include "platform/values/random.hpp"

namespace wildnout::limits {
namespace {

// A cell: 26 bits of tag above 38 bits of time in microseconds, which come round after 3 days.
constexpr unsigned time_bits = 38;
constexpr std::uint64_t time_mask = (std::uint64_t{1} << time_bits) - 1;
constexpr int most_tries = 64;  // of one request against others of the same line

// The upper and lower half of a 128-bit product, folded (as in wyhash).
std::uint64_t fold(std::uint64_t a, std::uint64_t b) {
  __extension__ using Wide = unsigned __int128;
  const Wide product = static_cast<Wide>(a) * b;
  return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64);
}

struct Cost {
  std::uint64_t whole;     // the limit, in time
  std::uint64_t request;   // the cost, in time
  std::uint64_t interval;  // one unit, in time
};

Cost cost_of(Rate rate, std::uint32_t cost) {
  const std::uint64_t limit = std::clamp<std::uint64_t>(rate.limit, 1, 1'000'000);
  const auto window = static_cast<std::uint64_t>(Microseconds{rate.window}.count());
  const std::uint64_t interval = std::max<std::uint64_t>(window / limit, 1);
  return {interval * limit, interval * std::min<std::uint64_t>(cost, limit), interval};
}

// How far a cell's time lies ahead of now. A time in the past has flowed back whole; one farther
// ahead than any request could have put it is a leftover from days ago.
std::uint64_t ahead_of(std::uint64_t cell, std::uint64_t now, std::uint64_t whole) {
  const std::uint64_t ahead = (cell - now) & time_mask;
  return ahead > whole ? 0 : ahead;
}

Verdict verdict_of(std::uint64_t ahead, const Cost& cost) {
  const std::uint64_t used = ahead + cost.request;
  const bool is_admitted = used <= cost.whole;
  const std::uint64_t held = is_admitted ? used : ahead;
  return {is_admitted, static_cast<std::uint32_t>((cost.whole - held) / cost.interval),
          Microseconds{held}, Microseconds{is_admitted ? 0 : used - cost.whole}};
}

}  // namespace

Meter::Meter(std::size_t cells)
    : line_mask_{std::bit_ceil(std::max<std::size_t>(cells, 64)) / line_cells - 1},
      lines_{std::make_unique<Line[]>(line_mask_ + 1)} {
  std::array<std::uint8_t, sizeof secret_> bytes;
  random_bytes(bytes);
  secret_ = std::bit_cast<decltype(secret_)>(bytes);
}

Verdict Meter::take(const Key& key, Rate rate, std::uint32_t units, Microseconds at) {
  const Cost cost = cost_of(rate, units);
  const auto now = static_cast<std::uint64_t>(at.count()) & time_mask;
  const std::uint64_t hash = hash_of(key);
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

std::uint64_t Meter::hash_of(const Key& key) const {
  const std::uint64_t first = fold(key.high ^ secret_[0], key.low ^ secret_[1]);
  return fold(first ^ secret_[2], key.kind ^ secret_[3]);
}

}  // namespace wildnout::limits
