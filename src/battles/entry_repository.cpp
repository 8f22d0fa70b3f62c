// Statements on entries.
#include "battles/entry_repository.hpp"

#include "platform/db/query.hpp"

namespace wildnout::battles {
namespace {

#define ENTRY_COLUMNS                                                                          \
  "entry.id, entry.battle_id, entry.user_id, author.display_name AS author_name, "             \
  "author.avatar_url AS author_avatar, entry.content_type, entry.body, entry.status, "         \
  "entry.moderation_status, entry.moderation_reason, entry.view_count, entry.vote_count, "     \
  "entry.comment_count, entry.share_count, entry.rank, entry.submission_time, entry.version, " \
  "entry.created_at, entry.updated_at, "                                                       \
  "battles.hide_tally AND battles.next_step_at IS NOT NULL AS is_tally_hidden, "
#define ENTRY_SOURCE                                                           \
  "FROM battle_entries AS entry JOIN battles ON battles.id = entry.battle_id " \
  "JOIN user_summaries AS author ON author.id = entry.user_id "
#define VISIBLE_ENTRIES                                            \
  "WHERE entry.battle_id = $1 AND (entry.status = 'submitted' OR " \
  "(entry.user_id = $2 AND entry.status = 'draft')) "              \
  "AND (entry.moderation_status = 'approved' OR entry.user_id = $2 OR $3) "

const db::Query<void(EntryId, BattleId, UserId, ContentType, std::string_view)> insert_draft_row{
    "insert_draft", R"sql(
  INSERT INTO battle_entries (id, battle_id, user_id, content_type, body, status,
                              moderation_status)
  VALUES ($1, $2, $3, $4, $5, 'draft', 'pending'))sql"};

const db::Query<void(EntryId, BattleId, UserId, ContentType, std::string_view)>
    insert_submitted_row{"insert_submitted", R"sql(
  INSERT INTO battle_entries (id, battle_id, user_id, content_type, body, status,
                              moderation_status, submission_time)
  VALUES ($1, $2, $3, $4, $5, 'submitted', 'approved', now_ms()))sql"};

const db::Query<void(EntryId)> submit_draft_row{"submit_draft", R"sql(
  UPDATE battle_entries SET status = 'submitted', moderation_status = 'approved',
    submission_time = now_ms(), version = version + 1, updated_at = now_ms()
  WHERE id = $1 AND status = 'draft')sql"};

const db::Query<EntryVerdict(BattleId, UserId)> entry_verdict{"entry_verdict", R"sql(
  SELECT CASE
    WHEN status IN ('voting', 'completed', 'cancelled')
      OR clock_timestamp() < start_time OR clock_timestamp() >= end_time THEN 'notActive'
    WHEN min_account_age_hours > 0 AND EXISTS (
      SELECT 1 FROM user_summaries AS author WHERE author.id = $2
      AND author.created_at > clock_timestamp() - min_account_age_hours * interval '1 hour')
      THEN 'tooYoung'
    WHEN (SELECT count(*) FROM battle_entries AS own
          WHERE own.battle_id = $1 AND own.user_id = $2 AND own.status = 'submitted')
         >= entries_per_user THEN 'duplicate'
    WHEN (SELECT count(*) FROM battle_entries AS one
          WHERE one.battle_id = $1 AND one.status = 'submitted') >= max_entries THEN 'full'
    ELSE 'taken' END
  FROM battles WHERE id = $1)sql"};

const db::Query<std::int64_t(BattleId, UserId)> drafts_of_user{"drafts_of_user", R"sql(
  SELECT count(*) FROM battle_entries
  WHERE user_id = $2 AND battle_id = $1 AND status = 'draft')sql"};

const db::Query<EntryRow(EntryId)> entry_by_id{
    "entry_by_id",
    "SELECT " ENTRY_COLUMNS "NULL::text AS shuffle " ENTRY_SOURCE "WHERE entry.id = $1", db::hot};

const db::Query<EntryRow(EntryId)> entry_locked{
    "entry_locked", "SELECT " ENTRY_COLUMNS "NULL::text AS shuffle " ENTRY_SOURCE
                    "WHERE entry.id = $1 FOR NO KEY UPDATE OF entry"};

const db::Query<void(EntryId, ContentType, std::string_view)> rewrite_entry_row{"rewrite_entry",
                                                                                R"sql(
  UPDATE battle_entries SET content_type = $2, body = $3, version = version + 1,
    updated_at = now_ms() WHERE id = $1)sql"};

const db::Query<void(EntryId, EntryStatus)> set_entry_status_row{"set_entry_status", R"sql(
  UPDATE battle_entries SET status = $2, version = version + 1, updated_at = now_ms()
  WHERE id = $1)sql"};

const db::Query<void(EntryId)> delete_draft_row{
    "delete_draft", "DELETE FROM battle_entries WHERE id = $1 AND status = 'draft'"};

const db::Query<void(BattleId)> recount_entries_of_battle{"recount_entries", R"sql(
  UPDATE battles SET entry_count = counted.entries, participant_count = counted.people
  FROM (SELECT count(*) AS entries, count(DISTINCT user_id) AS people FROM battle_entries
        WHERE battle_id = $1 AND status = 'submitted' AND moderation_status = 'approved')
    AS counted
  WHERE id = $1)sql"};

const db::Query<EntryRow(BattleId, std::optional<UserId>, bool, std::optional<Timestamp>,
                         std::optional<EntryId>, std::int32_t)>
    entries_newest{"entries_newest",
                   "SELECT " ENTRY_COLUMNS "NULL::text AS shuffle " ENTRY_SOURCE VISIBLE_ENTRIES
                   "AND ($4::timestamptz IS NULL OR (entry.created_at, entry.id) < ($4, $5::uuid)) "
                   "ORDER BY entry.created_at DESC, entry.id DESC LIMIT $6"};

// While the tally is hidden nothing may hang on it: then `top` has the order of `newest`.
const db::Query<EntryRow(BattleId, std::optional<UserId>, bool, std::optional<std::int64_t>,
                         std::optional<EntryId>, std::int32_t)>
    entries_top{"entries_top",
                "SELECT * FROM (SELECT " ENTRY_COLUMNS
                "NULL::text AS shuffle " ENTRY_SOURCE VISIBLE_ENTRIES
                ") AS entry WHERE ($4::bigint IS NULL OR "
                "(CASE WHEN is_tally_hidden THEN 0 ELSE vote_count END, id) < ($4, $5::uuid)) "
                "ORDER BY CASE WHEN is_tally_hidden THEN 0 ELSE vote_count END DESC, id DESC "
                "LIMIT $6"};

// An order of its own for each seed, the same one from page to page.
const db::Query<EntryRow(BattleId, std::optional<UserId>, bool, std::optional<std::string>,
                         std::int32_t, std::string_view)>
    entries_random{"entries_random",
                   "SELECT " ENTRY_COLUMNS
                   "md5(entry.id::text || $6::text) AS shuffle " ENTRY_SOURCE VISIBLE_ENTRIES
                   "AND ($4::text IS NULL OR md5(entry.id::text || $6::text) > $4) "
                   "ORDER BY shuffle LIMIT $5"};

}  // namespace

Task<> insert_draft(db::Session& session, const NewEntry& entry) {
  co_await db::run(session, insert_draft_row, entry.id, entry.battle_id, entry.user_id,
                   entry.content_type, entry.body);
}

Task<> insert_submitted(db::Session& session, const NewEntry& entry) {
  co_await db::run(session, insert_submitted_row, entry.id, entry.battle_id, entry.user_id,
                   entry.content_type, entry.body);
}

Task<> submit_draft(db::Session& session, EntryId id) {
  co_await db::run(session, submit_draft_row, id);
}

Task<std::int64_t> count_drafts(db::Session& session, BattleId battle, UserId user) {
  return db::one(session, drafts_of_user, battle, user);
}

Task<EntryVerdict> judge_entry(db::Session& session, BattleId battle, UserId user) {
  return db::one(session, entry_verdict, battle, user);
}

Task<std::optional<EntryRow>> find_entry(db::Session& session, EntryId id) {
  return db::maybe(session, entry_by_id, id);
}

Task<std::optional<EntryRow>> lock_entry(db::Session& session, EntryId id) {
  return db::maybe(session, entry_locked, id);
}

Task<> rewrite_entry(db::Session& session, EntryId id, ContentType type, std::string body) {
  co_await db::run(session, rewrite_entry_row, id, type, body);
}

Task<> set_entry_status(db::Session& session, EntryId id, EntryStatus status) {
  co_await db::run(session, set_entry_status_row, id, status);
}

Task<> delete_draft(db::Session& session, EntryId id) {
  co_await db::run(session, delete_draft_row, id);
}

Task<> recount_entries(db::Session& session, BattleId battle) {
  co_await db::run(session, recount_entries_of_battle, battle);
}

Task<std::vector<EntryRow>> list_entries(db::Session& session, EntryQuery query) {
  std::optional<EntryId> after_id;
  if (query.after) after_id = query.after->id;
  const EntryPosition from = query.after.value_or(EntryPosition{});
  switch (query.sort) {
    case EntrySort::newest:
      return db::all(session, entries_newest, query.battle, query.viewer, query.sees_everything,
                     from.time, after_id, query.limit);
    case EntrySort::top:
      return db::all(session, entries_top, query.battle, query.viewer, query.sees_everything,
                     from.count, after_id, query.limit);
    case EntrySort::random:
      break;
  }
  return db::all(session, entries_random, query.battle, query.viewer, query.sees_everything,
                 from.shuffle, query.limit, query.seed);
}

}  // namespace wildnout::battles
