// Statements on tournaments.
#include "battles/bracket_repository.hpp"

#include "platform/db/query.hpp"
#include "platform/json/json.hpp"

namespace wildnout::battles {
namespace {

const db::Query<void(BattleId, db::Bytes)> insert_tournament_row{
    "insert_tournament", "INSERT INTO tournaments (battle_id, secret) VALUES ($1, $2)"};

const db::Query<TournamentRow(BattleId)> tournament_by_id{"tournament_by_id", R"sql(
  SELECT battle_id AS id, secret, places, drawn_at FROM tournaments WHERE battle_id = $1)sql",
                                                          db::hot};

const db::Query<EntryId(BattleId)> registered_entries{"registered_entries", R"sql(
  SELECT id FROM battle_entries
  WHERE battle_id = $1 AND status = 'submitted' AND moderation_status <> 'rejected')sql"};

// Once: who comes second finds the draw made.
const db::Query<void(BattleId, std::int32_t)> mark_drawn{"mark_drawn", R"sql(
  UPDATE tournaments SET places = $2, drawn_at = now_ms()
  WHERE battle_id = $1 AND drawn_at IS NULL)sql"};

const db::Query<void(BattleId, std::vector<EntryId>)> insert_entrants{"insert_entrants", R"sql(
  INSERT INTO bracket_entrants (tournament_id, seed, entry_id)
  SELECT $1, seeded.seed, seeded.id FROM unnest($2::uuid[]) WITH ORDINALITY AS seeded (id, seed)
  )sql"};

const db::Query<void(
    BattleId, std::vector<std::int32_t>, std::vector<std::int32_t>, std::vector<Uuid>,
    std::vector<std::optional<std::int32_t>>, std::vector<std::optional<std::int32_t>>,
    std::vector<std::optional<std::int32_t>>, std::vector<bool>, std::vector<std::string>)>
    write_pairings{"write_pairings", R"sql(
  INSERT INTO bracket_pairings (tournament_id, round, position, id, seed_a, seed_b, winner, is_bye,
                                status)
  SELECT $1, made.* FROM unnest($2::integer[], $3::integer[], $4::uuid[], $5::integer[],
    $6::integer[], $7::integer[], $8::boolean[], $9::text[]) AS made
  ON CONFLICT (tournament_id, round, position) DO UPDATE SET seed_a = excluded.seed_a,
    seed_b = excluded.seed_b, winner = excluded.winner, status = excluded.status)sql"};

const db::Query<EntrantRow(BattleId)> entrants_of_tournament{"entrants_of_tournament", R"sql(
  SELECT entrant.seed, entry.id AS entry_id, entry.user_id,
         entry.status = 'submitted' AND entry.moderation_status = 'approved' AS is_there,
         coalesce(entry.submission_time, entry.created_at) AS submission_time
  FROM bracket_entrants AS entrant JOIN battle_entries AS entry ON entry.id = entrant.entry_id
  WHERE entrant.tournament_id = $1 ORDER BY entrant.seed)sql",
                                                             db::hot};

const db::Query<Pairing(BattleId)> pairings_of_tournament{"pairings_of_tournament", R"sql(
  SELECT id, round, position, seed_a, seed_b, winner, is_bye, status FROM bracket_pairings
  WHERE tournament_id = $1 ORDER BY round, position)sql",
                                                          db::hot};

// Voting opens with the round: the phase for entries is a formality that ends as it begins.
const db::Query<void(BattleId, BattleId, std::int32_t, std::string_view, std::string_view,
                     std::optional<std::int32_t>, Timestamp, Timestamp)>
    insert_round_row{"insert_round", R"sql(
  INSERT INTO battles (id, parent_id, round, title, description, battle_type, status, creator_id,
    rules, max_entries, entries_per_user, votes_per_user, allow_vote_retraction, allow_self_vote,
    hide_tally, min_account_age_hours, start_time, end_time, voting_start_time, voting_end_time,
    is_demo, trend)
  SELECT $1, id, $3, $4, description, 'wildStyle', 'upcoming', creator_id, $5, max_entries,
    entries_per_user, $6, allow_vote_retraction, allow_self_vote, hide_tally,
    min_account_age_hours, $7::timestamptz - interval '1 millisecond', $7, $7, $8, is_demo, trend
  FROM battles WHERE id = $2)sql"};

const db::Query<RoundRow(BattleId)> rounds_of_tournament{"rounds_of_tournament", R"sql(
  SELECT id, coalesce(round, 0) AS round, status,
         hide_tally AND next_step_at IS NOT NULL AS is_hidden,
         voting_start_time AS starts_at, voting_end_time AS ends_at
  FROM battles WHERE parent_id = $1 ORDER BY round)sql",
                                                         db::hot};

const db::Query<StepRow(BattleId)> due_round_step{"due_round_step", R"sql(
  UPDATE battles SET status = CASE status WHEN 'upcoming' THEN 'voting' ELSE 'completed' END,
    version = version + 1, updated_at = now_ms()
  WHERE id = $1 AND parent_id IS NOT NULL AND next_step_at <= clock_timestamp()
  RETURNING status, title, next_step_at AS ends_at)sql"};

const db::Query<StepRow(BattleId)> round_begun_now{"round_begun_now", R"sql(
  UPDATE battles SET status = 'voting', start_time = clock.at - interval '1 millisecond',
    end_time = clock.at, voting_start_time = clock.at,
    voting_end_time = clock.at + (voting_end_time - voting_start_time),
    version = version + 1, updated_at = clock.at
  FROM (SELECT now_ms() AS at) AS clock
  WHERE id = $1 AND parent_id IS NOT NULL AND status = 'upcoming'
  RETURNING status, title, next_step_at AS ends_at)sql"};

// While a tournament is voting its rounds carry the time.
const db::Query<std::optional<Timestamp>(BattleId)> next_step_of_tournament{
    "next_step_of_tournament", R"sql(
  SELECT min(next_step_at) FROM (
    SELECT next_step_at FROM battles WHERE id = $1 AND status <> 'voting'
    UNION ALL
    SELECT next_step_at FROM battles WHERE parent_id = $1) AS steps)sql"};

const db::Query<void(BattleId, std::vector<EntryId>, std::vector<EntryId>,
                     std::vector<std::int32_t>)>
    copy_entries{"copy_entries", R"sql(
  INSERT INTO battle_entries (id, battle_id, user_id, content_type, body, status,
    moderation_status, submission_time, origin_id, pairing)
  SELECT seat.id, $1, origin.user_id, origin.content_type, origin.body, 'submitted', 'approved',
         coalesce(origin.submission_time, origin.created_at), origin.id, seat.pairing::smallint
  FROM unnest($2::uuid[], $3::uuid[], $4::integer[]) AS seat (id, origin_id, pairing)
  JOIN battle_entries AS origin ON origin.id = seat.origin_id)sql"};

const db::Query<void(BattleId)> open_pairings{"open_pairings", R"sql(
  UPDATE battles SET entry_count = counted.entries, participant_count = counted.people,
    rules = CASE WHEN counted.pairings = 0 THEN rules ELSE jsonb_set(rules, '{votesPerUser}',
      to_jsonb(least(votes_per_user, counted.pairings))) END
  FROM (SELECT count(*) AS entries, count(DISTINCT user_id) AS people,
               count(DISTINCT pairing)::integer AS pairings
        FROM battle_entries WHERE battle_id = $1) AS counted
  WHERE id = $1)sql"};

const db::Query<RoundEntryRow(BattleId)> round_entries{"round_entries", R"sql(
  SELECT entry.battle_id AS round_id, entry.id, coalesce(entry.origin_id, entry.id) AS origin_id,
         entry.vote_count AS votes
  FROM battles JOIN battle_entries AS entry ON entry.battle_id = battles.id
  WHERE battles.parent_id = $1 AND entry.origin_id IS NOT NULL)sql",
                                                       db::hot};

const db::Query<RoundEntryRow(BattleId)> entries_of_round{"entries_of_round", R"sql(
  SELECT battle_id AS round_id, id, coalesce(origin_id, id) AS origin_id, vote_count AS votes
  FROM battle_entries
  WHERE battle_id = $1 AND origin_id IS NOT NULL)sql",
                                                          db::hot};

const db::Query<BattlePlace(BattleId)> place_of_battle{
    "place_of_battle", "SELECT parent_id, battle_type, status FROM battles WHERE id = $1", db::hot};

const db::Query<BattleId(BattleId)> voting_round{"voting_round", R"sql(
  SELECT id FROM battles WHERE parent_id = $1 AND status = 'voting'
  ORDER BY round DESC LIMIT 1)sql",
                                                 db::hot};

const db::Query<void(EntryId, BattleId, UserId, std::string_view)> insert_disqualification_row{
    "insert_disqualification", R"sql(
  INSERT INTO disqualifications (entry_id, tournament_id, actor_id, reason)
  VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING)sql"};

const db::Query<DisqualificationRow(BattleId)> disqualifications_of_tournament{
    "disqualifications_of_tournament", R"sql(
  SELECT entry_id, reason, at FROM disqualifications WHERE tournament_id = $1 ORDER BY at, entry_id
  )sql",
    db::hot};

const db::Query<void(BattleId, std::string_view)> mark_results{
    "mark_tournament_results", "UPDATE battle_results SET algorithm = $2 WHERE battle_id = $1"};

std::vector<std::string> names_of(const std::vector<Pairing>& pairings) {
  std::vector<std::string> names;
  for (const Pairing& pairing : pairings) names.emplace_back(spelled(pairing.status));
  return names;
}

template <class T>
std::vector<T> column(const std::vector<Pairing>& pairings, T Pairing::*member) {
  std::vector<T> values;
  values.reserve(pairings.size());
  for (const Pairing& pairing : pairings) values.push_back(pairing.*member);
  return values;
}

}  // namespace

Task<> insert_tournament(db::Session& session, BattleId id, const Hash& secret) {
  co_await db::run(session, insert_tournament_row, id, db::Bytes::of(secret));
}

Task<std::optional<TournamentRow>> find_tournament(db::Session& session, BattleId id) {
  return db::maybe(session, tournament_by_id, id);
}

Task<std::vector<EntryId>> find_registered(db::Session& session, BattleId id) {
  return db::all(session, registered_entries, id);
}

Task<> store_draw(db::Session& session, BattleId id, std::int32_t places,
                  const std::vector<EntryId>& seeded, const std::vector<Pairing>& pairings) {
  co_await db::run(session, mark_drawn, id, places);
  co_await db::run(session, insert_entrants, id, seeded);
  co_await update_pairings(session, id, pairings);
}

Task<std::vector<EntrantRow>> find_entrants(db::Session& session, BattleId id) {
  return db::all(session, entrants_of_tournament, id);
}

Task<std::vector<Pairing>> find_pairings(db::Session& session, BattleId id) {
  return db::all(session, pairings_of_tournament, id);
}

Task<> update_pairings(db::Session& session, BattleId id, const std::vector<Pairing>& pairings) {
  co_await db::run(session, write_pairings, id, column(pairings, &Pairing::round),
                   column(pairings, &Pairing::position), column(pairings, &Pairing::id),
                   column(pairings, &Pairing::seed_a), column(pairings, &Pairing::seed_b),
                   column(pairings, &Pairing::winner), column(pairings, &Pairing::is_bye),
                   names_of(pairings));
}

Task<> insert_round(db::Session& session, const NewRound& round) {
  co_await db::run(session, insert_round_row, round.id, round.tournament, round.round, round.title,
                   json::text_of(round.rules), round.rules.votes_per_user, round.starts_at,
                   round.ends_at);
}

Task<std::vector<RoundRow>> find_rounds(db::Session& session, BattleId id) {
  return db::all(session, rounds_of_tournament, id);
}

Task<std::optional<StepRow>> take_due_round_step(db::Session& session, BattleId round) {
  return db::maybe(session, due_round_step, round);
}

Task<StepRow> begin_round_now(db::Session& session, BattleId round) {
  return db::one(session, round_begun_now, round);
}

Task<std::optional<Timestamp>> next_tournament_step_at(db::Session& session, BattleId id) {
  return db::one(session, next_step_of_tournament, id);
}

Task<> seat_entries(db::Session& session, BattleId round, const std::vector<Seat>& seats) {
  std::vector<EntryId> ids;
  std::vector<EntryId> origins;
  std::vector<std::int32_t> pairings;
  for (const Seat& seat : seats) {
    ids.push_back(EntryId::make());
    origins.push_back(seat.origin_id);
    pairings.push_back(seat.pairing);
  }
  co_await db::run(session, copy_entries, round, ids, origins, pairings);
  co_await db::run(session, open_pairings, round);
}

Task<std::vector<RoundEntryRow>> find_round_entries(db::Session& session, BattleId tournament) {
  return db::all(session, round_entries, tournament);
}

Task<std::vector<RoundEntryRow>> find_entries_of_round(db::Session& session, BattleId round) {
  return db::all(session, entries_of_round, round);
}

Task<std::optional<BattlePlace>> find_place(db::Session& session, BattleId id) {
  return db::maybe(session, place_of_battle, id);
}

Task<std::optional<BattleId>> find_voting_round(db::Session& session, BattleId tournament) {
  return db::maybe(session, voting_round, tournament);
}

Task<> insert_disqualification(db::Session& session, BattleId tournament, EntryId entry,
                               UserId actor, std::string reason) {
  co_await db::run(session, insert_disqualification_row, entry, tournament, actor, reason);
}

Task<BracketRows> find_bracket(db::Session& session, BattleId tournament) {
  auto [pairings, entrants, rounds, copies, disqualifications] = co_await db::together(
      session, db::later::all(pairings_of_tournament, tournament),
      db::later::all(entrants_of_tournament, tournament),
      db::later::all(rounds_of_tournament, tournament), db::later::all(round_entries, tournament),
      db::later::all(disqualifications_of_tournament, tournament));
  co_return BracketRows{std::move(pairings), std::move(entrants), std::move(rounds),
                        std::move(copies), std::move(disqualifications)};
}

Task<> mark_tournament_results(db::Session& session, BattleId tournament) {
  co_await db::run(session, mark_results, tournament, tournament_algorithm);
}

}  // namespace wildnout::battles
