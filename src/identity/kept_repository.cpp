// The SQL that reads what identity holds about one person.
#include "identity/kept_repository.hpp"

#include "platform/db/query.hpp"

namespace wildnout::identity {
namespace {

using After = std::optional<UserId>;
using TiesQuery = db::Query<KeptTie(UserId, After, std::int32_t)>;

const db::Query<KeptAccount(UserId)> kept_account{"kept_account", R"sql(
  SELECT id, clerk_id, ARRAY(SELECT role FROM user_roles WHERE user_id = users.id) AS roles,
         is_profile_own, clerk_updated_at, suspended_at, suspended_until, suspension_reason,
         banned_at, locked_until, created_at, updated_at
    FROM users WHERE id = $1 AND deleted_at IS NULL)sql"};

const db::Query<KeptSessionRow(UserId, std::string, std::int32_t)> kept_sessions{"kept_sessions",
                                                                                 R"sql(
  SELECT id, created_at, last_active_at, origin, ended_at, end_cause
    FROM sessions WHERE user_id = $1 AND id > $2 ORDER BY id LIMIT $3)sql"};

const TiesQuery kept_following{"kept_following", R"sql(
  SELECT followed_id AS user_id, created_at AS since FROM follows
   WHERE follower_id = $1 AND ($2::uuid IS NULL OR followed_id > $2)
   ORDER BY followed_id LIMIT $3)sql"};
const TiesQuery kept_followers{"kept_followers", R"sql(
  SELECT follower_id AS user_id, created_at AS since FROM follows
   WHERE followed_id = $1 AND ($2::uuid IS NULL OR follower_id > $2)
   ORDER BY follower_id LIMIT $3)sql"};
const TiesQuery kept_blocks{"kept_blocks", R"sql(
  SELECT blocked_id AS user_id, created_at AS since FROM blocks
   WHERE blocker_id = $1 AND ($2::uuid IS NULL OR blocked_id > $2)
   ORDER BY blocked_id LIMIT $3)sql"};
const TiesQuery kept_mutes{"kept_mutes", R"sql(
  SELECT muted_id AS user_id, created_at AS since FROM mutes
   WHERE muter_id = $1 AND ($2::uuid IS NULL OR muted_id > $2)
   ORDER BY muted_id LIMIT $3)sql"};

const db::Query<KeptRequest(UserId, std::string, std::int32_t)> kept_requests{"kept_requests",
                                                                              R"sql(
  SELECT key, status, created_at FROM idempotency_keys
   WHERE user_id = $1 AND key > $2 ORDER BY key LIMIT $3)sql"};

}  // namespace

Task<std::optional<KeptAccount>> find_account(db::Session& db, UserId user) {
  return db::maybe(db, kept_account, user);
}

Task<std::vector<KeptSessionRow>> find_kept_sessions(db::Session& db, UserId user,
                                                     std::string after, std::int32_t limit) {
  return db::all(db, kept_sessions, user, after, limit);
}

Task<std::vector<KeptTie>> find_kept_following(db::Session& db, UserId user, After after,
                                               std::int32_t limit) {
  return db::all(db, kept_following, user, after, limit);
}

Task<std::vector<KeptTie>> find_kept_followers(db::Session& db, UserId user, After after,
                                               std::int32_t limit) {
  return db::all(db, kept_followers, user, after, limit);
}

Task<std::vector<KeptTie>> find_kept_blocks(db::Session& db, UserId user, After after,
                                            std::int32_t limit) {
  return db::all(db, kept_blocks, user, after, limit);
}

Task<std::vector<KeptTie>> find_kept_mutes(db::Session& db, UserId user, After after,
                                           std::int32_t limit) {
  return db::all(db, kept_mutes, user, after, limit);
}

Task<std::vector<KeptRequest>> find_kept_requests(db::Session& db, UserId user, std::string after,
                                                  std::int32_t limit) {
  return db::all(db, kept_requests, user, after, limit);
}

}  // namespace wildnout::identity
