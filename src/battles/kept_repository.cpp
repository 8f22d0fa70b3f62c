// The SQL of what battles hold about one person.
#include "battles/kept_repository.hpp"

#include "platform/db/query.hpp"

namespace wildnout::battles {
namespace {

using MaybeBattle = std::optional<BattleId>;

// Statements over a stretch of battles: ($2, $3].
#define IN_STRETCH                                                          \
  "battle_id > coalesce($2, '00000000-0000-0000-0000-000000000000'::uuid) " \
  "AND battle_id <= $3"

const db::Query<OwnBattle(UserId, MaybeBattle, std::int32_t)> own_battles{"own_battles", R"sql(
  SELECT id, title, description, battle_type, status, rules::text AS rules, start_time, end_time,
         voting_start_time, voting_end_time, created_at, updated_at
    FROM battles WHERE creator_id = $1 AND ($2::uuid IS NULL OR id > $2) ORDER BY id LIMIT $3)sql"};

const db::Query<OwnEntry(UserId, std::optional<EntryId>, std::int32_t)> own_entries{"own_entries",
                                                                                    R"sql(
  SELECT id, battle_id, content_type, body, status, moderation_status, moderation_reason,
         view_count, vote_count, rank, submission_time, created_at, updated_at
    FROM battle_entries WHERE user_id = $1 AND ($2::uuid IS NULL OR id > $2)
   ORDER BY id LIMIT $3)sql"};

const db::Query<OwnTie(UserId, std::optional<UserId>, std::int32_t)> own_ties{"own_ties", R"sql(
  SELECT target_id AS author_id, votes FROM vote_ties
   WHERE voter_id = $1 AND ($2::uuid IS NULL OR target_id > $2) ORDER BY target_id LIMIT $3)sql"};

const db::Query<BattleId(MaybeBattle, std::int32_t)> last_of_stretch{"last_of_stretch", R"sql(
  SELECT id FROM (SELECT id FROM battles WHERE $1::uuid IS NULL OR id > $1
                   ORDER BY id LIMIT $2) AS stretch
   ORDER BY id DESC LIMIT 1)sql"};

// A look into the key of votes for each battle of the stretch.
const db::Query<OwnVote(UserId, MaybeBattle, BattleId)> own_votes{"own_votes", R"sql(
  SELECT own.id, battle_id, entry_id, weight, salt, void_id IS NULL AS is_counted,
         network IS NOT NULL AS has_network, own.created_at
    FROM (SELECT id FROM battles
           WHERE id > coalesce($2, '00000000-0000-0000-0000-000000000000'::uuid)
             AND id <= $3 OFFSET 0) AS one,
         LATERAL (SELECT * FROM votes WHERE battle_id = one.id AND user_id = $1 OFFSET 0) AS own
   ORDER BY own.id)sql"};

const db::Query<OwnVoid(UserId, MaybeBattle, BattleId)> own_voids{
    "own_voids",
    "SELECT id, battle_id, vote_id, detector, reason, voided_at, restored_at"
    "  FROM vote_voids WHERE user_id = $1 AND " IN_STRETCH " ORDER BY id"};

const db::Query<OwnStep(UserId, MaybeBattle, BattleId)> own_steps{
    "own_steps",
    "SELECT battle_id, to_status, reason, at"
    "  FROM battle_history WHERE actor_id = $1 AND " IN_STRETCH " ORDER BY battle_id, step"};

const db::Query<OwnProposal(UserId, MaybeBattle, BattleId)> own_proposals{
    "own_proposals",
    "SELECT id, battle_id, vote_id, action, reason, state, created_at"
    "  FROM fair_play_proposals WHERE proposed_by = $1 AND " IN_STRETCH " ORDER BY id"};

const db::Query<BattleId(UserId)> battles_of{"battles_of",
                                             "SELECT id FROM battles WHERE creator_id = $1"};

const db::Query<BattleId(UserId)> held_battles_of{"held_battles_of", R"sql(
  SELECT id FROM battles
   WHERE creator_id = $1 OR id IN (SELECT battle_id FROM battle_entries WHERE user_id = $1)
   ORDER BY id FOR NO KEY UPDATE)sql"};

const db::Query<WithdrawnEntry(UserId)> withdrawn_entries_of{"withdrawn_entries_of", R"sql(
  UPDATE battle_entries AS entry SET status = 'withdrawn', updated_at = now_ms()
    FROM battles
   WHERE battles.id = entry.battle_id AND entry.user_id = $1 AND entry.status = 'submitted'
     AND battles.status = 'active' AND battles.end_time > now_ms()
  RETURNING entry.id, entry.battle_id)sql"};

const db::Query<void(UserId)> dropped_drafts_of{
    "dropped_drafts_of", "DELETE FROM battle_entries WHERE user_id = $1 AND status = 'draft'"};

const db::Query<void(UserId)> blanked_entries_of{"blanked_entries_of", R"sql(
  UPDATE battle_entries
     SET body = '', moderation_reason = NULL, version = version + 1, updated_at = now_ms()
   WHERE user_id = $1 AND (body <> '' OR moderation_reason IS NOT NULL))sql"};

const db::Query<void(UserId)> blanked_battles_of{"blanked_battles_of", R"sql(
  UPDATE battles
     SET title = 'A deleted user''s battle', description = '', version = version + 1,
         updated_at = now_ms()
   WHERE creator_id = $1 AND (title <> 'A deleted user''s battle' OR description <> ''))sql"};

const db::Query<void(UserId)> blanked_history_of{"blanked_history_of", R"sql(
  UPDATE battle_history SET reason = NULL
   WHERE battle_id IN (SELECT id FROM battles WHERE creator_id = $1) AND reason IS NOT NULL)sql"};

const db::Query<void(UserId)> blanked_disqualifications_of{"blanked_disqualifications_of", R"sql(
  UPDATE disqualifications SET reason = ''
   WHERE entry_id IN (SELECT id FROM battle_entries WHERE user_id = $1) AND reason <> '')sql"};

const db::Query<void(UserId)> forgotten_ties_of{"forgotten_ties_of",
                                                "DELETE FROM vote_ties WHERE voter_id = $1"};

const db::Query<void(UserId, MaybeBattle, BattleId)> blanked_networks{"blanked_networks", R"sql(
  UPDATE votes SET network = NULL
    FROM (SELECT battle_id, entry_id
            FROM (SELECT id FROM battles
                   WHERE id > coalesce($2, '00000000-0000-0000-0000-000000000000'::uuid)
                     AND id <= $3 OFFSET 0) AS one,
                 LATERAL (SELECT battle_id, entry_id FROM votes
                           WHERE battle_id = one.id AND user_id = $1 AND network IS NOT NULL
                          OFFSET 0) AS own) AS found
   WHERE votes.battle_id = found.battle_id AND votes.user_id = $1
     AND votes.entry_id = found.entry_id)sql"};

const db::Query<void(UserId, MaybeBattle, BattleId)> blanked_steps{
    "blanked_steps",
    "UPDATE battle_history SET reason = NULL"
    " WHERE actor_id = $1 AND reason IS NOT NULL AND " IN_STRETCH};
const db::Query<void(UserId, MaybeBattle, BattleId)> blanked_proposals{
    "blanked_proposals",
    "UPDATE fair_play_proposals SET reason = ''"
    " WHERE (proposed_by = $1 OR voter_id = $1) AND reason <> '' AND " IN_STRETCH};
// A detector's reason is one of its own words.
const db::Query<void(UserId, MaybeBattle, BattleId)> blanked_voids{
    "blanked_voids",
    "UPDATE vote_voids SET reason = ''"
    " WHERE user_id = $1 AND detector IS NULL AND reason <> '' AND " IN_STRETCH};
const db::Query<void(UserId, MaybeBattle, BattleId)> blanked_disqualifying{"blanked_disqualifying",
                                                                           R"sql(
  UPDATE disqualifications SET reason = ''
   WHERE actor_id = $1 AND reason <> ''
     AND tournament_id > coalesce($2, '00000000-0000-0000-0000-000000000000'::uuid)
     AND tournament_id <= $3)sql"};

#undef IN_STRETCH

}  // namespace

Task<std::vector<OwnBattle>> find_own_battles(db::Session& db, UserId user,
                                              std::optional<BattleId> after, std::int32_t limit) {
  return db::all(db, own_battles, user, after, limit);
}

Task<std::vector<OwnEntry>> find_own_entries(db::Session& db, UserId user,
                                             std::optional<EntryId> after, std::int32_t limit) {
  return db::all(db, own_entries, user, after, limit);
}

Task<std::vector<OwnTie>> find_own_ties(db::Session& db, UserId user, std::optional<UserId> after,
                                        std::int32_t limit) {
  return db::all(db, own_ties, user, after, limit);
}

Task<std::optional<BattleId>> end_of_stretch(db::Session& db, std::optional<BattleId> after,
                                             std::int32_t battles) {
  return db::maybe(db, last_of_stretch, after, battles);
}

Task<std::vector<OwnVote>> find_own_votes(db::Session& db, UserId user, Stretch stretch) {
  return db::all(db, own_votes, user, stretch.after, stretch.last);
}

Task<std::vector<OwnVoid>> find_own_voids(db::Session& db, UserId user, Stretch stretch) {
  return db::all(db, own_voids, user, stretch.after, stretch.last);
}

Task<std::vector<OwnStep>> find_own_steps(db::Session& db, UserId user, Stretch stretch) {
  return db::all(db, own_steps, user, stretch.after, stretch.last);
}

Task<std::vector<OwnProposal>> find_own_proposals(db::Session& db, UserId user, Stretch stretch) {
  return db::all(db, own_proposals, user, stretch.after, stretch.last);
}

Task<std::vector<BattleId>> find_battles_of(db::Session& db, UserId creator) {
  return db::all(db, battles_of, creator);
}

Task<> hold_battles_of(db::Session& db, UserId user) {
  (void)co_await db::all(db, held_battles_of, user);
}

Task<std::vector<WithdrawnEntry>> withdraw_entries_of(db::Session& db, UserId user) {
  return db::all(db, withdrawn_entries_of, user);
}

Task<> blank_entries_of(db::Session& db, UserId user) {
  co_await db::run(db, dropped_drafts_of, user);
  co_await db::run(db, blanked_entries_of, user);
  co_await db::run(db, blanked_disqualifications_of, user);
}

Task<> blank_battles_of(db::Session& db, UserId user) {
  co_await db::run(db, blanked_battles_of, user);
  co_await db::run(db, blanked_history_of, user);
}

Task<> forget_ties_of(db::Session& db, UserId user) {
  co_await db::run(db, forgotten_ties_of, user);
}

Task<> blank_stretch_of(db::Session& db, UserId user, Stretch stretch) {
  co_await db::run(db, blanked_networks, user, stretch.after, stretch.last);
  co_await db::run(db, blanked_steps, user, stretch.after, stretch.last);
  co_await db::run(db, blanked_proposals, user, stretch.after, stretch.last);
  co_await db::run(db, blanked_voids, user, stretch.after, stretch.last);
  co_await db::run(db, blanked_disqualifying, user, stretch.after, stretch.last);
}

}  // namespace wildnout::battles
