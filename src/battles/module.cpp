// How the parts of battles hang together on one shard.
#include "battles/module.hpp"

#include "battles/routes.hpp"

namespace wildnout::battles {
namespace {

std::vector<std::pair<BattleId, UserId>> voters_of(const std::vector<Ballot>& ballots) {
  std::vector<std::pair<BattleId, UserId>> voters;
  voters.reserve(ballots.size());
  for (const Ballot& ballot : ballots) voters.emplace_back(ballot.battle_id, ballot.user_id);
  return voters;
}

}  // namespace

Module::Module(Node& node, unsigned shard, async::Shards& shards, db::Database& database,
               Settings settings)
    : reading_{database},
      feed_{database, node.hub()},
      writer_{shards, shard, database,
              [&node](const std::vector<Ballot>& ballots) {
                node.votes_changed(voters_of(ballots));
                node.background().wake();
              }},
      dealer_{database},
      battles_{node, settings.minimum_phase, settings.allows_round_seconds},
      entries_{node},
      votes_{node, shard},
      ballots_{node, shard, reading_},
      battle_channel_{reading_} {
  node.set_part(shard, {&reading_, &writer_, &feed_, &dealer_});
}

void Module::mount(api::Router& router, const api::Cursors& cursors) {
  mount_battles(router, battles_, reading_, cursors);
  mount_entries(router, entries_, reading_, cursors);
  mount_votes(router, votes_, reading_, cursors);
  mount_ballots(router, ballots_);
}

}  // namespace wildnout::battles
