// Counts what callers use, for all threads of the process in a fixed amount of memory.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>

#include "platform/limits/cell.hpp"

namespace wildnout::limits {

// The generic cell rate algorithm (ITU-T I.371, with a cost for each request): of a caller it keeps
// one number, the time at which all that was taken will have flowed back.
//
// Cells stand in a table of fixed size, eight to a line of the processor's cache, each one atomic
// word of a tag (26 bits of the key's hash) and that time. There is no lock: who loses a race tries
// again. Where a line is full the caller nearest to its full allowance is forgotten, so an excess
// of callers makes the meter lenient to those who use little, never strict to those who did
// nothing: a stranger's cell is taken for one's own once in eight million callers.
//
// The hash is keyed by a secret of the process: nobody can choose an address that meets another's.
class Meter {
 public:
  // `cells`: rounded up to a power of two, at least 64; 8 bytes each.
  explicit Meter(std::size_t cells);

  // Any thread. `now`: of any clock that only goes forward, the same at each call. A cost beyond
  // the limit is taken as the limit. A refused request uses nothing.
  [[nodiscard]] Verdict take(const Key& key, Rate rate, std::uint32_t cost, Microseconds now);

 private:
  static constexpr std::size_t line_cells = 8;
  struct alignas(64) Line {
    std::array<std::atomic<std::uint64_t>, line_cells> cells{};
  };

  KeyHash hash_;
  std::size_t line_mask_;
  std::unique_ptr<Line[]> lines_;
};

}  // namespace wildnout::limits
