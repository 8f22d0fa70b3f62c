// The SQL of an erasure.
#include "identity/erasure_repository.hpp"

#include "platform/db/query.hpp"

namespace wildnout::identity {
namespace {

// Rows of users are locked in the order of their ids everywhere.
const db::Query<UserId(UserId)> locked_follow_ends{"locked_follow_ends", R"sql(
  SELECT id FROM users
   WHERE id IN (SELECT followed_id FROM follows WHERE follower_id = $1
                UNION SELECT follower_id FROM follows WHERE followed_id = $1)
   ORDER BY id FOR NO KEY UPDATE)sql"};

const db::Query<void(UserId)> erased_following{"erased_following", R"sql(
  WITH gone AS (DELETE FROM follows WHERE follower_id = $1 RETURNING followed_id)
  UPDATE users SET follower_count = follower_count - 1
   WHERE id IN (SELECT followed_id FROM gone))sql"};

const db::Query<void(UserId)> erased_followers{"erased_followers", R"sql(
  WITH gone AS (DELETE FROM follows WHERE followed_id = $1 RETURNING follower_id)
  UPDATE users SET following_count = following_count - 1
   WHERE id IN (SELECT follower_id FROM gone))sql"};

const db::Query<void(UserId)> erased_blocks{
    "erased_blocks", "DELETE FROM blocks WHERE blocker_id = $1 OR blocked_id = $1"};
const db::Query<void(UserId)> erased_mutes{
    "erased_mutes", "DELETE FROM mutes WHERE muter_id = $1 OR muted_id = $1"};
const db::Query<void(UserId)> erased_roles{"erased_roles",
                                           "DELETE FROM user_roles WHERE user_id = $1"};

const db::Query<void(UserId)> erased_sessions{"erased_sessions", R"sql(
  UPDATE sessions
     SET origin = NULL, ended_at = coalesce(ended_at, now_ms()),
         end_cause = coalesce(end_cause, 'revoked')
   WHERE user_id = $1)sql"};

const db::Query<void(UserId)> erased_tickets{"erased_tickets",
                                             "DELETE FROM ws_tickets WHERE user_id = $1"};

const db::Query<void(UserId)> erased_profile{"erased_profile", R"sql(
  UPDATE users
     SET username = NULL, username_key = NULL, display_name = 'Deleted user', avatar_url = NULL,
         bio = NULL, location = NULL, links = '{}', email = NULL, email_index = NULL,
         preferences = '{}',
         profile_visibility = 'private', suspension_reason = NULL, deletion_due_at = NULL,
         follower_count = 0, following_count = 0, deleted_at = coalesce(deleted_at, now_ms()),
         is_profile_own = true, updated_at = now_ms()
   WHERE id = $1)sql"};

const db::Query<void(UserId, std::int32_t)> scheduled_erasure{"scheduled_erasure", R"sql(
  UPDATE users SET deletion_due_at = coalesce(deletion_due_at, now_ms() + make_interval(days => $2))
   WHERE id = $1)sql"};

const db::Query<void(UserId)> unscheduled_erasure{"unscheduled_erasure", R"sql(
  UPDATE users SET deletion_due_at = NULL
   WHERE id = $1 AND deletion_due_at IS NOT NULL AND deleted_at IS NULL)sql"};

const db::Query<UserId()> due_erasures{"due_erasures", R"sql(
  SELECT id FROM users WHERE deletion_due_at <= now() ORDER BY deletion_due_at LIMIT 100)sql"};

const db::Query<bool(UserId)> due_erasure{"due_erasure", R"sql(
  SELECT true FROM users WHERE id = $1 AND deletion_due_at <= now_ms())sql"};

}  // namespace

Task<> schedule_erasure(db::Session& db, UserId id, std::chrono::days grace) {
  co_await db::run(db, scheduled_erasure, id, static_cast<std::int32_t>(grace.count()));
}

Task<bool> unschedule_erasure(db::Session& db, UserId id) {
  co_return co_await db::run(db, unscheduled_erasure, id) == 1;
}

Task<std::vector<UserId>> find_due_erasures(db::Session& db) { return db::all(db, due_erasures); }

Task<bool> is_erasure_due(db::Session& db, UserId id) {
  co_return (co_await db::maybe(db, due_erasure, id)).value_or(false);
}

Task<> erase_ties(db::Session& db, UserId id) {
  (void)co_await db::all(db, locked_follow_ends, id);
  co_await db::run(db, erased_following, id);
  co_await db::run(db, erased_followers, id);
  co_await db::run(db, erased_blocks, id);
  co_await db::run(db, erased_mutes, id);
  co_await db::run(db, erased_roles, id);
}

Task<> erase_sessions(db::Session& db, UserId id) {
  co_await db::run(db, erased_sessions, id);
  co_await db::run(db, erased_tickets, id);
}

Task<> erase_profile(db::Session& db, UserId id) { co_await db::run(db, erased_profile, id); }

}  // namespace wildnout::identity
