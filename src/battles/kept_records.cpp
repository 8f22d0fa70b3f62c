// Going through what battles hold about one person.
#include "battles/kept_records.hpp"

#include <stdexcept>

#include "battles/entry_repository.hpp"
#include "battles/kept_repository.hpp"
#include "contracts/battle_events.hpp"
#include "platform/bus/outbox.hpp"

namespace wildnout::battles {

// A battle of theirs as the archive has it.
struct KeptBattle {
  BattleId id;
  std::string title;
  std::string description;
  BattleType battle_type;
  Status status;
  json::Raw rules;
  Timestamp start_time;
  Timestamp end_time;
  Timestamp voting_start_time;
  Timestamp voting_end_time;
  Timestamp created_at;
  Timestamp updated_at;
};
BOOST_DESCRIBE_STRUCT(KeptBattle, (),
                      (id, title, description, battle_type, status, rules, start_time, end_time,
                       voting_start_time, voting_end_time, created_at, updated_at))

namespace {

KeptBattle kept(OwnBattle row) {
  return {row.id,
          std::move(row.title),
          std::move(row.description),
          row.battle_type,
          row.status,
          {std::move(row.rules)},
          row.start_time,
          row.end_time,
          row.voting_start_time,
          row.voting_end_time,
          row.created_at,
          row.updated_at};
}

constexpr std::int32_t rows_a_page = 100;  // of entries: 8 MB at most
// About 0.1 s where every one has to be looked up.
constexpr std::int32_t battles_a_stretch = 10'000;

// Stretches of battles come first, then pages of events: "events:" and where the page begins.
constexpr std::string_view events_step = "events:";

// Steps of battles are told of with the battle's title.
Task<std::optional<std::string>> blank_events(db::Session& db, UserId user, std::int64_t after) {
  std::vector<Uuid> battles;
  for (const BattleId battle : co_await find_battles_of(db, user)) battles.push_back(battle.value);
  const auto next = co_await bus::blank_members(db, std::move(battles), {"title"}, after);
  if (!next) co_return std::nullopt;
  co_return std::string{events_step} + std::to_string(*next);
}

template <class Find>
Task<> collect_by_stretch(db::Session& db, UserId user, RecordSink& sink, std::string_view file,
                          Find find) {
  std::optional<BattleId> after;
  co_await sink.add(file, "");
  while (const auto last = co_await end_of_stretch(db, after, battles_a_stretch)) {
    const auto rows = co_await find(db, user, Stretch{after, *last});
    co_await add_rows(sink, file, rows);
    after = last;
  }
}

Task<> collect_battles(db::Session& db, UserId user, RecordSink& sink) {
  std::optional<BattleId> after;
  co_await sink.add("battles/battles", "");
  while (true) {
    std::vector<KeptBattle> rows;
    for (OwnBattle& row : co_await find_own_battles(db, user, after, rows_a_page)) {
      rows.push_back(kept(std::move(row)));
    }
    if (rows.empty()) co_return;
    co_await add_rows(sink, "battles/battles", rows);
    after = rows.back().id;
  }
}

Task<> collect_entries(db::Session& db, UserId user, RecordSink& sink) {
  std::optional<EntryId> after;
  co_await sink.add("battles/entries", "");
  while (true) {
    const auto rows = co_await find_own_entries(db, user, after, rows_a_page);
    if (rows.empty()) co_return;
    co_await add_rows(sink, "battles/entries", rows);
    after = rows.back().id;
  }
}

Task<> collect_ties(db::Session& db, UserId user, RecordSink& sink) {
  std::optional<UserId> after;
  co_await sink.add("battles/authors-voted-for", "");
  while (true) {
    const auto rows = co_await find_own_ties(db, user, after, rows_a_page);
    if (rows.empty()) co_return;
    co_await add_rows(sink, "battles/authors-voted-for", rows);
    after = rows.back().author_id;
  }
}

}  // namespace

Task<> BattleRecords::collect(db::Session& db, UserId user, RecordSink& sink) {
  co_await collect_battles(db, user, sink);
  co_await collect_entries(db, user, sink);
  co_await collect_by_stretch(db, user, sink, "battles/votes", find_own_votes);
  co_await collect_by_stretch(db, user, sink, "battles/voided-votes", find_own_voids);
  co_await collect_by_stretch(db, user, sink, "battles/steps-taken", find_own_steps);
  co_await collect_by_stretch(db, user, sink, "battles/proposals", find_own_proposals);
  co_await collect_ties(db, user, sink);
}

Task<> BattleRecords::erase(db::Session& db, UserId user) {
  co_await hold_battles_of(db, user);
  for (const WithdrawnEntry& entry : co_await withdraw_entries_of(db, user)) {
    co_await recount_entries(db, entry.battle_id);
    co_await bus::publish(db, entry.battle_id.value,
                          EntryWithdrawn{entry.battle_id, entry.id, user});
  }
  co_await blank_entries_of(db, user);
  co_await blank_battles_of(db, user);
  co_await forget_ties_of(db, user);
}

Task<std::optional<std::string>> BattleRecords::erase_step(db::Session& db, UserId user,
                                                           std::string from) {
  if (from.starts_with(events_step)) {
    const std::int64_t after = std::stoll(from.substr(events_step.size()));
    co_return co_await blank_events(db, user, after);
  }
  std::optional<BattleId> after;
  if (!from.empty()) {
    const auto id = Uuid::parse(from);
    if (!id) throw std::invalid_argument{"a step that begins nowhere"};
    after = BattleId{*id};
  }
  const auto last = co_await end_of_stretch(db, after, battles_a_stretch);
  if (!last) co_return std::string{events_step} + '0';
  co_await blank_stretch_of(db, user, {after, *last});
  co_return last->text();
}

}  // namespace wildnout::battles
