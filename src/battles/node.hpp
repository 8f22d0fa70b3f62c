// Where the parts of battles on the shards of this process meet.
#pragma once

#include <functional>
#include <utility>
#include <vector>

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
       VoterNetworks networks, audit::Trail trail = audit::Trail::with_random_key())
      : shards_{shards},
        hub_{hub},
        cpu_pool_{cpu_pool},
        background_{background},
        networks_{std::move(networks)},
        trail_{std::move(trail)},
        parts_(shards.size()) {}

  struct Part {
    Reading* reading = nullptr;
    VoteWriter* writer = nullptr;
    TallyFeed* feed = nullptr;
  };
  void set_part(unsigned shard, Part part) { parts_[shard] = part; }

  // After a commit, on any shard: drops what the caches hold of the battle, everywhere.
  void battle_changed(BattleId battle);
  // The same for votes: also what their voters see, and the tally is sent out soon.
  void votes_changed(std::vector<std::pair<BattleId, UserId>> votes);

  // Decides a vote in the batches of its battle's home shard. `origin`: the caller's shard.
  // Throws db::Unavailable when too many wait, db::Error when the batch was lost.
  [[nodiscard]] Task<Decision> decide(unsigned origin, Ballot ballot);

  [[nodiscard]] ws::Hub& hub() { return hub_; }
  [[nodiscard]] async::CpuPool& cpu_pool() { return cpu_pool_; }
  [[nodiscard]] Background& background() { return background_; }
  [[nodiscard]] const audit::Trail& trail() const { return trail_; }
  [[nodiscard]] const VoterNetworks& networks() const { return networks_; }

 private:
  [[nodiscard]] unsigned home_of(BattleId battle) {
    return shards_.home(std::hash<BattleId>{}(battle)).index();
  }

  async::Shards& shards_;
  ws::Hub& hub_;
  async::CpuPool& cpu_pool_;
  Background& background_;
  VoterNetworks networks_;
  audit::Trail trail_;
  std::vector<Part> parts_;
};

}  // namespace wildnout::battles
