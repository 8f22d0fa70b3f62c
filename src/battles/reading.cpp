// Loading what the caches miss, and putting the viewer's part on.
#include "battles/reading.hpp"

#include "battles/entry_repository.hpp"
#include "battles/presentation.hpp"
#include "platform/json/json.hpp"

namespace wildnout::battles {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t battles_kept = 4096;  // about 2 KB each
constexpr std::size_t viewers_kept = 50000;
constexpr std::size_t blind_entries_kept = 2000;  // 1 KB each as a rule, 80 KB at most
constexpr std::size_t lists_kept = 256;
constexpr auto battle_lifetime = 1000ms;
constexpr auto viewer_lifetime = 30000ms;
constexpr auto blind_entry_lifetime = 5000ms;  // entries do not change while votes are taken
constexpr auto tally_lifetime = 250ms;
constexpr auto list_lifetime = 500ms;

void print(const ReadyBattle& battle, const KnownViewer& viewer) {
  viewer.json = ",\"viewer\":";
  json::write(viewer.json, present(viewer.row, battle));
  viewer.json += '}';
  viewer.etag = "-" + etag_of(battle.version, viewer.json);
  viewer.battle_version = battle.version;
  viewer.entry_count = battle.entry_count;
}

}  // namespace

ReadyBytes join(const ReadyBattle& battle, const KnownViewer& viewer) {
  if (viewer.battle_version != battle.version || viewer.entry_count != battle.entry_count) {
    print(battle, viewer);
  }
  // The validator of the shared part, carried on over the viewer's.
  return {battle.open_json + viewer.json, battle.etag + viewer.etag};
}

Reading::Reading(db::Database& database)
    : database_{database},
      battles_{battles_kept, battle_lifetime},
      viewers_{viewers_kept, viewer_lifetime},
      blind_entries_{blind_entries_kept, blind_entry_lifetime},
      tallies_{battles_kept, tally_lifetime},
      lists_{lists_kept, list_lifetime} {}

Task<std::shared_ptr<const ReadyBattle>> Reading::battle(BattleId id) {
  return battles_.get(id, [this, id] { return load_battle(id); });
}

Task<std::shared_ptr<const KnownViewer>> Reading::viewer(BattleId id, UserId user) {
  const ViewerKey key{id, user};
  return viewers_.get(key, [this, key] { return load_viewer(key); });
}

Task<std::shared_ptr<const std::string>> Reading::blind_entry(EntryId id) {
  return blind_entries_.get(id, [this, id] { return load_blind_entry(id); });
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
    viewers_.drop({battle, user});
    // A hidden tally tells no number and must not tell by its time that votes have come.
    const auto tally = tallies_.find(battle);
    if (tally && !tally->entries) continue;
    battles_.drop(battle);
    tallies_.drop(battle);
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

Task<std::shared_ptr<const KnownViewer>> Reading::load_viewer(ViewerKey key) {
  auto known = std::make_shared<KnownViewer>();
  known->row = co_await find_viewer(database_.session(), key.battle, key.user);
  co_return known;
}

Task<std::shared_ptr<const std::string>> Reading::load_blind_entry(EntryId id) {
  const auto row = co_await find_entry(database_.session(), id);
  if (!row || row->status != EntryStatus::submitted ||
      row->moderation_status != ModerationStatus::approved) {
    co_return nullptr;
  }
  Entry entry = present(*row);
  entry.metrics.vote_count = std::nullopt;
  co_return std::make_shared<const std::string>(json::text_of(entry));
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
