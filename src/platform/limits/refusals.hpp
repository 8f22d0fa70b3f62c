// Who was refused of late: how much they have used at least.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "platform/limits/cell.hpp"

namespace wildnout::limits {

// For one thread, in a fixed amount of memory; who meets another's place displaces them.
class Refusals {
 public:
  explicit Refusals(std::size_t places) : places_(places) {}

  // A refusal of this cost that still stands, if one is known.
  [[nodiscard]] std::optional<Verdict> find(const Key& key, const Cost& cost,
                                            Microseconds now) const {
    const std::uint64_t hash = hash_.of(key);
    const Place& place = places_[hash % places_.size()];
    if (place.hash != hash || place.full_at <= now) return std::nullopt;
    const Verdict verdict =
        verdict_of(static_cast<std::uint64_t>((place.full_at - now).count()), cost);
    if (verdict.is_admitted) return std::nullopt;
    return verdict;
  }

  // At `now`, or later, the caller's allowance was to be whole again after `until_full`.
  void note(const Key& key, Microseconds now, Microseconds until_full) {
    const std::uint64_t hash = hash_.of(key);
    places_[hash % places_.size()] = {hash, now + until_full};
  }

 private:
  struct Place {
    std::uint64_t hash = 0;
    Microseconds full_at{};
  };

  KeyHash hash_;
  std::vector<Place> places_;
};

}  // namespace wildnout::limits
