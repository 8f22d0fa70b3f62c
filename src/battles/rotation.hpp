// Whose turn it is to be shown to a voter: the entries with the fewest turns, equals at random.
#pragma once

#include <cstdint>
#include <random>
#include <span>
#include <unordered_map>
#include <vector>

#include "contracts/ids.hpp"

namespace wildnout::battles {

// How often this process has dealt an entry. `turns` decide who is next; they are the impressions
// but where a voter's votes would steer them (see Rotation::deal).
struct Exposure {
  std::int64_t impressions = 0;
  std::int64_t turns = 0;
  bool operator==(const Exposure&) const = default;
};

// An entry as it is stored: with what other processes have dealt, and this one before.
struct Candidate {
  EntryId id;
  UserId author_id;
  std::int64_t turns_elsewhere;
  Exposure here;
};

struct Voter {
  UserId id;
  std::vector<EntryId> voted;  // sorted
};

// The entries of one battle. No two differ by more than one turn as long as nobody is passed over;
// who is behind (an entry that joined late, another process that dealt unevenly) comes first until
// it has caught up. Dealing `size` of n entries costs O(size log n), and O(n) for who has voted for
// nearly all.
class Rotation {
 public:
  explicit Rotation(std::uint64_t seed) : random_{seed} {}

  // What is stored now. The counts of this process are taken from `candidates` for entries that are
  // new here, else those in memory hold, which are never behind.
  void refill(std::span<const Candidate> candidates);

  // At most `size` entries in random order: not the voter's own, and none that they voted for as
  // long as there are others. Each is an impression. The turn is theirs too, unless `is_secret` or
  // the voter has voted for more than half: then the turn is taken by those who would have been
  // shown to someone without votes. So neither can votes be read off what others are dealt, nor can
  // who votes for all but one entry make everyone else see less of it.
  [[nodiscard]] std::vector<EntryId> deal(const Voter& voter, std::size_t size, bool is_secret);

  struct Count {
    EntryId id;
    Exposure exposure;
  };
  // The counts of this process that `mark_written` has not been told of, `limit` at most.
  [[nodiscard]] std::vector<Count> unwritten(std::size_t limit) const;
  void mark_written(std::span<const Count> counts);
  [[nodiscard]] bool has_unwritten() const { return is_dirty_; }

  [[nodiscard]] std::size_t size() const { return places_.size(); }

 private:
  struct Place {
    EntryId id;
    UserId author_id;
    std::int64_t turns_elsewhere;
    Exposure here;
    Exposure written;
    [[nodiscard]] std::int64_t turns() const { return turns_elsewhere + here.turns; }
  };
  using Index = std::uint32_t;

  struct Choice {
    std::vector<Index> shown;      // of order_
    std::vector<Index> next_ones;  // who would be shown to someone without votes
  };
  [[nodiscard]] Choice choose(const Voter& voter, std::size_t size);
  [[nodiscard]] bool would_steer(const Voter& voter) const;
  void shuffle(std::vector<Index>& some);
  void take_turns(std::vector<Index> at);
  [[nodiscard]] Index end_of_level(Index at) const;
  [[nodiscard]] Index pick(Index from, Index to);  // in [from, to)

  std::vector<Place> places_;
  std::vector<Index> order_;  // of places_, by turns
  std::unordered_map<EntryId, Index> by_id_;
  std::unordered_map<UserId, std::size_t> entries_of_;
  std::mt19937_64 random_;
  bool is_dirty_ = false;
};

}  // namespace wildnout::battles
