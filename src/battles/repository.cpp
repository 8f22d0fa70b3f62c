// Statements on battles themselves: writing, finding, listing.
#include "battles/repository.hpp"

#include "platform/db/query.hpp"
#include "platform/json/json.hpp"

namespace wildnout::battles {
namespace {

#define BATTLE_COLUMNS                                                                         \
  "battles.id, title, description, battle_type, rules, status, parent_id, round, creator_id, " \
  "creator.display_name AS creator_name, creator.avatar_url AS creator_avatar, start_time, "   \
  "end_time, voting_start_time, voting_end_time, featured, is_demo, participant_count, "       \
  "entry_count, vote_count, listed_vote_count, trend, version, battles.created_at, updated_at "
#define BATTLE_SOURCE "FROM battles JOIN user_summaries AS creator ON creator.id = creator_id "
#define BATTLE_FILTER                                                                     \
  "WHERE status = ANY($1) AND ($2::text IS NULL OR battle_type = $2) "                    \
  "AND ($3::uuid IS NULL OR creator_id = $3) AND ($4::boolean IS NULL OR featured = $4) " \
  "AND ($5::text IS NULL OR title ILIKE '%' || $5 || '%') "                               \
  "AND (parent_id = $6 OR ($6::uuid IS NULL AND parent_id IS NULL)) "

const db::Query<void(BattleId, UserId, std::string_view, std::string_view, BattleType,
                     std::string_view, std::int32_t, std::int32_t, std::optional<std::int32_t>,
                     bool, bool, bool, std::int32_t, Timestamp, Timestamp, Timestamp, Timestamp,
                     bool, bool)>
    insert_battle_row{"insert_battle", R"sql(
  INSERT INTO battles (id, creator_id, title, description, battle_type, status, rules,
    max_entries, entries_per_user, votes_per_user, allow_vote_retraction, allow_self_vote,
    hide_tally, min_account_age_hours, start_time, end_time, voting_start_time, voting_end_time,
    featured, is_demo, trend)
  VALUES ($1, $2, $3, $4, $5, 'upcoming', $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17,
    $18, $19, extract(epoch FROM clock_timestamp()) / 45000))sql"};

const db::Query<void(BattleId, std::string_view, std::string_view, std::string_view, std::int32_t,
                     std::int32_t, std::optional<std::int32_t>, bool, bool, bool, std::int32_t,
                     Timestamp, Timestamp, Timestamp, Timestamp, bool)>
    rewrite_battle_row{"rewrite_battle", R"sql(
  UPDATE battles SET title = $2, description = $3, rules = $4, max_entries = $5,
    entries_per_user = $6, votes_per_user = $7, allow_vote_retraction = $8, allow_self_vote = $9,
    hide_tally = $10, min_account_age_hours = $11, start_time = $12, end_time = $13,
    voting_start_time = $14, voting_end_time = $15, featured = $16, version = version + 1,
    updated_at = now_ms()
  WHERE id = $1)sql"};

const db::Query<BattleRow(BattleId)> battle_by_id{
    "battle_by_id", "SELECT " BATTLE_COLUMNS BATTLE_SOURCE "WHERE battles.id = $1", db::hot};

const db::Query<BattleRow(BattleId)> battle_locked{
    "battle_locked",
    "SELECT " BATTLE_COLUMNS BATTLE_SOURCE "WHERE battles.id = $1 FOR NO KEY UPDATE OF battles"};

using Filtered = BattleRow(std::vector<std::string>, std::optional<BattleType>,
                           std::optional<UserId>, std::optional<bool>, std::optional<std::string>,
                           std::optional<BattleId>, std::optional<Timestamp>,
                           std::optional<BattleId>, std::int32_t);
const db::Query<Filtered> battles_ending_soon{
    "battles_ending_soon",
    "SELECT " BATTLE_COLUMNS BATTLE_SOURCE BATTLE_FILTER
    "AND ($7::timestamptz IS NULL OR (voting_end_time, battles.id) > ($7, $8::uuid)) "
    "ORDER BY voting_end_time, battles.id LIMIT $9"};
const db::Query<Filtered> battles_newest{
    "battles_newest",
    "SELECT " BATTLE_COLUMNS BATTLE_SOURCE BATTLE_FILTER
    "AND ($7::timestamptz IS NULL OR (battles.created_at, battles.id) < ($7, $8::uuid)) "
    "ORDER BY battles.created_at DESC, battles.id DESC LIMIT $9"};
const db::Query<BattleRow(std::vector<std::string>, std::optional<BattleType>,
                          std::optional<UserId>, std::optional<bool>, std::optional<std::string>,
                          std::optional<BattleId>, std::optional<std::int64_t>,
                          std::optional<BattleId>, std::int32_t)>
    battles_most_votes{
        "battles_most_votes",
        "SELECT " BATTLE_COLUMNS BATTLE_SOURCE BATTLE_FILTER
        "AND ($7::bigint IS NULL OR (listed_vote_count, battles.id) < ($7, $8::uuid)) "
        "ORDER BY listed_vote_count DESC, battles.id DESC LIMIT $9"};
const db::Query<BattleRow(std::vector<std::string>, std::optional<BattleType>,
                          std::optional<UserId>, std::optional<bool>, std::optional<std::string>,
                          std::optional<BattleId>, std::optional<double>, std::optional<BattleId>,
                          std::int32_t)>
    battles_trending{"battles_trending",
                     "SELECT " BATTLE_COLUMNS BATTLE_SOURCE BATTLE_FILTER
                     "AND ($7::double precision IS NULL OR (trend, battles.id) < ($7, $8::uuid)) "
                     "ORDER BY trend DESC, battles.id DESC LIMIT $9"};

const db::Query<BattleRecord(UserId)> battle_record_of_user{"battle_record_of_user", R"sql(
  SELECT count(DISTINCT battle_id) AS battles,
         count(DISTINCT battle_id) FILTER (WHERE rank = 1) AS wins
  FROM battle_entries WHERE user_id = $1 AND status = 'submitted' AND origin_id IS NULL)sql"};

const db::Query<AgeRow(BattleId, UserId)> age_for_battle{"age_for_battle", R"sql(
  SELECT min_account_age_hours AS hours,
         person.created_at + min_account_age_hours * interval '1 hour' AS eligible_at
  FROM battles, user_summaries AS person WHERE battles.id = $1 AND person.id = $2)sql"};

const db::Query<Timestamp()> now_by_database{"now_by_database", "SELECT now_ms()"};

std::string rules_text(const Rules& rules) {
  std::string text;
  json::write(text, rules);
  return text;
}

// '%' and '_' of a search text stand for themselves.
std::string like_literal(const std::string& text) {
  std::string out;
  for (const char c : text) {
    if (c == '%' || c == '_' || c == '\\') out += '\\';
    out += c;
  }
  return out;
}

std::vector<std::string> names_of(const std::vector<Status>& statuses) {
  std::vector<std::string> names;
  for (const Status status : statuses) names.emplace_back(spelled(status));
  return names;
}

}  // namespace

Task<> insert_battle(db::Session& session, const NewBattle& battle) {
  const Rules& rules = battle.rules;
  const Schedule& times = battle.schedule;
  co_await db::run(session, insert_battle_row, battle.id, battle.creator_id, battle.title,
                   battle.description, battle.battle_type, rules_text(rules), rules.max_entries,
                   rules.entries_per_user, rules.votes_per_user, rules.allow_vote_retraction,
                   rules.allow_self_vote, rules.hide_tally_until_end, rules.min_account_age_hours,
                   times.start_time, times.end_time, times.voting_start_time, times.voting_end_time,
                   battle.featured, battle.is_demo);
}

Task<> rewrite_battle(db::Session& session, const NewBattle& battle) {
  const Rules& rules = battle.rules;
  const Schedule& times = battle.schedule;
  co_await db::run(session, rewrite_battle_row, battle.id, battle.title, battle.description,
                   rules_text(rules), rules.max_entries, rules.entries_per_user,
                   rules.votes_per_user, rules.allow_vote_retraction, rules.allow_self_vote,
                   rules.hide_tally_until_end, rules.min_account_age_hours, times.start_time,
                   times.end_time, times.voting_start_time, times.voting_end_time, battle.featured);
}

Task<std::optional<BattleRow>> find_battle(db::Session& session, BattleId id) {
  return db::maybe(session, battle_by_id, id);
}

Task<std::optional<BattleRow>> lock_battle(db::Session& session, BattleId id) {
  return db::maybe(session, battle_locked, id);
}

Task<std::vector<BattleRow>> list_battles(db::Session& session, BattleSort sort,
                                          BattleFilter filter, std::optional<BattlePosition> after,
                                          std::int32_t limit) {
  std::optional<std::string> text;
  if (filter.text) text = like_literal(*filter.text);
  std::optional<BattleId> after_id;
  if (after) after_id = after->id;
  const BattlePosition from = after.value_or(BattlePosition{});
  const auto statuses = names_of(filter.statuses);
  switch (sort) {
    case BattleSort::ending_soon:
      return db::all(session, battles_ending_soon, statuses, filter.battle_type, filter.creator_id,
                     filter.featured, text, filter.parent_id, from.time, after_id, limit);
    case BattleSort::newest:
      return db::all(session, battles_newest, statuses, filter.battle_type, filter.creator_id,
                     filter.featured, text, filter.parent_id, from.time, after_id, limit);
    case BattleSort::most_votes:
      return db::all(session, battles_most_votes, statuses, filter.battle_type, filter.creator_id,
                     filter.featured, text, filter.parent_id, from.count, after_id, limit);
    case BattleSort::trending:
      break;
  }
  return db::all(session, battles_trending, statuses, filter.battle_type, filter.creator_id,
                 filter.featured, text, filter.parent_id, from.trend, after_id, limit);
}

Task<BattleRecord> find_battle_record(db::Session& session, UserId user) {
  return db::one(session, battle_record_of_user, user);
}

Task<std::optional<AgeRow>> find_age(db::Session& session, BattleId battle, UserId user) {
  return db::maybe(session, age_for_battle, battle, user);
}

Task<Timestamp> database_now(db::Session& session) { return db::one(session, now_by_database); }

}  // namespace wildnout::battles
