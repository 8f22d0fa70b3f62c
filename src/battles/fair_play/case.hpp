// A battle's votes laid out for detectors: in order of time, by entry and by network.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <unordered_map>
#include <vector>

#include "battles/fair_play/facts.hpp"

namespace wildnout::battles::fair_play {

// Votes for one entry, places in Case::votes() in order of time; of one network when that is set.
struct Cohort {
  std::uint32_t entry;
  std::optional<std::int64_t> network;
  std::vector<std::uint32_t> votes;
};

// Made once, looked at by every detector. Which order the facts came in does not matter.
class Case {
 public:
  explicit Case(BattleFacts facts);

  [[nodiscard]] std::span<const Fact> votes() const { return facts_.votes; }
  [[nodiscard]] std::span<const Entrant> entries() const { return facts_.entries; }
  [[nodiscard]] std::span<const Tie> ties() const { return facts_.ties; }

  // One an entry, in the order of the entries.
  [[nodiscard]] std::span<const Cohort> by_entry() const { return by_entry_; }
  // Those of at least least_shared votes, by entry and network.
  [[nodiscard]] std::span<const Cohort> by_network() const { return by_network_; }
  // All votes of a network, whatever entry they are for.
  [[nodiscard]] std::size_t votes_of_network(std::int64_t network) const;

  // Votes of the battle in [from, until], by their times.
  [[nodiscard]] std::size_t count_between(Timestamp from, Timestamp until) const;
  // The same among a cohort's.
  [[nodiscard]] std::size_t count_between(const Cohort& cohort, Timestamp from,
                                          Timestamp until) const;

  [[nodiscard]] bool is_young(std::uint32_t vote) const { return is_young_[vote]; }
  [[nodiscard]] std::size_t young_votes() const { return young_votes_; }
  [[nodiscard]] std::size_t young_in(std::span<const std::uint32_t> votes) const;
  // From the first vote to the last.
  [[nodiscard]] std::chrono::milliseconds duration() const;

 private:
  BattleFacts facts_;
  std::vector<Cohort> by_entry_;
  std::vector<Cohort> by_network_;
  std::unordered_map<std::int64_t, std::size_t> network_votes_;
  std::vector<bool> is_young_;
  std::size_t young_votes_ = 0;
};

}  // namespace wildnout::battles::fair_play
