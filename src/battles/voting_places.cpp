// Looking places up, once a battle.
#include "battles/voting_places.hpp"

#include "battles/refusals.hpp"

namespace wildnout::battles {

Task<VotingPlaces::Place> VotingPlaces::resolve(BattleId battle, EntryId entry) {
  Shared found = places_.find(battle);
  if (!found) found = co_await known(battle);
  if (!found) co_return Place{battle, entry};
  if (!found->place.parent_id) {
    if (found->place.battle_type != BattleType::tournament) co_return Place{battle, entry};
    battle = co_await round_of(battle);
    found = co_await known(battle);
  }
  const auto copy = found->copies.find(entry);
  co_return Place{battle, copy == found->copies.end() ? entry : copy->second};
}

Task<BattleId> VotingPlaces::voting_now(BattleId battle) {
  Shared found = places_.find(battle);
  if (!found) found = co_await known(battle);
  const bool is_tournament = found && found->place.battle_type == BattleType::tournament;
  co_return is_tournament && !found->place.parent_id ? co_await round_of(battle) : battle;
}

Task<BattleId> VotingPlaces::round_of(BattleId tournament) {
  const auto round = co_await find_voting_round(database_.session(), tournament);
  api::require(round.has_value(), battle_not_voting);
  co_return *round;
}

Task<VotingPlaces::Shared> VotingPlaces::known(BattleId battle) {
  Shared found = places_.find(battle);
  if (!found) found = co_await places_.get(battle, [this, battle] { return load(battle); });
  // Before a round votes it has no entries: that is not to be remembered.
  if (found && found->place.parent_id && found->place.status == Status::upcoming) {
    places_.drop(battle);
  }
  co_return found;
}

Task<VotingPlaces::Shared> VotingPlaces::load(BattleId battle) {
  const auto place = co_await find_place(database_.session(), battle);
  if (!place) co_return nullptr;
  auto known = std::make_shared<Known>();  // shared with the cache
  known->place = *place;
  if (place->parent_id) {
    for (const RoundEntryRow& row : co_await find_entries_of_round(database_.session(), battle)) {
      known->copies.emplace(row.origin_id, row.id);
    }
  }
  co_return known;
}

}  // namespace wildnout::battles
