// Sends the tallies of live battles: gathered, at most ten a second, always ending on the truth.
#pragma once

#include <unordered_set>

#include "battles/model.hpp"
#include "platform/async/signal.hpp"
#include "platform/db/database.hpp"
#include "platform/ws/hub.hpp"

namespace wildnout::battles {

// For the battles whose home is this shard.
class TallyFeed {
 public:
  TallyFeed(db::Database& database, ws::Hub& hub) : database_{database}, hub_{hub} {}

  // Counters of the battle were committed: a tally read after this call is sent to its watchers.
  void mark(BattleId battle);

  [[nodiscard]] Task<> run();
  void stop();

  // Reads the battle's tally and sends it now.
  [[nodiscard]] static Task<> send(db::Database& database, ws::Hub& hub,
                                   std::vector<BattleId> battles);

 private:
  db::Database& database_;
  ws::Hub& hub_;
  std::unordered_set<BattleId> marked_;
  async::Signal signal_;
  bool is_stopping_ = false;
};

[[nodiscard]] std::string channel_of(BattleId battle);

}  // namespace wildnout::battles
