// Reading battles: the hot ones as ready bytes, made once a change.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "battles/model.hpp"
#include "battles/repository.hpp"
#include "battles/vote_repository.hpp"
#include "platform/cache/flight_cache.hpp"
#include "platform/db/database.hpp"
#include "platform/http/response.hpp"

namespace wildnout::battles {

// A battle as it is sent, but for the viewer's part.
struct ReadyBattle {
  std::string open_json;  // without the closing brace
  std::string etag;
  std::int32_t version;
  std::int32_t entry_count;
  std::optional<std::int32_t> votes_per_user;
  bool allow_self_vote;
  Status status;
};

// What a viewer has done in a battle, and how that was last printed.
struct KnownViewer {
  ViewerRow row;
  // Kept from read to read; good while the battle's version and number of entries are the same.
  mutable std::string json;  // from the comma before "viewer" to the closing brace
  mutable std::string etag;
  mutable std::int32_t battle_version = -1;
  mutable std::int32_t entry_count = -1;
};

// Ready bytes of a resource and their validator.
struct ReadyBytes {
  std::string json;
  std::string etag;
};

// A page of battles, made once for all who ask for it within its lifetime.
struct ReadyPage {
  std::shared_ptr<const http::SharedBody> body;  // shared with the connections that write it
  std::string etag;
};

struct BattleQuery {
  BattleFilter filter;
  BattleSort sort;
  std::optional<BattlePosition> after;
  std::int32_t limit;
};

// The battle with what the viewer has to do with it.
[[nodiscard]] ReadyBytes join(const ReadyBattle& battle, const KnownViewer& viewer);

// One a shard. What this node writes is dropped at once on every shard; what other nodes write is
// seen after `lifetime` at most.
class Reading {
 public:
  explicit Reading(db::Database& database);

  // Nothing when there is no such battle.
  [[nodiscard]] Task<std::shared_ptr<const ReadyBattle>> battle(BattleId id);
  [[nodiscard]] std::shared_ptr<const ReadyBattle> battle_now(BattleId id) {
    return battles_.find(id);
  }

  [[nodiscard]] Task<std::shared_ptr<const KnownViewer>> viewer(BattleId id, UserId user);
  [[nodiscard]] std::shared_ptr<const KnownViewer> viewer_now(BattleId id, UserId user) {
    return viewers_.find({id, user});
  }

  // An approved entry as a ballot shows it: no count of votes, which would tell a voter what to
  // think. Its JSON, or nothing when it may not be shown (any more).
  [[nodiscard]] Task<std::shared_ptr<const std::string>> blind_entry(EntryId id);

  [[nodiscard]] Task<std::shared_ptr<const Tally>> tally(BattleId id);
  // A page of battles by `key`, which names everything that `query` asks for; `print` gives the
  // JSON of the rows found.
  using Print = std::function<std::string(const std::vector<BattleRow>&)>;
  [[nodiscard]] Task<std::shared_ptr<const ReadyPage>> list(std::string key, BattleQuery query,
                                                            Print print);

  void drop_battle(BattleId id);
  void drop_votes(const std::vector<std::pair<BattleId, UserId>>& votes);

 private:
  struct ViewerKey {
    BattleId battle;
    UserId user;
    bool operator==(const ViewerKey&) const = default;
  };
  struct ViewerKeyHash {
    std::size_t operator()(const ViewerKey& key) const noexcept {
      return std::hash<BattleId>{}(key.battle) * 31 + std::hash<UserId>{}(key.user);
    }
  };
  [[nodiscard]] Task<std::shared_ptr<const ReadyBattle>> load_battle(BattleId id);
  [[nodiscard]] Task<std::shared_ptr<const KnownViewer>> load_viewer(ViewerKey key);
  [[nodiscard]] Task<std::shared_ptr<const std::string>> load_blind_entry(EntryId id);
  [[nodiscard]] Task<std::shared_ptr<const Tally>> load_tally(BattleId id);
  [[nodiscard]] Task<std::shared_ptr<const ReadyPage>> load_list(BattleQuery query, Print print);

  db::Database& database_;
  cache::FlightCache<BattleId, ReadyBattle> battles_;
  cache::FlightCache<ViewerKey, KnownViewer, ViewerKeyHash> viewers_;
  cache::FlightCache<EntryId, std::string> blind_entries_;
  cache::FlightCache<BattleId, Tally> tallies_;
  cache::FlightCache<std::string, ReadyPage> lists_;
};

}  // namespace wildnout::battles
