// Casting votes, taking them back, seeing one's own.
#pragma once

#include "battles/node.hpp"
#include "battles/vote_repository.hpp"
#include "battles/voting_places.hpp"
#include "platform/api/access.hpp"
#include "platform/values/network.hpp"

namespace wildnout::battles {

// One a shard.
class VoteService {
 public:
  VoteService(Node& node, unsigned shard, VotingPlaces& places)
      : node_{node}, shard_{shard}, places_{places} {}

  // Returns once the vote is durable. Refuses: not_found (battle or entry), battle_not_voting,
  // own_entry, account_too_young, already_voted, vote_limit_reached. In an ambient scope (an
  // idempotency key) the vote is decided there, alone, by the same statements. `address`: where the
  // vote comes from. A vote in a tournament counts in the round that is voting, and its answer says
  // so.
  [[nodiscard]] Task<Vote> cast(db::Scope scope, api::Caller caller, BattleId battle, EntryId entry,
                                Address address);

  // Refuses: not_found, retraction_forbidden, battle_not_voting, vote_voided.
  [[nodiscard]] Task<> retract(db::Scope scope, api::Caller caller, BattleId battle, EntryId entry);

 private:
  [[nodiscard]] Task<Decision> decide_alone(db::Session& session, Ballot ballot);

  Node& node_;
  unsigned shard_;
  VotingPlaces& places_;
};

}  // namespace wildnout::battles
