// The dealer's tables: loaded when asked for, written at intervals, forgotten when idle.
#include "battles/dealer.hpp"

#include <array>
#include <cstring>

#include "platform/log/log.hpp"
#include "platform/metrics/metrics.hpp"
#include "platform/values/random.hpp"

namespace wildnout::battles {
namespace {

using namespace std::chrono_literals;

constexpr auto idle_after = 60s;
constexpr std::size_t rows_a_statement = 2000;

std::uint64_t random_seed() {
  std::array<std::uint8_t, sizeof(std::uint64_t)> bytes{};
  random_bytes(bytes);
  std::uint64_t seed = 0;
  std::memcpy(&seed, bytes.data(), bytes.size());
  return seed;
}

}  // namespace

Dealer::Dealer(db::Database& database) : database_{database}, decks_{tables_limit, refresh_every} {}

Task<Dealer::Dealt> Dealer::deal(BattleId battle, Voter voter, std::size_t size) {
  static metrics::Counter& ballots =
      metrics::counter("wildnout_ballots_dealt_total", "Ballots dealt to voters");
  auto known = decks_.find(battle);
  if (!known) known = co_await decks_.get(battle, [this, battle] { return load(battle); });
  if (!known) co_return Dealt{Outcome::not_found, {}};
  const auto now = Clock::now();
  if (now < known->opens_at || now >= known->closes_at) co_return Dealt{Outcome::not_voting, {}};
  Table& table = table_of(battle);
  if (table.known != known) {
    table.rotation.refill(known->candidates);
    table.known = known;
  }
  table.asked_at = now;
  ballots.add();
  co_return Dealt{Outcome::dealt, table.rotation.deal(voter, size, known->is_secret)};
}

Task<std::shared_ptr<const Dealer::Known>> Dealer::load(BattleId battle) {
  // Taken before the statement: the database's clock is not behind it, so no ballot is dealt after
  // the end by the time that the answer took.
  const auto asked = Clock::now();
  auto deck = co_await find_deck(database_.session(), battle, id_);
  if (!deck) co_return nullptr;
  const auto at = [asked](std::optional<std::int64_t> milliseconds) {
    return milliseconds ? asked + std::chrono::milliseconds{*milliseconds} : asked;
  };
  co_return std::make_shared<const Known>(Known{std::move(deck->candidates), deck->voting.is_secret,
                                                at(deck->voting.opens_in),
                                                at(deck->voting.closes_in)});
}

Dealer::Table& Dealer::table_of(BattleId battle) {
  const auto found = tables_.find(battle);
  if (found != tables_.end()) return found->second;
  if (tables_.size() >= tables_limit) throw db::Unavailable{"too many battles are being dealt"};
  return tables_.try_emplace(battle, random_seed()).first->second;
}

Task<> Dealer::write(BattleId battle) {
  for (;;) {
    // Looked up anew after each statement: the table may have been forgotten meanwhile.
    const auto found = tables_.find(battle);
    if (found == tables_.end() || !found->second.rotation.has_unwritten()) co_return;
    const auto counts = found->second.rotation.unwritten(rows_a_statement);
    std::vector<ImpressionRow> rows;
    rows.reserve(counts.size());
    for (const auto& count : counts) rows.push_back({battle, count.id, count.exposure});
    if (!rows.empty()) {
      co_await write_impressions(database_.session(db::Work::writes), id_, rows);
    }
    const auto table = tables_.find(battle);
    if (table == tables_.end()) co_return;
    table->second.rotation.mark_written(counts);
    if (counts.size() < rows_a_statement) co_return;  // what was dealt meanwhile waits its turn
  }
}

Task<> Dealer::write_all() {
  std::vector<BattleId> battles;
  for (const auto& [battle, table] : tables_) {
    if (table.rotation.has_unwritten()) battles.push_back(battle);
  }
  try {
    for (const BattleId battle : battles) co_await write(battle);
  } catch (const std::exception& fault) {
    log::warn("impressions wait", {{"what", fault.what()}});
  }
}

void Dealer::forget_idle() {
  const auto before = Clock::now() - idle_after;
  std::erase_if(tables_, [before](const auto& item) {
    return item.second.asked_at < before && !item.second.rotation.has_unwritten();
  });
}

Task<> Dealer::run() {
  while (!is_stopping_) {
    co_await signal_.wait_for(write_every);
    co_await write_all();
    forget_idle();
  }
  co_await write_all();  // what was dealt while the last write was under way
}

void Dealer::stop() {
  is_stopping_ = true;
  signal_.raise();
}

}  // namespace wildnout::battles
