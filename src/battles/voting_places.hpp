// Where a vote belongs: in its battle, in a round's battle, or in the round of a tournament that is
// voting now.
#pragma once

#include <memory>
#include <optional>
#include <unordered_map>
#include <utility>

#include "battles/bracket_repository.hpp"
#include "platform/cache/flight_cache.hpp"
#include "platform/db/database.hpp"

namespace wildnout::battles {

// One a shard. Whether a battle is ordinary never changes, nor do the entries of a round once it
// votes: both are kept, so that a vote pays one look into a table in memory.
class VotingPlaces {
 public:
  explicit VotingPlaces(db::Database& database) : database_{database} {}

  struct Place {
    BattleId battle;
    EntryId entry;
  };
  // The battle and entry that the vote is for. A round takes its own entries and the tournament's;
  // a tournament stands for its round that is voting. What cannot be found stays as it is: counting
  // refuses it. Refuses: battle_not_voting for a tournament without such a round.
  [[nodiscard]] Task<Place> resolve(BattleId battle, EntryId entry);
  // The battle that takes votes for this one: itself, or a tournament's round. Refuses the same.
  [[nodiscard]] Task<BattleId> voting_now(BattleId battle);

 private:
  struct Known {
    BattlePlace place;
    std::unordered_map<EntryId, EntryId> copies;  // by the tournament's entry
  };
  using Shared = std::shared_ptr<const Known>;  // shared with the cache

  [[nodiscard]] Task<Shared> load(BattleId battle);
  [[nodiscard]] Task<Shared> known(BattleId battle);
  [[nodiscard]] Task<BattleId> round_of(BattleId tournament);

  static constexpr std::size_t places_kept = 8192;
  static constexpr std::chrono::hours lifetime{1};

  db::Database& database_;
  cache::FlightCache<BattleId, Known> places_{places_kept, lifetime};
};

}  // namespace wildnout::battles
