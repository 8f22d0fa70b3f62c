// Sorting and grouping the facts.
#include "battles/fair_play/case.hpp"

#include <algorithm>
#include <map>

#include "battles/fair_play/thresholds.hpp"

namespace wildnout::battles::fair_play {

Case::Case(BattleFacts facts) : facts_{std::move(facts)} {
  auto& votes = facts_.votes;
  std::sort(votes.begin(), votes.end(),
            [](const Fact& a, const Fact& b) { return a.at != b.at ? a.at < b.at : a.id < b.id; });
  by_entry_.resize(facts_.entries.size());
  for (std::uint32_t entry = 0; entry < by_entry_.size(); ++entry) by_entry_[entry].entry = entry;
  is_young_.reserve(votes.size());
  for (std::uint32_t vote = 0; vote < votes.size(); ++vote) {
    const Fact& fact = votes[vote];
    by_entry_[fact.entry].votes.push_back(vote);
    if (fact.network) ++network_votes_[*fact.network];
    is_young_.push_back(fact.at - fact.account_made < young_account);
    if (is_young_.back()) ++young_votes_;
  }
  for (const Cohort& entry : by_entry_) {
    std::map<std::int64_t, std::vector<std::uint32_t>> groups;
    for (const std::uint32_t vote : entry.votes) {
      const auto network = votes[vote].network;
      if (network && network_votes_[*network] >= least_shared) groups[*network].push_back(vote);
    }
    for (auto& [network, group] : groups) {
      if (group.size() < least_shared) continue;
      by_network_.push_back({entry.entry, network, std::move(group)});
    }
  }
}

std::size_t Case::votes_of_network(std::int64_t network) const {
  const auto found = network_votes_.find(network);
  return found == network_votes_.end() ? 0 : found->second;
}

std::size_t Case::count_between(Timestamp from, Timestamp until) const {
  const auto& votes = facts_.votes;
  const auto first = std::partition_point(votes.begin(), votes.end(),
                                          [&](const Fact& fact) { return fact.at < from; });
  const auto last =
      std::partition_point(first, votes.end(), [&](const Fact& fact) { return fact.at <= until; });
  return static_cast<std::size_t>(last - first);
}

std::size_t Case::count_between(const Cohort& cohort, Timestamp from, Timestamp until) const {
  const auto& votes = facts_.votes;
  const auto first =
      std::partition_point(cohort.votes.begin(), cohort.votes.end(),
                           [&](std::uint32_t vote) { return votes[vote].at < from; });
  const auto last = std::partition_point(
      first, cohort.votes.end(), [&](std::uint32_t vote) { return votes[vote].at <= until; });
  return static_cast<std::size_t>(last - first);
}

std::size_t Case::young_in(std::span<const std::uint32_t> votes) const {
  return static_cast<std::size_t>(
      std::count_if(votes.begin(), votes.end(), [this](std::uint32_t v) { return is_young_[v]; }));
}

std::chrono::milliseconds Case::duration() const {
  if (facts_.votes.empty()) return {};
  return facts_.votes.back().at - facts_.votes.front().at;
}

}  // namespace wildnout::battles::fair_play
