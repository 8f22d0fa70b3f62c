// Deals ballots: a few entries of a battle to judge, so that all are seen equally often.
#pragma once

#include <chrono>
#include <unordered_map>
#include <vector>

#include "battles/exposure_repository.hpp"
#include "battles/rotation.hpp"
#include "platform/async/signal.hpp"
#include "platform/cache/flight_cache.hpp"
#include "platform/db/database.hpp"

namespace wildnout::battles {

// For the battles whose home is this shard. Dealing reads memory alone; what is stored is read
// again every `refresh_every`, which is how processes that deal in the same battle learn of each
// other. Counts are written every `write_every`: a crash loses what was dealt since, and nothing
// else. They are sums of absolute counts, so no failure counts one twice.
class Dealer {
 public:
  explicit Dealer(db::Database& database);

  static constexpr std::chrono::milliseconds write_every{1000};
  static constexpr std::chrono::milliseconds refresh_every{2000};
  static constexpr std::size_t tables_limit = 1000;  // battles dealt at a time

  enum class Outcome : std::uint8_t { dealt, not_found, not_voting };
  struct Dealt {
    Outcome outcome;
    std::vector<EntryId> entries;
  };

  // As Rotation::deal, while the battle takes votes by the database's clock. Throws db::Unavailable
  // when `tables_limit` other battles are being dealt.
  [[nodiscard]] Task<Dealt> deal(BattleId battle, Voter voter, std::size_t size);

  // The battle or its entries have changed: the next ballot is dealt from what is stored then.
  void battle_changed(BattleId battle) { decks_.drop(battle); }

  // Writes what was dealt in one battle. Throws what the database throws.
  [[nodiscard]] Task<> write(BattleId battle);

  // Writes counts until it is stopped, and once more then.
  [[nodiscard]] Task<> run();
  void stop();

 private:
  using Clock = std::chrono::steady_clock;

  // What is stored, and the time for votes by this process's clock.
  struct Known {
    std::vector<Candidate> candidates;
    bool is_secret;
    Clock::time_point opens_at;
    Clock::time_point closes_at;
  };
  struct Table {
    explicit Table(std::uint64_t seed) : rotation{seed} {}
    Rotation rotation;
    std::shared_ptr<const Known> known;  // shared with the cache
    Clock::time_point asked_at;
  };

  [[nodiscard]] Task<std::shared_ptr<const Known>> load(BattleId battle);
  [[nodiscard]] Table& table_of(BattleId battle);
  [[nodiscard]] Task<> write_all();
  void forget_idle();

  db::Database& database_;
  const Uuid id_ = Uuid::make();
  cache::FlightCache<BattleId, Known> decks_;
  std::unordered_map<BattleId, Table> tables_;
  async::Signal signal_;
  bool is_stopping_ = false;
};

}  // namespace wildnout::battles
