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
    : cpu_pool_{node.cpu_pool()},
      reading_{database},
      feed_{database, node.hub()},
      writer_{shards, shard, database,
              [&node](const std::vector<Ballot>& ballots) {
                node.votes_changed(voters_of(ballots));
                node.background().wake();
              }},
      dealer_{database},
      places_{database},
      battles_{node, settings.minimum_phase, settings.allows_round_seconds, settings.house},
      entries_{node},
      votes_{node, shard, places_},
      fair_play_{node},
      ballots_{node, shard, reading_, places_},
      tournaments_{node},
      battle_channel_{reading_} {
  node.set_part(shard, {&reading_, &writer_, &feed_, &dealer_});
}

void Module::mount(api::Router& router, const api::Cursors& cursors) {
  mount_battles(router, battles_, reading_, cursors);
  mount_entries(router, entries_, reading_, cursors);
  mount_votes(router, votes_, reading_, cursors);
  mount_fair_play(router, fair_play_, battles_, reading_, cursors);
  mount_ballots(router, ballots_);
  mount_tournaments(router, tournaments_);
  mount_proofs(router, cpu_pool_);
}

}  // namespace wildnout::battles
