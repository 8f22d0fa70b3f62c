// Where the parts of battles on the shards of this process meet.
#pragma once

#include <functional>
#include <utility>
#include <vector>

#include "battles/dealer.hpp"
#include "battles/fair_play/facts.hpp"
#include "battles/vote_repository.hpp"
#include "battles/voter_network.hpp"
#include "contracts/background.hpp"
#include "platform/async/cpu_pool.hpp"
#include "platform/async/shards.hpp"
#include "platform/audit/trail.hpp"
#include "platform/ws/hub.hpp"

namespace wildnout::battles {

class Reading;
class TallyFeed;
class VoteWriter;

// One for the process. Parts are added before the first request and stay until the shards stop.
class Node {
 public:
  Node(async::Shards& shards, ws::Hub& hub, async::CpuPool& cpu_pool, Background& background,
       VoterNetworks networks, fair_play::Detectors detectors = fair_play::Detectors::all(),
       audit::Trail trail = audit::Trail::with_random_key())
      : shards_{shards},
        hub_{hub},
        cpu_pool_{cpu_pool},
        background_{background},
        networks_{std::move(networks)},
        detectors_{detectors},
        trail_{std::move(trail)},
        parts_(shards.size()) {}

  struct Part {
    Reading* reading = nullptr;
    VoteWriter* writer = nullptr;
    TallyFeed* feed = nullptr;
    Dealer* dealer = nullptr;
  };
  void set_part(unsigned shard, Part part) { parts_[shard] = part; }

  // After a commit, on any shard: drops what the caches hold of the battle, everywhere.
  void battle_changed(BattleId battle);
  // The same for votes: also what their voters see, and the tally is sent out soon.
  void votes_changed(std::vector<std::pair<BattleId, UserId>> votes);

  // Decides a vote in the batches of its battle's home shard. `origin`: the caller's shard.
  // Throws db::Unavailable when too many wait, db::Error when the batch was lost.
  [[nodiscard]] Task<Decision> decide(unsigned origin, Ballot ballot);

  // Deals a ballot at the battle's home shard, where all of this process are dealt.
  [[nodiscard]] Task<Dealer::Dealt> deal(unsigned origin, BattleId battle, Voter voter,
                                         std::size_t size);
  // Writes what this process has dealt in a battle, so that its results show it; a failure is
  // logged, the counts wait. Not while the caller holds the battle's row: votes that wait for the
  // row would stand before this in the home shard's pipeline, and all would wait for each other.
  [[nodiscard]] Task<> write_impressions(BattleId battle);

  [[nodiscard]] ws::Hub& hub() { return hub_; }
  [[nodiscard]] async::CpuPool& cpu_pool() { return cpu_pool_; }
  [[nodiscard]] Background& background() { return background_; }
  [[nodiscard]] const audit::Trail& trail() const { return trail_; }
  [[nodiscard]] const VoterNetworks& networks() const { return networks_; }
  // Those that are on, whatever a battle's rules say.
  [[nodiscard]] const fair_play::Detectors& detectors() const { return detectors_; }

 private:
  [[nodiscard]] unsigned home_of(BattleId battle) {
    return shards_.home(std::hash<BattleId>{}(battle)).index();
  }

  async::Shards& shards_;
  ws::Hub& hub_;
  async::CpuPool& cpu_pool_;
  Background& background_;
  VoterNetworks networks_;
  fair_play::Detectors detectors_;
  audit::Trail trail_;
  std::vector<Part> parts_;
};

}  // namespace wildnout::battles
