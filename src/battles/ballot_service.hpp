// Dealing ballots: a few entries for one voter to judge.
#pragma once

#include <string>

#include "battles/node.hpp"
#include "battles/reading.hpp"
#include "battles/voting_places.hpp"
#include "platform/api/access.hpp"

namespace wildnout::battles {

// One a shard.
class BallotService {
 public:
  BallotService(Node& node, unsigned shard, Reading& reading, VotingPlaces& places)
      : node_{node}, shard_{shard}, reading_{reading}, places_{places} {}

  // The JSON of a DealtBallot; see Rotation::deal for who is on it. An entry that was taken away
  // since it was dealt is left out. A tournament stands for its round that is voting. Refuses:
  // not_found, battle_not_voting.
  [[nodiscard]] Task<std::string> deal(api::Caller caller, BattleId battle, std::size_t size);

 private:
  Node& node_;
  unsigned shard_;
  Reading& reading_;
  VotingPlaces& places_;
};

}  // namespace wildnout::battles
