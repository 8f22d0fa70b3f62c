// The SQL of users, roles and tickets.
#include "identity/repository.hpp"

#include "platform/db/query.hpp"

namespace wildnout::identity {
namespace {

const db::Query<UserRow(UserId, std::string)> user_by_id{"user_by_id", R"sql(
  SELECT id, clerk_id, display_name,
         (suspended_at IS NOT NULL
            AND (suspended_until IS NULL OR suspended_until > now_ms()))
           OR banned_at IS NOT NULL OR coalesce(locked_until > now_ms(), false) AS is_suspended,
         deleted_at IS NOT NULL AS is_deleted,
         EXISTS (SELECT 1 FROM sessions
                  WHERE sessions.id = $2 AND ended_at IS NOT NULL) AS is_session_over,
         ARRAY(SELECT role FROM user_roles WHERE user_id = users.id) AS roles
    FROM users WHERE id = $1)sql",
                                                         db::hot};

const db::Query<UserRow(std::string, std::string)> user_by_clerk_id{"user_by_clerk_id", R"sql(
  SELECT id, clerk_id, display_name,
         (suspended_at IS NOT NULL
            AND (suspended_until IS NULL OR suspended_until > now_ms()))
           OR banned_at IS NOT NULL OR coalesce(locked_until > now_ms(), false) AS is_suspended,
         deleted_at IS NOT NULL AS is_deleted,
         EXISTS (SELECT 1 FROM sessions
                  WHERE sessions.id = $2 AND ended_at IS NOT NULL) AS is_session_over,
         ARRAY(SELECT role FROM user_roles WHERE user_id = users.id) AS roles
    FROM users WHERE clerk_id = $1)sql",
                                                                    db::hot};

// Any of four unique columns may be taken, by a request that runs at this moment too: then this
// one waits for it and inserts nothing.
const db::Query<void(UserId, std::optional<std::string>, std::optional<std::string>,
                     std::optional<std::string>, std::string, bool)>
    new_user{"new_user", R"sql(
  INSERT INTO users (id, clerk_id, username, username_key, display_name, is_demo)
  VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING)sql"};

const db::Query<void(UserId, std::string)> grant_role{"grant_role", R"sql(
  INSERT INTO user_roles (user_id, role) VALUES ($1, $2) ON CONFLICT DO NOTHING)sql"};

const db::Query<ProfileRow(UserId)> profile_by_id{"profile_by_id", R"sql(
  SELECT id, username, display_name, avatar_url, bio, location, links, follower_count,
         following_count, email, preferences, deletion_due_at, created_at
    FROM users WHERE id = $1 AND deleted_at IS NULL)sql"};

// Tickets that nobody came back for go a few at a time, past those that another request is at.
const db::Query<Timestamp(db::Bytes, UserId, std::string, Timestamp, std::int64_t)> new_ticket{
    "new_ticket", R"sql(
  WITH over AS (
    SELECT hash FROM ws_tickets WHERE expires_at < now_ms()
     ORDER BY expires_at LIMIT 10 FOR UPDATE SKIP LOCKED
  ), swept AS (
    DELETE FROM ws_tickets WHERE hash IN (SELECT hash FROM over)
  )
  INSERT INTO ws_tickets (hash, user_id, session_id, token_expires_at, expires_at)
  VALUES ($1, $2, $3, $4, now_ms() + $5 * interval '1 millisecond')
  RETURNING expires_at)sql"};

const db::Query<TicketRow(db::Bytes)> used_ticket{"used_ticket", R"sql(
  DELETE FROM ws_tickets WHERE hash = $1
  RETURNING user_id, session_id, token_expires_at, expires_at > now_ms() AS is_fresh)sql"};

const db::Query<UserId(std::int32_t)> oldest_demo_users{"oldest_demo_users", R"sql(
  SELECT id FROM users WHERE is_demo ORDER BY created_at, id LIMIT $1)sql"};

}  // namespace

Task<std::vector<UserId>> find_demo_users(db::Session& db, std::int32_t limit) {
  return db::all(db, oldest_demo_users, limit);
}

Task<std::optional<UserRow>> find_user(db::Session& db, UserId id, std::string session_id) {
  return db::maybe(db, user_by_id, id, session_id);
}

Task<std::optional<UserRow>> find_user_of_clerk(db::Session& db, std::string clerk_id,
                                                std::string session_id) {
  return db::maybe(db, user_by_clerk_id, clerk_id, session_id);
}

Task<bool> insert_user(db::Session& db, NewUser user) {
  co_return co_await db::run(db, new_user, user.id, user.clerk_id, user.username, user.username_key,
                             user.display_name, user.is_demo) == 1;
}

Task<> insert_role(db::Session& db, UserId user, Role role) {
  if (role == Role::user) co_return;  // everyone is; no row says so
  co_await db::run(db, grant_role, user, std::string{RoleSet::name_of(role)});
}

Task<std::optional<ProfileRow>> find_profile(db::Session& db, UserId id) {
  return db::maybe(db, profile_by_id, id);
}

Task<Timestamp> insert_ticket(db::Session& db, db::Bytes hash, UserId user, std::string session_id,
                              Timestamp token_expires_at, std::chrono::milliseconds life) {
  return db::one(db, new_ticket, hash, user, session_id, token_expires_at, life.count());
}

Task<std::optional<TicketRow>> take_ticket(db::Session& db, db::Bytes hash) {
  return db::maybe(db, used_ticket, hash);
}

}  // namespace wildnout::identity
