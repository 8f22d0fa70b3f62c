// Statements on votes: the batch that counts them, taking one back, tallies.
#include "battles/vote_repository.hpp"

#include <map>

#include "battles/rules.hpp"
#include "platform/db/database.hpp"
#include "platform/db/query.hpp"

namespace wildnout::battles {
namespace {

// In the order of ids: two batches that want the same battles cannot wait for each other in a
// circle. Completion locks the same row, so no vote is decided while a battle completes.
const db::Query<BattleId(std::vector<BattleId>)> hold_battles{"hold_battles", R"sql(
  SELECT id FROM battles WHERE id = ANY($1) ORDER BY id FOR NO KEY UPDATE)sql",
                                                              db::hot};

// Runs behind hold_battles in the same transaction, so its snapshot and its clock are later than
// the locks: quotas and deadlines are exact under any interleaving. dense_rank and not row_number:
// the same vote twice in a batch takes one place of the quota. A voided vote keeps its place: it
// was cast. In a round of a tournament a second vote on the same pairing meets a unique key, as the
// same vote does.
const db::Query<Decision(std::vector<VoteId>, std::vector<BattleId>, std::vector<EntryId>,
                         std::vector<UserId>, std::vector<Uuid>, Uuid,
                         std::vector<std::optional<std::int64_t>>)>
    count_held_ballots{"count_held_ballots", R"sql(
  WITH clock AS MATERIALIZED (SELECT now_ms() AS at),
  judged AS MATERIALIZED (
    SELECT ballot.id, ballot.battle_id, ballot.entry_id, ballot.user_id, ballot.salt,
      ballot.network, entry.pairing, clock.at, battles.votes_per_user,
      CASE
        WHEN battles.id IS NULL THEN 'notFound'
        WHEN battles.status IN ('completed', 'cancelled') OR clock.at < battles.voting_start_time
          OR clock.at >= battles.voting_end_time THEN 'notVoting'
        WHEN entry.id IS NULL THEN 'notFound'
        WHEN entry.user_id = ballot.user_id AND NOT battles.allow_self_vote THEN 'ownEntry'
        WHEN battles.min_account_age_hours > 0 AND EXISTS (
          SELECT 1 FROM user_summaries AS voter WHERE voter.id = ballot.user_id
          AND voter.created_at > clock.at - battles.min_account_age_hours * interval '1 hour')
          THEN 'tooYoung'
        WHEN battles.votes_per_user IS NOT NULL AND EXISTS (
          SELECT 1 FROM votes WHERE votes.battle_id = ballot.battle_id
          AND votes.user_id = ballot.user_id AND votes.entry_id = ballot.entry_id)
          THEN 'alreadyVoted'
        ELSE 'counted' END AS verdict
    FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::uuid[], $5::uuid[], $7::bigint[])
      AS ballot (id, battle_id, entry_id, user_id, salt, network)
    CROSS JOIN clock
    LEFT JOIN battles ON battles.id = ballot.battle_id
    LEFT JOIN battle_entries AS entry ON entry.id = ballot.entry_id
      AND entry.battle_id = ballot.battle_id AND entry.status = 'submitted'
      AND entry.moderation_status = 'approved'),
  limited AS MATERIALIZED (
    SELECT id, battle_id, entry_id, user_id, salt, network, pairing, at,
      CASE WHEN verdict = 'counted' AND votes_per_user IS NOT NULL
        AND dense_rank() OVER (PARTITION BY battle_id, user_id, verdict ORDER BY entry_id)
          + (SELECT count(*) FROM votes WHERE votes.battle_id = judged.battle_id
             AND votes.user_id = judged.user_id) > votes_per_user
      THEN 'limitReached' ELSE verdict END AS verdict
    FROM judged),
  inserted AS (
    INSERT INTO votes (battle_id, user_id, entry_id, id, weight, salt, network, pairing, created_at)
    SELECT battle_id, user_id, entry_id, id, 1, salt, network, pairing, at FROM limited
    WHERE verdict = 'counted' ORDER BY battle_id, user_id, entry_id
    ON CONFLICT DO NOTHING
    RETURNING id, battle_id, entry_id, user_id, created_at),
  by_entry AS MATERIALIZED (
    SELECT battle_id, entry_id, count(*) AS votes, array_agg(user_id) AS user_ids
    FROM inserted GROUP BY battle_id, entry_id),
  entries_counted AS (
    UPDATE battle_entries SET vote_count = vote_count + by_entry.votes
    FROM by_entry WHERE battle_entries.id = by_entry.entry_id),
  battles_counted AS (
    UPDATE battles SET vote_count = vote_count + by_battle.votes
    FROM (SELECT battle_id, sum(votes)::bigint AS votes FROM by_entry GROUP BY battle_id)
      AS by_battle
    WHERE battles.id = by_battle.battle_id),
  told AS (
    INSERT INTO outbox (id, type, aggregate_id, data)
    SELECT $6, 'vote.created', $6, json_build_object('entries', json_agg(json_build_object(
      'battleId', battle_id, 'entryId', entry_id, 'userIds', user_ids)))::text
    FROM by_entry HAVING count(*) > 0)
  SELECT id, verdict, at FROM limited WHERE verdict <> 'counted'
  UNION ALL
  SELECT id, 'counted', created_at FROM inserted)sql",
                       db::hot};

const db::Query<Retraction(BattleId, EntryId, UserId)> retract_held_vote{"retract_vote", R"sql(
  WITH battle AS MATERIALIZED (
    SELECT allow_vote_retraction AS is_allowed,
      status NOT IN ('completed', 'cancelled') AND now_ms() >= voting_start_time
        AND now_ms() < voting_end_time AS is_open
    FROM battles WHERE id = $1),
  removed AS (
    DELETE FROM votes USING battle
    WHERE battle_id = $1 AND user_id = $3 AND entry_id = $2 AND is_allowed AND is_open
      AND void_id IS NULL
    RETURNING 1),
  entry_counted AS (
    UPDATE battle_entries SET vote_count = vote_count - 1
    WHERE id = $2 AND EXISTS (SELECT 1 FROM removed)),
  battle_counted AS (
    UPDATE battles SET vote_count = vote_count - 1
    WHERE id = $1 AND EXISTS (SELECT 1 FROM removed))
  SELECT CASE WHEN NOT is_allowed THEN 'forbidden' WHEN NOT is_open THEN 'notVoting'
              WHEN EXISTS (SELECT 1 FROM removed) THEN 'done'
              WHEN EXISTS (SELECT 1 FROM votes WHERE battle_id = $1 AND user_id = $3
                           AND entry_id = $2 AND void_id IS NOT NULL) THEN 'voided'
              ELSE 'notFound' END
  FROM battle)sql"};

const db::Query<VoteRow(BattleId, UserId, std::optional<VoteId>, std::int32_t)> votes_of_user{
    "votes_of_user", R"sql(
  SELECT id, battle_id, entry_id, weight, created_at, salt FROM votes
  WHERE battle_id = $1 AND user_id = $2 AND ($3::uuid IS NULL OR id > $3)
  ORDER BY id LIMIT $4)sql"};

const db::Query<ViewerRow(BattleId, UserId)> viewer_of_battle{"viewer_of_battle", R"sql(
  SELECT
    (SELECT id FROM battle_entries
     WHERE battle_id = $1 AND user_id = $2 AND status IN ('draft', 'submitted')
     ORDER BY status DESC, created_at DESC LIMIT 1) AS entry_id,
    ARRAY(SELECT entry_id FROM votes WHERE battle_id = $1 AND user_id = $2 ORDER BY id)
      AS voted_entry_ids,
    (SELECT count(*)::integer FROM battle_entries
     WHERE battle_id = $1 AND user_id = $2 AND status = 'submitted'
       AND moderation_status = 'approved') AS own_entries)sql",
                                                              db::hot};

const db::Query<TallyHead(std::vector<BattleId>)> tally_heads{"tally_heads", R"sql(
  SELECT id, status, hide_tally AND next_step_at IS NOT NULL AS is_hidden,
         now_ms() AS as_of
  FROM battles WHERE id = ANY($1))sql",
                                                              db::hot};

const db::Query<TallyRow(std::vector<BattleId>)> tally_rows{"tally_rows", R"sql(
  SELECT battle_id, id AS entry_id, vote_count AS votes FROM battle_entries
  WHERE battle_id = ANY($1) AND status = 'submitted' AND moderation_status = 'approved')sql",
                                                            db::hot};

}  // namespace

Task<std::vector<Decision>> count_ballots(db::Session& session,
                                          const std::vector<Ballot>& ballots) {
  std::vector<VoteId> ids;
  std::vector<BattleId> battles;
  std::vector<EntryId> entries;
  std::vector<UserId> users;
  std::vector<Uuid> salts;
  std::vector<std::optional<std::int64_t>> networks;
  for (const Ballot& ballot : ballots) {
    ids.push_back(ballot.id);
    battles.push_back(ballot.battle_id);
    entries.push_back(ballot.entry_id);
    users.push_back(ballot.user_id);
    salts.push_back(ballot.salt);
    networks.push_back(ballot.network);
  }
  auto [held, decisions] =
      co_await db::together(session, db::later::all(hold_battles, battles),
                            db::later::all(count_held_ballots, ids, battles, entries, users, salts,
                                           Uuid::make(), networks));
  co_return decisions;
}

Task<Retraction> retract_vote(db::Session& session, BattleId battle, EntryId entry, UserId user) {
  return db::one(session, retract_held_vote, battle, entry, user);
}

Task<std::vector<VoteRow>> find_votes(db::Session& session, BattleId battle, UserId user,
                                      std::optional<VoteId> after, std::int32_t limit) {
  return db::all(session, votes_of_user, battle, user, after, limit);
}

Task<ViewerRow> find_viewer(db::Session& session, BattleId battle, UserId user) {
  return db::one(session, viewer_of_battle, battle, user);
}

Task<std::vector<Tally>> find_tallies(db::Session& session, std::vector<BattleId> battles) {
  auto [heads, rows] = co_await db::together(session, db::later::all(tally_heads, battles),
                                             db::later::all(tally_rows, battles));
  std::map<BattleId, std::vector<TallyEntry>> entries;
  std::map<BattleId, std::int64_t> totals;
  for (const TallyRow& row : rows) {
    entries[row.battle_id].push_back({row.entry_id, row.votes, 0});
    totals[row.battle_id] += row.votes;
  }
  std::vector<Tally> tallies;
  for (const TallyHead& head : heads) {
    Tally tally{head.id, head.status, std::nullopt, std::nullopt, head.as_of};
    if (!head.is_hidden) {
      rank_tally(entries[head.id]);
      tally.total_votes = totals[head.id];
      tally.entries = std::move(entries[head.id]);
    }
    tallies.push_back(std::move(tally));
  }
  co_return tallies;
}

}  // namespace wildnout::battles
