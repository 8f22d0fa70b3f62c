// Statements of fair play: facts for the detectors, what they found, certification.
#include "battles/fair_play_repository.hpp"

#include "platform/db/query.hpp"

namespace wildnout::battles {
namespace {

// Voters without a row any more have no age: they count as old.
const db::Query<FactRow(BattleId, std::optional<UserId>, std::optional<EntryId>, std::int32_t)>
    facts_of_battle{"facts_of_battle", R"sql(
  SELECT vote.id, vote.user_id AS voter, vote.entry_id, vote.created_at AS at,
         voter.created_at AS account_made, vote.network
  FROM votes AS vote LEFT JOIN user_summaries AS voter ON voter.id = vote.user_id
  WHERE vote.battle_id = $1 AND vote.void_id IS NULL
    AND ($2::uuid IS NULL OR (vote.user_id, vote.entry_id) < ($2, $3::uuid))
  ORDER BY vote.user_id DESC, vote.entry_id DESC LIMIT $4)sql"};

const db::Query<TieRow(BattleId, std::int32_t)> ties_of_voters{"ties_of_voters", R"sql(
  SELECT voter_id AS voter, target_id AS target, votes, choices FROM vote_ties
  WHERE voter_id IN (SELECT user_id FROM votes WHERE battle_id = $1)
  ORDER BY voter_id, target_id LIMIT $2)sql"};

const db::Query<std::string()> give_certification_time{
    "give_certification_time", "SELECT set_config('statement_timeout', '120s', true)"};

// Sorted: two certifications that touch the same rows cannot wait for each other in a circle.
const db::Query<void(BattleId)> remember_ties_of_battle{"remember_ties", R"sql(
  WITH entrants AS MATERIALIZED (
    SELECT user_id, count(*) AS entries FROM battle_entries
    WHERE battle_id = $1 AND status = 'submitted' AND moderation_status = 'approved'
    GROUP BY user_id),
  whole AS MATERIALIZED (SELECT coalesce(sum(entries), 0) AS entries FROM entrants)
  INSERT INTO vote_ties (voter_id, target_id, votes, choices)
  SELECT vote.user_id, target.user_id, count(*),
    count(*) * log(greatest(1, max(whole.entries) - coalesce(max(own.entries), 0)))::float8
  FROM votes AS vote
  JOIN battle_entries AS target ON target.id = vote.entry_id
  CROSS JOIN whole
  LEFT JOIN entrants AS own ON own.user_id = vote.user_id
  WHERE vote.battle_id = $1 AND EXISTS (
    SELECT 1 FROM battle_entries AS any_entry
    WHERE any_entry.user_id = vote.user_id AND any_entry.status = 'submitted')
  GROUP BY vote.user_id, target.user_id
  ORDER BY vote.user_id, target.user_id
  ON CONFLICT (voter_id, target_id) DO UPDATE SET
    votes = vote_ties.votes + EXCLUDED.votes,
    choices = vote_ties.choices + EXCLUDED.choices)sql"};

const db::Query<IntegrityRow(BattleId)> integrity_of_battle{"integrity_of_battle", R"sql(
  SELECT results.state, battles.rules ->> 'fairPlay' AS fair_play, results.certifies_at,
         results.examined_at,
         coalesce(results.certifies_at <= clock_timestamp(), false) AS is_due
  FROM battle_results AS results JOIN battles ON battles.id = results.battle_id
  WHERE results.battle_id = $1)sql"};

const db::Query<void(BattleId)> set_examined{"mark_examined", R"sql(
  UPDATE battle_results SET examined_at = now_ms()
  WHERE battle_id = $1 AND examined_at IS NULL)sql"};

const db::Query<BattleId(std::int32_t)> certifications_overdue{"certifications_overdue", R"sql(
  SELECT battle_id FROM battle_results
  WHERE certifies_at <= clock_timestamp() - interval '5 seconds'
  ORDER BY certifies_at LIMIT $1)sql"};

const db::Query<void(FindingId, BattleId, fair_play::Detector, std::int32_t, fair_play::Signal,
                     std::optional<EntryId>, std::string_view, std::string_view, std::int64_t,
                     std::vector<VoteId>)>
    insert_finding_row{"insert_finding", R"sql(
  INSERT INTO fair_play_findings (id, battle_id, detector, version, signal, entry_id, reason,
                                  evidence, vote_count, vote_ids)
  VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10))sql"};

const db::Query<FindingRow(BattleId, std::optional<FindingId>, std::int32_t, std::int32_t)>
    findings_of_battle{"findings_of_battle", R"sql(
  SELECT id, detector, version, signal, entry_id, reason, evidence, vote_count,
    vote_ids[1:$4] AS vote_ids,
    (SELECT count(*) FROM vote_voids AS voided
     WHERE voided.battle_id = $1 AND voided.restored_at IS NULL
       AND voided.vote_id = ANY(finding.vote_ids)) AS voided_count, found_at
  FROM fair_play_findings AS finding
  WHERE battle_id = $1 AND ($2::uuid IS NULL OR id > $2) ORDER BY id LIMIT $3)sql"};

}  // namespace

Task<std::vector<FactRow>> find_facts(db::Session& session, BattleId battle,
                                      std::optional<FactRow> after, std::int32_t limit) {
  std::optional<UserId> voter;
  std::optional<EntryId> entry;
  if (after) {
    voter = after->voter;
    entry = after->entry_id;
  }
  return db::all(session, facts_of_battle, battle, voter, entry, limit);
}

Task<std::vector<TieRow>> find_ties(db::Session& session, BattleId battle, std::int32_t limit) {
  return db::all(session, ties_of_voters, battle, limit);
}

Task<> remember_ties(db::Session& session, BattleId battle) {
  (void)co_await db::one(session, give_certification_time);
  co_await db::run(session, remember_ties_of_battle, battle);
}

Task<std::optional<IntegrityRow>> find_integrity(db::Session& session, BattleId battle) {
  return db::maybe(session, integrity_of_battle, battle);
}

Task<> mark_examined(db::Session& session, BattleId battle) {
  co_await db::run(session, set_examined, battle);
}

Task<std::vector<BattleId>> overdue_certifications(db::Session& session, std::int32_t limit) {
  return db::all(session, certifications_overdue, limit);
}

Task<> insert_finding(db::Session& session, BattleId battle, const FindingRow& finding) {
  co_await db::run(session, insert_finding_row, finding.id, battle, finding.detector,
                   finding.version, finding.signal, finding.entry_id, finding.reason,
                   finding.evidence, finding.vote_count, finding.vote_ids);
}

Task<std::vector<FindingRow>> list_findings(db::Session& session, BattleId battle,
                                            std::optional<FindingId> after, std::int32_t limit) {
  return db::all(session, findings_of_battle, battle, after, limit,
                 static_cast<std::int32_t>(votes_shown_of_finding));
}

}  // namespace wildnout::battles
