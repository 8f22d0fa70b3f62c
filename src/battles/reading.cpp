// Loading what the caches miss, and putting the viewer's part on.
#include "battles/reading.hpp"

#include "battles/presentation.hpp"
#include "platform/json/json.hpp"

namespace wildnout::battles {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t battles_kept = 4096;  // about 2 KB each
constexpr std::size_t viewers_kept = 50000;
constexpr std::size_t lists_kept = 256;
constexpr auto battle_lifetime = 1000ms;
constexpr auto viewer_lifetime = 30000ms;
constexpr auto tally_lifetime = 250ms;
constexpr auto list_lifetime = 500ms;

}  // namespace

Reading::Reading(db::Database& database)
    : database_{database},
      battles_{battles_kept, battle_lifetime},
      viewers_{viewers_kept, viewer_lifetime},
      tallies_{battles_kept, tally_lifetime},
      lists_{lists_kept, list_lifetime} {}

Task<std::shared_ptr<const ReadyBattle>> Reading::battle(BattleId id) {
  return battles_.get(id, [this, id] { return load_battle(id); });
}

Task<ReadyBytes> Reading::battle_for(std::shared_ptr<const ReadyBattle> battle, BattleId id,
                                     UserId viewer) {
  const ViewerKey key{id, viewer};
  auto known = viewers_.find(key);
  if (!known) known = co_await viewers_.get(key, [this, key] { return load_viewer(key); });
  ReadyBytes ready;
  ready.json.reserve(battle->open_json.size() + 160);
  ready.json = battle->open_json;
  const std::size_t start = ready.json.size();
  ready.json += ",\"viewer\":";
  json::write(ready.json, present(*known, *battle));
  ready.json += '}';
  // The validator of the shared part, carried on over the viewer's.
  ready.etag =
      battle->etag + "-" + etag_of(battle->version, std::string_view{ready.json}.substr(start));
  co_return ready;
}

Task<std::shared_ptr<const Tally>> Reading::tally(BattleId id) {
  return tallies_.get(id, [this, id] { return load_tally(id); });
}

Task<std::shared_ptr<const ReadyPage>> Reading::list(std::string key, BattleQuery query,
                                                     Print print) {
  return lists_.get(std::move(key), [this, query = std::move(query), print = std::move(print)] {
    return load_list(query, print);
  });
}

void Reading::drop_battle(BattleId id) {
  battles_.drop(id);
  tallies_.drop(id);
  lists_.drop_all();
}

void Reading::drop_votes(const std::vector<std::pair<BattleId, UserId>>& votes) {
  for (const auto& [battle, user] : votes) {
    battles_.drop(battle);
    tallies_.drop(battle);
    viewers_.drop({battle, user});
  }
}

Task<std::shared_ptr<const ReadyBattle>> Reading::load_battle(BattleId id) {
  const auto row = co_await find_battle(database_.session(), id);
  if (!row) co_return nullptr;
  const Battle battle = present(*row);
  auto ready = std::make_shared<ReadyBattle>();
  json::write(ready->open_json, battle);
  ready->open_json.pop_back();
  ready->etag = etag_of(row->version, ready->open_json);
  ready->version = row->version;
  ready->entry_count = row->entry_count;
  ready->votes_per_user = battle.rules.votes_per_user;
  ready->allow_self_vote = battle.rules.allow_self_vote;
  ready->status = row->status;
  co_return ready;
}

Task<std::shared_ptr<const ViewerRow>> Reading::load_viewer(ViewerKey key) {
  auto row = co_await find_viewer(database_.session(), key.battle, key.user);
  co_return std::make_shared<const ViewerRow>(std::move(row));
}

Task<std::shared_ptr<const Tally>> Reading::load_tally(BattleId id) {
  std::vector<BattleId> one{id};
  auto tallies = co_await find_tallies(database_.session(), std::move(one));
  if (tallies.empty()) co_return nullptr;
  co_return std::make_shared<const Tally>(std::move(tallies.front()));
}

Task<std::shared_ptr<const ReadyPage>> Reading::load_list(BattleQuery query, Print print) {
  const auto rows = co_await list_battles(database_.session(), query.sort, query.filter,
                                          query.after, query.limit);
  std::string json = print(rows);
  auto page = std::make_shared<ReadyPage>();
  constexpr std::int32_t no_version = 0;
  page->etag = etag_of(no_version, json);
  page->body = http::make_shared_body(std::move(json), true);
  co_return page;
}

}  // namespace wildnout::battles
