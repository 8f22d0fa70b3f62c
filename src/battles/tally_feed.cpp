// The feed's loop.
#include "battles/tally_feed.hpp"

#include "battles/vote_repository.hpp"
#include "platform/json/json.hpp"
#include "platform/log/log.hpp"

namespace wildnout::battles {
namespace {

using namespace std::chrono_literals;

constexpr auto gather = 100ms;  // ten a second, contract section 3
constexpr auto idle = 10s;

}  // namespace

std::string channel_of(BattleId battle) { return "battle:" + battle.text(); }

void TallyFeed::mark(BattleId battle) {
  if (!hub_.has_listeners(channel_of(battle))) return;  // who comes later gets the snapshot
  marked_.insert(battle);
  signal_.raise();
}

Task<> TallyFeed::run() {
  while (!is_stopping_) {
    if (marked_.empty()) {
      co_await signal_.wait_for(idle);
      continue;
    }
    const std::vector<BattleId> battles{marked_.begin(), marked_.end()};
    marked_.clear();
    try {
      co_await send(database_, hub_, battles);
    } catch (const std::exception& fault) {
      log::warn("tallies wait", {{"what", fault.what()}});
      marked_.insert(battles.begin(), battles.end());
    }
    co_await async::sleep_for(gather);
  }
}

void TallyFeed::stop() {
  is_stopping_ = true;
  signal_.raise();
}

Task<> TallyFeed::send(db::Database& database, ws::Hub& hub, std::vector<BattleId> battles) {
  for (const Tally& tally : co_await find_tallies(database.session(), std::move(battles))) {
    if (!tally.entries) continue;  // hidden until the end
    hub.publish(channel_of(tally.battle_id), "battle.tally", json::text_of(tally),
                ws::Delivery::latest);
  }
}

}  // namespace wildnout::battles
