// Choosing by turns: the order is kept sorted, a turn moves an entry to the end of its equals.
#include "battles/rotation.hpp"

#include <algorithm>
#include <functional>
#include <numeric>

namespace wildnout::battles {

void Rotation::refill(std::span<const Candidate> candidates) {
  std::vector<Place> places;
  places.reserve(candidates.size());
  std::unordered_map<EntryId, Index> by_id;
  std::unordered_map<UserId, std::size_t> entries_of;
  for (const Candidate& one : candidates) {
    Place place{one.id, one.author_id, one.turns_elsewhere, one.here, one.here};
    if (const auto known = by_id_.find(one.id); known != by_id_.end()) {
      place.here = places_[known->second].here;
      place.written = places_[known->second].written;
    }
    by_id.emplace(one.id, static_cast<Index>(places.size()));
    ++entries_of[one.author_id];
    places.push_back(place);
  }
  places_ = std::move(places);
  by_id_ = std::move(by_id);
  entries_of_ = std::move(entries_of);
  order_.resize(places_.size());
  std::iota(order_.begin(), order_.end(), Index{0});
  std::sort(order_.begin(), order_.end(),
            [this](Index a, Index b) { return places_[a].turns() < places_[b].turns(); });
}

std::vector<EntryId> Rotation::deal(const Voter& voter, std::size_t size, bool is_secret) {
  Choice choice = choose(voter, size);
  std::vector<EntryId> dealt;
  dealt.reserve(choice.shown.size());
  shuffle(choice.shown);
  for (const Index at : choice.shown) {
    Place& place = places_[order_[at]];
    ++place.here.impressions;
    dealt.push_back(place.id);
  }
  is_dirty_ |= !dealt.empty();
  const bool is_steered = is_secret || would_steer(voter);
  take_turns(std::move(is_steered ? choice.next_ones : choice.shown));
  return dealt;
}

Rotation::Choice Rotation::choose(const Voter& voter, std::size_t size) {
  Choice choice;
  std::vector<Index> voted;
  Index level_end = 0;
  for (Index at = 0; at < order_.size() && choice.shown.size() < size; ++at) {
    if (at == level_end) level_end = end_of_level(at);
    std::swap(order_[at], order_[pick(at, level_end)]);  // equals have no order
    const Place& place = places_[order_[at]];
    if (place.author_id == voter.id) continue;
    if (choice.next_ones.size() < size) choice.next_ones.push_back(at);
    if (!std::binary_search(voter.voted.begin(), voter.voted.end(), place.id)) {
      choice.shown.push_back(at);
    } else if (voted.size() < size) {
      voted.push_back(at);
    }
  }
  if (choice.shown.empty()) choice.shown = std::move(voted);
  return choice;
}

bool Rotation::would_steer(const Voter& voter) const {
  const auto own = entries_of_.find(voter.id);
  const std::size_t others = places_.size() - (own == entries_of_.end() ? 0 : own->second);
  return voter.voted.size() * 2 > others;
}

void Rotation::shuffle(std::vector<Index>& some) {
  std::shuffle(some.begin(), some.end(), random_);
}

void Rotation::take_turns(std::vector<Index> at) {
  // From the back: a move touches only what lies behind the places still to come.
  std::sort(at.begin(), at.end(), std::greater<>{});
  for (const Index here : at) {
    const Index last = end_of_level(here) - 1;
    std::swap(order_[here], order_[last]);
    ++places_[order_[last]].here.turns;
  }
}

Rotation::Index Rotation::end_of_level(Index at) const {
  const std::int64_t turns = places_[order_[at]].turns();
  const auto end = std::upper_bound(
      order_.begin() + at, order_.end(), turns,
      [this](std::int64_t value, Index other) { return value < places_[other].turns(); });
  return static_cast<Index>(end - order_.begin());
}

Rotation::Index Rotation::pick(Index from, Index to) {
  return std::uniform_int_distribution<Index>{from, to - 1}(random_);
}

std::vector<Rotation::Count> Rotation::unwritten(std::size_t limit) const {
  std::vector<Count> counts;
  for (const Place& place : places_) {
    if (counts.size() == limit) break;
    if (place.here != place.written) counts.push_back({place.id, place.here});
  }
  return counts;
}

void Rotation::mark_written(std::span<const Count> counts) {
  for (const Count& count : counts) {
    const auto found = by_id_.find(count.id);
    if (found != by_id_.end()) places_[found->second].written = count.exposure;
  }
  is_dirty_ = std::any_of(places_.begin(), places_.end(),
                          [](const Place& place) { return place.here != place.written; });
}

}  // namespace wildnout::battles
