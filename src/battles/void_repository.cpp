// Statements that take votes out of the count and put them back, and those of proposals.
#include "battles/fair_play/facts.hpp"
#include "battles/fair_play_repository.hpp"
#include "platform/db/query.hpp"

namespace wildnout::battles {
namespace {

// Row, counters and record in one statement. The battle's row is locked and voting is over, so
// nobody else changes these votes or counters meanwhile.
const db::Query<ChangedVote(BattleId, std::vector<Uuid>, std::vector<UserId>, std::vector<EntryId>,
                            std::vector<std::optional<std::string>>,
                            std::vector<std::optional<std::int32_t>>, std::vector<std::string>,
                            std::vector<std::string>)>
    void_chosen_votes{"void_votes", R"sql(
  WITH chosen AS MATERIALIZED (
    SELECT void_id, user_id, entry_id, detector, version, reason, evidence
    FROM unnest($2::uuid[], $3::uuid[], $4::uuid[], $5::text[], $6::integer[], $7::text[],
                $8::text[])
      AS one (void_id, user_id, entry_id, detector, version, reason, evidence)),
  marked AS (
    UPDATE votes SET void_id = chosen.void_id FROM chosen
    WHERE votes.battle_id = $1 AND votes.user_id = chosen.user_id
      AND votes.entry_id = chosen.entry_id AND votes.void_id IS NULL
    RETURNING votes.id, votes.user_id, votes.entry_id, votes.void_id),
  recorded AS (
    INSERT INTO vote_voids (id, battle_id, vote_id, entry_id, user_id, detector, version, reason,
                            evidence)
    SELECT chosen.void_id, $1, marked.id, marked.entry_id, marked.user_id, chosen.detector,
           chosen.version, chosen.reason, chosen.evidence::jsonb
    FROM marked JOIN chosen ON chosen.void_id = marked.void_id),
  by_entry AS MATERIALIZED (SELECT entry_id, count(*) AS votes FROM marked GROUP BY entry_id),
  entries_counted AS (
    UPDATE battle_entries SET vote_count = vote_count - by_entry.votes
    FROM by_entry WHERE battle_entries.id = by_entry.entry_id),
  battle_counted AS (
    UPDATE battles SET vote_count = vote_count - counted.votes
    FROM (SELECT sum(votes)::bigint AS votes FROM by_entry HAVING count(*) > 0) AS counted
    WHERE battles.id = $1)
  SELECT marked.id AS vote_id, marked.entry_id, marked.user_id, chosen.detector
  FROM marked JOIN chosen ON chosen.void_id = marked.void_id ORDER BY marked.id)sql"};

const db::Query<ChangedVote(BattleId, UserId, EntryId)> restore_voided_vote{"restore_vote", R"sql(
  WITH held AS MATERIALIZED (
    SELECT id, entry_id, user_id, void_id FROM votes
    WHERE battle_id = $1 AND user_id = $2 AND entry_id = $3 AND void_id IS NOT NULL),
  cleared AS (
    UPDATE votes SET void_id = NULL FROM held
    WHERE votes.battle_id = $1 AND votes.user_id = held.user_id
      AND votes.entry_id = held.entry_id),
  recorded AS (
    UPDATE vote_voids SET restored_at = now_ms() FROM held WHERE vote_voids.id = held.void_id
    RETURNING vote_voids.detector),
  entry_counted AS (
    UPDATE battle_entries SET vote_count = vote_count + 1 FROM held
    WHERE battle_entries.id = held.entry_id),
  battle_counted AS (
    UPDATE battles SET vote_count = vote_count + 1 FROM held WHERE battles.id = $1)
  SELECT held.id AS vote_id, held.entry_id, held.user_id,
         (SELECT detector FROM recorded) AS detector
  FROM held)sql"};

const db::Query<VotePlace(BattleId, VoteId)> place_of_vote{"place_of_vote", R"sql(
  SELECT user_id AS voter, entry_id, void_id IS NOT NULL AS is_voided FROM votes
  WHERE battle_id = $1 AND id = $2)sql"};

const db::Query<void(ProposalId, BattleId, VoteId, EntryId, UserId, ProposalAction,
                     std::string_view, UserId)>
    insert_proposal_row{"insert_proposal", R"sql(
  INSERT INTO fair_play_proposals (id, battle_id, vote_id, entry_id, voter_id, action, reason,
                                   state, proposed_by)
  VALUES ($1, $2, $3, $4, $5, $6, $7, 'open', $8)
  ON CONFLICT (battle_id, vote_id) WHERE state = 'open' DO NOTHING)sql"};

#define PROPOSAL_COLUMNS                                                               \
  "id, battle_id, vote_id, entry_id, action, reason, state, proposed_by, decided_by, " \
  "created_at, decided_at, voter_id FROM fair_play_proposals "

const db::Query<ProposalRow(BattleId, ProposalId)> proposal_of_battle{
    "proposal_of_battle", "SELECT " PROPOSAL_COLUMNS "WHERE battle_id = $1 AND id = $2"};

const db::Query<ProposalRow(BattleId, std::optional<ProposalId>, std::int32_t)> proposals_of_battle{
    "proposals_of_battle", "SELECT " PROPOSAL_COLUMNS
                           "WHERE battle_id = $1 AND ($2::uuid IS NULL OR id > $2) "
                           "ORDER BY id LIMIT $3"};

const db::Query<void(ProposalId, ProposalState, UserId)> decide_open_proposal{"decide_proposal",
                                                                              R"sql(
  UPDATE fair_play_proposals SET state = $2, decided_by = $3, decided_at = now_ms()
  WHERE id = $1 AND state = 'open')sql"};

const db::Query<void(BattleId)> lapse_open_proposals{"lapse_proposals", R"sql(
  UPDATE fair_play_proposals SET state = 'lapsed', decided_at = now_ms()
  WHERE battle_id = $1 AND state = 'open')sql"};

}  // namespace

Task<std::vector<ChangedVote>> void_votes(db::Session& session, BattleId battle,
                                          const std::vector<NewVoid>& voids) {
  std::vector<Uuid> ids;
  std::vector<UserId> voters;
  std::vector<EntryId> entries;
  std::vector<std::optional<std::string>> detectors;
  std::vector<std::optional<std::int32_t>> versions;
  std::vector<std::string> reasons;
  std::vector<std::string> evidence;
  for (const NewVoid& one : voids) {
    ids.push_back(Uuid::make());
    voters.push_back(one.voter);
    entries.push_back(one.entry_id);
    detectors.emplace_back();
    versions.emplace_back();
    if (one.detector) {
      detectors.back() = std::string{spelled(*one.detector)};
      versions.back() = fair_play::version_of(*one.detector);
    }
    reasons.push_back(one.reason);
    evidence.push_back(one.evidence);
  }
  return db::all(session, void_chosen_votes, battle, ids, voters, entries, detectors, versions,
                 reasons, evidence);
}

Task<std::optional<ChangedVote>> restore_vote(db::Session& session, BattleId battle, UserId voter,
                                              EntryId entry) {
  return db::maybe(session, restore_voided_vote, battle, voter, entry);
}

Task<std::optional<VotePlace>> find_vote_place(db::Session& session, BattleId battle, VoteId vote) {
  return db::maybe(session, place_of_vote, battle, vote);
}

Task<bool> insert_proposal(db::Session& session, const ProposalRow& proposal) {
  co_return co_await db::run(session, insert_proposal_row, proposal.id, proposal.battle_id,
                             proposal.vote_id, proposal.entry_id, proposal.voter_id,
                             proposal.action, proposal.reason, proposal.proposed_by) == 1;
}

Task<std::optional<ProposalRow>> find_proposal(db::Session& session, BattleId battle,
                                               ProposalId id) {
  return db::maybe(session, proposal_of_battle, battle, id);
}

Task<std::vector<ProposalRow>> list_proposals(db::Session& session, BattleId battle,
                                              std::optional<ProposalId> after, std::int32_t limit) {
  return db::all(session, proposals_of_battle, battle, after, limit);
}

Task<bool> decide_proposal(db::Session& session, ProposalId id, ProposalState to, UserId by) {
  co_return co_await db::run(session, decide_open_proposal, id, to, by) == 1;
}

Task<> lapse_proposals(db::Session& session, BattleId battle) {
  co_await db::run(session, lapse_open_proposals, battle);
}

}  // namespace wildnout::battles
