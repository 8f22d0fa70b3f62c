// Statements on results and the ballots behind them.
#include "battles/result_repository.hpp"

#include "platform/db/query.hpp"
#include "platform/json/json.hpp"

namespace wildnout::battles {
namespace {

// Of an entry that counts: what results rank and tallies show.
#define IS_RANKED "entry.status = 'submitted' AND entry.moderation_status = 'approved'"

// Sorting and hashing a million ballots takes longer than a usual statement may.
const db::Query<std::string()> give_count_time{
    "give_count_time", "SELECT set_config('statement_timeout', '120s', true)"};

const db::Query<void(BattleId)> drop_ballots{"drop_ballots",
                                             "DELETE FROM battle_ballots WHERE battle_id = $1"};

// The leaf has the same bytes as rules.hpp's vote_leaf, made where the rows are.
const db::Query<void(BattleId, std::int32_t)> insert_chunks{
    "insert_chunks",
    "INSERT INTO battle_ballots (battle_id, chunk, is_voided, first_id, ballots, "
    "records) "
    R"sql(
  SELECT $1, chunk, false, (array_agg(id) FILTER (WHERE is_first))[1], count(*)::integer,
         string_agg(record, ''::bytea ORDER BY id)
  FROM (
    SELECT id, (place / $2)::integer AS chunk, place % $2 = 0 AS is_first,
           sha256('\x0001'::bytea || uuid_send(id) || uuid_send(entry_id) || weight || at ||
                  uuid_send(salt)) || uuid_send(entry_id) || weight || at AS record
    FROM (
      SELECT vote.id, vote.entry_id, vote.salt, int8send(vote.weight) AS weight,
             int8send((extract(epoch FROM vote.created_at) * 1000)::bigint) AS at,
             row_number() OVER (ORDER BY vote.id) - 1 AS place
      FROM votes AS vote JOIN battle_entries AS entry ON entry.id = vote.entry_id
      WHERE vote.battle_id = $1 AND vote.void_id IS NULL AND )sql" IS_RANKED R"sql()
      AS placed) AS hashed
  GROUP BY chunk)sql"};

const db::Query<ChunkRow(BattleId, std::int32_t, std::int32_t)> chunks_of_battle{"chunks_of_battle",
                                                                                 R"sql(
  SELECT chunk, ballots, records FROM battle_ballots
  WHERE battle_id = $1 AND NOT is_voided AND chunk >= $2 AND chunk < $2 + $3 ORDER BY chunk)sql"};

const db::Query<void(BattleId, std::vector<std::int32_t>, std::vector<db::Bytes>)> set_roots{
    "set_chunk_roots", R"sql(
  UPDATE battle_ballots SET root = made.root
  FROM unnest($2::integer[], $3::bytea[]) AS made (chunk, root)
  WHERE battle_id = $1 AND battle_ballots.chunk = made.chunk)sql"};

const db::Query<VoidedRow(BattleId, std::optional<VoteId>, std::int32_t)> voided_of_battle{
    "voided_of_battle", R"sql(
  SELECT vote.id, vote.entry_id, vote.weight, vote.created_at, vote.salt,
    CASE WHEN vote.void_id IS NULL THEN 'entryRemoved'
         ELSE coalesce(ground.reason, 'unspecified') END AS reason, ground.detector
  FROM votes AS vote LEFT JOIN battle_entries AS entry ON entry.id = vote.entry_id
  LEFT JOIN void_grounds AS ground ON ground.void_id = vote.void_id
  WHERE vote.battle_id = $1 AND (vote.void_id IS NOT NULL OR ()sql" IS_RANKED R"sql() IS NOT TRUE)
    AND ($2::uuid IS NULL OR vote.id > $2)
  ORDER BY vote.id LIMIT $3)sql"};

const db::Query<void(BattleId, std::int32_t, VoteId, std::int32_t, db::Bytes)> insert_voided_lines{
    "insert_voided_chunk", R"sql(
  INSERT INTO battle_ballots (battle_id, chunk, is_voided, first_id, ballots, records)
  VALUES ($1, $2, true, $3, $4, $5))sql"};

const db::Query<OwnVoteRow(BattleId, UserId, VoteId)> own_vote{"own_vote", R"sql(
  SELECT vote.id, vote.entry_id, vote.weight, vote.created_at, vote.salt, vote.void_id,
         ground.reason, ground.detector
  FROM votes AS vote LEFT JOIN void_grounds AS ground ON ground.void_id = vote.void_id
  WHERE vote.battle_id = $1 AND vote.user_id = $2 AND vote.id = $3)sql"};

const db::Query<BranchRow(BattleId, VoteId)> branch_of_vote{"branch_of_vote", R"sql(
  SELECT result.total_votes AS size, result.merkle_root, mine.chunk, mine.records,
    (SELECT string_agg(root, ''::bytea ORDER BY chunk) FROM battle_ballots
     WHERE battle_id = $1 AND NOT is_voided) AS roots
  FROM battle_results AS result
  JOIN LATERAL (SELECT chunk, records FROM battle_ballots
                WHERE battle_id = $1 AND NOT is_voided AND first_id <= $2
                ORDER BY chunk DESC LIMIT 1) AS mine ON true
  WHERE result.battle_id = $1 AND result.revision > 0)sql"};

const db::Query<BallotsHead(BattleId)> head_of_ballots{"head_of_ballots", R"sql(
  SELECT revision, ballots_hash,
    (SELECT count(*)::integer FROM battle_ballots WHERE battle_id = $1) AS chunks
  FROM battle_results WHERE battle_id = $1 AND revision > 0)sql"};

const db::Query<PageRow(BattleId, std::int32_t, std::int32_t)> page_of_ballots{"page_of_ballots",
                                                                               R"sql(
  SELECT page.is_voided, page.records
  FROM battle_ballots AS page JOIN battle_results AS result ON result.battle_id = page.battle_id
  WHERE page.battle_id = $1 AND page.chunk = $3 AND result.revision = $2)sql"};

const db::Query<Contender(BattleId)> contenders_of_battle{"contenders_of_battle", R"sql(
  SELECT entry.id AS entry_id, entry.user_id,
         coalesce(entry.submission_time, entry.created_at) AS submission_time
  FROM battle_entries AS entry WHERE entry.battle_id = $1 AND )sql" IS_RANKED};

const db::Query<void(BattleId, Timestamp, Timestamp, std::string_view)> insert_results_row{
    "begin_results", R"sql(
  INSERT INTO battle_results (battle_id, revision, state, completed_at, certifies_at, total_votes,
    voided_votes, ranking, voided_by_reason, rules_hash, ballots_hash, merkle_root, algorithm)
  VALUES ($1, 0, 'provisional', $2, $3, 0, 0, '[]', '[]', '', '', '', $4))sql"};

const db::Query<BattleId(BattleId, std::int64_t, std::string_view, std::int64_t, std::string_view,
                         std::string_view, std::string_view, std::string_view)>
    replace_results_row{"replace_outcome", R"sql(
  UPDATE battle_results SET revision = revision + 1, total_votes = $2, ranking = $3,
    voided_votes = $4, voided_by_reason = $5, rules_hash = $6, ballots_hash = $7, merkle_root = $8
  WHERE battle_id = $1 AND (state = 'provisional' OR revision = 0)
  RETURNING battle_id)sql"};

const db::Query<std::string(BattleId)> certify_row{"mark_certified", R"sql(
  UPDATE battle_results SET state = 'certified', certified_at = now_ms(), certifies_at = NULL
  WHERE battle_id = $1 AND state = 'provisional' RETURNING ranking)sql"};

// Entries that are no longer ranked lose the rank that an earlier count gave them.
const db::Query<void(BattleId, std::vector<EntryId>, std::vector<std::int32_t>)> set_entry_ranks{
    "set_entry_ranks", R"sql(
  UPDATE battle_entries AS entry SET rank = placed.rank
  FROM battle_entries AS own
  LEFT JOIN unnest($2::uuid[], $3::integer[]) AS placed (id, rank) ON placed.id = own.id
  WHERE own.battle_id = $1 AND entry.id = own.id
    AND entry.rank IS DISTINCT FROM placed.rank)sql"};

const db::Query<ResultsRow(BattleId)> results_of_battle{"results_of_battle", R"sql(
  SELECT revision, state, completed_at, certifies_at, certified_at, total_votes, ranking,
    voided_votes, voided_by_reason, rules_hash, ballots_hash, merkle_root, algorithm
  FROM battle_results WHERE battle_id = $1 AND revision > 0)sql"};

const db::Query<BattleId(std::int32_t)> results_outdated{
    "results_outdated", "SELECT battle_id FROM battle_results WHERE revision = 0 LIMIT $1"};

}  // namespace

Task<> store_ballots(db::Session& session, BattleId battle) {
  (void)co_await db::one(session, give_count_time);
  co_await db::run(session, drop_ballots, battle);
  co_await db::run(session, insert_chunks, battle, ballots_per_chunk);
}

Task<std::vector<ChunkRow>> read_chunks(db::Session& session, BattleId battle, std::int32_t from,
                                        std::int32_t limit) {
  return db::all(session, chunks_of_battle, battle, from, limit);
}

Task<> set_chunk_roots(db::Session& session, BattleId battle,
                       const std::vector<std::int32_t>& chunks,
                       const std::vector<db::Bytes>& roots) {
  co_await db::run(session, set_roots, battle, chunks, roots);
}

Task<std::vector<VoidedRow>> find_voided(db::Session& session, BattleId battle,
                                         std::optional<VoteId> after, std::int32_t limit) {
  return db::all(session, voided_of_battle, battle, after, limit);
}

Task<> insert_voided_chunk(db::Session& session, BattleId battle, std::int32_t chunk, VoteId first,
                           std::int32_t ballots, std::string lines) {
  co_await db::run(session, insert_voided_lines, battle, chunk, first, ballots,
                   db::Bytes{std::move(lines)});
}

Task<std::optional<OwnVoteRow>> find_own_vote(db::Session& session, BattleId battle, UserId voter,
                                              VoteId vote) {
  return db::maybe(session, own_vote, battle, voter, vote);
}

Task<std::optional<BranchRow>> find_branch(db::Session& session, BattleId battle, VoteId vote) {
  return db::maybe(session, branch_of_vote, battle, vote);
}

Task<std::optional<BallotsHead>> find_ballots_head(db::Session& session, BattleId battle) {
  return db::maybe(session, head_of_ballots, battle);
}

Task<std::optional<PageRow>> read_page(db::Session& session, BattleId battle, std::int32_t revision,
                                       std::int32_t chunk) {
  return db::maybe(session, page_of_ballots, battle, revision, chunk);
}

Task<std::vector<Contender>> find_contenders(db::Session& session, BattleId battle) {
  return db::all(session, contenders_of_battle, battle);
}

Task<> begin_results(db::Session& session, BattleId battle, Timestamp completed_at,
                     Timestamp certifies_at) {
  co_await db::run(session, insert_results_row, battle, completed_at, certifies_at,
                   results_algorithm);
}

Task<bool> replace_outcome(db::Session& session, BattleId battle, const Outcome& outcome) {
  const auto replaced = co_await db::maybe(
      session, replace_results_row, battle, outcome.total_votes, json::text_of(outcome.ranking),
      outcome.voided_votes, json::text_of(outcome.voided_by_reason), outcome.rules_hash,
      outcome.ballots_hash, outcome.merkle_root);
  co_return replaced.has_value();
}

Task<std::optional<std::string>> mark_certified(db::Session& session, BattleId battle) {
  return db::maybe(session, certify_row, battle);
}

Task<> set_ranks(db::Session& session, BattleId battle, const std::vector<RankedEntry>& ranking) {
  std::vector<EntryId> ids;
  std::vector<std::int32_t> ranks;
  for (const RankedEntry& entry : ranking) {
    ids.push_back(entry.entry_id);
    ranks.push_back(entry.rank);
  }
  co_await db::run(session, set_entry_ranks, battle, ids, ranks);
}

Task<std::optional<ResultsRow>> find_results(db::Session& session, BattleId battle) {
  return db::maybe(session, results_of_battle, battle);
}

Task<std::vector<BattleId>> outdated_results(db::Session& session, std::int32_t limit) {
  return db::all(session, results_outdated, limit);
}

}  // namespace wildnout::battles
