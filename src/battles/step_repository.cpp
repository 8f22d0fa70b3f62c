// Statements of the lifecycle: steps by database time, history, what is overdue.
#include "battles/repository.hpp"
#include "platform/db/query.hpp"

namespace wildnout::battles {
namespace {

// One conditional update: of all who try, on whatever node, one takes the step.
const db::Query<StepRow(BattleId)> due_step{"due_step", R"sql(
  UPDATE battles SET
    status = CASE status WHEN 'upcoming' THEN 'active' WHEN 'active' THEN 'voting'
                         ELSE 'completed' END,
    version = version + 1, updated_at = now_ms()
  WHERE id = $1 AND next_step_at <= clock_timestamp()
  RETURNING status, title, next_step_at AS ends_at)sql"};

// Passed-over times become now, a millisecond apart where the order of times wants it; what lies
// ahead keeps its time unless now has gone beyond it.
const db::Query<StepRow(BattleId, Status)> forced_step{"forced_step", R"sql(
  WITH clock AS (SELECT now_ms() AS at),
  moved AS (
    SELECT id, clock.at,
      CASE WHEN $2 = 'active' THEN least(start_time, clock.at) ELSE start_time END AS start_time,
      CASE WHEN $2 IN ('voting', 'completed') THEN least(end_time, clock.at)
           ELSE end_time END AS end_time,
      CASE WHEN $2 = 'voting' THEN clock.at
           WHEN $2 = 'completed' THEN least(voting_start_time, clock.at)
           ELSE voting_start_time END AS voting_start_time,
      CASE WHEN $2 = 'completed' THEN least(voting_end_time, clock.at)
           ELSE voting_end_time END AS voting_end_time
    FROM battles, clock WHERE id = $1),
  ordered AS (
    SELECT id, start_time, greatest(end_time, start_time + interval '1 millisecond') AS end_time,
           voting_start_time, voting_end_time FROM moved),
  spaced AS (
    SELECT id, start_time, end_time, greatest(voting_start_time, end_time) AS voting_start_time,
           voting_end_time FROM ordered)
  UPDATE battles SET status = $2, start_time = spaced.start_time, end_time = spaced.end_time,
    voting_start_time = spaced.voting_start_time,
    voting_end_time = greatest(spaced.voting_end_time,
                               spaced.voting_start_time + interval '1 millisecond'),
    version = version + 1, updated_at = now_ms()
  FROM spaced WHERE battles.id = spaced.id
  RETURNING battles.status, battles.title, battles.next_step_at AS ends_at)sql"};

const db::Query<Timestamp(BattleId, std::optional<Status>, Status, StepCause, std::optional<UserId>,
                          std::optional<std::string>)>
    insert_history{"insert_history", R"sql(
  INSERT INTO battle_history (battle_id, step, from_status, to_status, cause, actor_id, reason)
  VALUES ($1, (SELECT count(*) FROM battle_history WHERE battle_id = $1), $2, $3, $4, $5, $6)
  RETURNING at)sql"};

struct HistoryRow {
  std::optional<Status> from_status;
  Status to_status;
  Timestamp at;
  StepCause cause;
  std::optional<std::string> reason;
};
BOOST_DESCRIBE_STRUCT(HistoryRow, (), (from_status, to_status, at, cause, reason))

const db::Query<HistoryRow(BattleId)> history_of_battle{"history_of_battle", R"sql(
  SELECT from_status, to_status, at, cause, reason FROM battle_history
  WHERE battle_id = $1 ORDER BY step)sql"};

const db::Query<std::optional<Timestamp>(BattleId)> next_step_of_battle{
    "next_step_of_battle", "SELECT next_step_at FROM battles WHERE id = $1"};

// Half a second over: the jobs that take steps on time have had their chance.
const db::Query<BattleId(std::int32_t)> battles_overdue{"battles_overdue", R"sql(
  SELECT id FROM battles
  WHERE next_step_at <= clock_timestamp() - interval '500 milliseconds'
  ORDER BY next_step_at LIMIT $1)sql"};

// What lists may sort a battle by: its votes, or none while they are hidden.
#define LISTED_VOTES "CASE WHEN hide_tally AND next_step_at IS NOT NULL THEN 0 ELSE vote_count END"
// A tenfold of votes weighs as much as being 12.5 hours (45,000 s) newer.
#define TREND                      \
  "log(greatest(1, (" LISTED_VOTES \
  ") + 2 * entry_count)) + "       \
  "extract(epoch FROM created_at) / 45000"

// The trend is compared, not the votes alone: the entries of a battle with a hidden tally move it,
// and its votes must not be the occasion. Battles are locked in the order of ids, as hold_battles
// does: in any other order this and two batches of votes wait for each other in a circle.
const db::Query<void()> refresh_listed{
    "refresh_listed",
    "UPDATE battles SET listed_vote_count = " LISTED_VOTES ", trend = " TREND
    " WHERE id IN (SELECT id FROM battles"
    "   WHERE (listed_vote_count <> " LISTED_VOTES " OR trend <> (" TREND
    ")::double precision)"
    "     AND (next_step_at IS NOT NULL OR voting_end_time > clock_timestamp() - interval '1 hour')"
    "   ORDER BY id FOR NO KEY UPDATE)"};

// When a battle is over; the refreshing above may come too late to see it (a node that was down).
const db::Query<void(BattleId)> list_final_count{
    "list_final_count",
    "UPDATE battles SET listed_vote_count = " LISTED_VOTES ", trend = " TREND " WHERE id = $1"};

}  // namespace

Task<std::optional<StepRow>> take_due_step(db::Session& session, BattleId id) {
  return db::maybe(session, due_step, id);
}

Task<StepRow> force_step(db::Session& session, BattleId id, Status to) {
  return db::one(session, forced_step, id, to);
}

Task<Timestamp> add_history(db::Session& session, BattleId id, std::optional<Status> from,
                            Status to, StepCause cause, std::optional<UserId> actor,
                            std::optional<std::string> reason) {
  return db::one(session, insert_history, id, from, to, cause, actor, reason);
}

Task<std::vector<HistoryStep>> find_history(db::Session& session, BattleId id) {
  std::vector<HistoryStep> steps;
  for (HistoryRow& row : co_await db::all(session, history_of_battle, id)) {
    steps.push_back({row.from_status, row.to_status, row.at, row.cause, std::move(row.reason)});
  }
  co_return steps;
}

Task<std::optional<Timestamp>> next_step_at(db::Session& session, BattleId id) {
  return db::one(session, next_step_of_battle, id);
}

Task<std::vector<BattleId>> overdue_battles(db::Session& session, std::int32_t limit) {
  return db::all(session, battles_overdue, limit);
}

Task<> refresh_lists(db::Session& session) { co_await db::run(session, refresh_listed); }

Task<> list_with_final_count(db::Session& session, BattleId id) {
  co_await db::run(session, list_final_count, id);
}

}  // namespace wildnout::battles
