// The SQL of Clerk's facts.
#include "identity/clerk_repository.hpp"

#include "platform/db/query.hpp"

namespace wildnout::identity {
namespace {

using Text = std::optional<std::string>;

const db::Query<void(std::string, std::string)> new_webhook_message{"new_webhook_message", R"sql(
  INSERT INTO webhook_messages (id, type, outcome) VALUES ($1, $2, '')
  ON CONFLICT DO NOTHING)sql"};

const db::Query<void(std::string, std::string)> webhook_outcome{
    "webhook_outcome", "UPDATE webhook_messages SET outcome = $2 WHERE id = $1"};

const db::Query<ClerkState(std::string)> locked_clerk_user{"locked_clerk_user", R"sql(
  SELECT id, clerk_updated_at,
         banned_at IS NOT NULL OR coalesce(locked_until > now_ms(), false) AS is_barred,
         deleted_at IS NOT NULL AS is_deleted
    FROM users WHERE clerk_id = $1 FOR NO KEY UPDATE)sql"};

const db::Query<void(UserId, Timestamp, std::optional<ProtectedEmail>, Text, Text, bool,
                     std::optional<Timestamp>, std::optional<EmailIndex>)>
    changed_clerk_user{"changed_clerk_user", R"sql(
  UPDATE users
     SET clerk_updated_at = $2, email = $3, email_index = $8,
         display_name = CASE WHEN is_profile_own THEN display_name
                             ELSE coalesce($4, 'user-' || right(id::text, 8)) END,
         avatar_url = CASE WHEN is_profile_own THEN avatar_url ELSE $5 END,
         banned_at = CASE WHEN $6 THEN coalesce(banned_at, now_ms()) END,
         locked_until = $7, updated_at = now_ms()
   WHERE id = $1)sql"};

const db::Query<void(UserId, std::string, std::string)> freely_taken_username{
    "freely_taken_username", R"sql(
  UPDATE users SET username = $2, username_key = $3
   WHERE id = $1 AND NOT is_profile_own AND username IS DISTINCT FROM $2
     AND NOT EXISTS (SELECT 1 FROM users AS other
                      WHERE (other.username_key = $3 OR other.username = $2)
                        AND other.id <> $1))sql"};

const db::Query<void(UserId)> cleared_username{"cleared_username", R"sql(
  UPDATE users SET username = NULL, username_key = NULL
   WHERE id = $1 AND NOT is_profile_own AND username IS NOT NULL)sql"};

const db::Query<void(UserId, std::string)> new_deleted_user{"new_deleted_user", R"sql(
  INSERT INTO users (id, clerk_id, display_name, deleted_at)
  VALUES ($1, $2, 'Deleted user', now_ms()) ON CONFLICT DO NOTHING)sql"};

const db::Query<void()> forget_webhook_messages{"forget_webhook_messages", R"sql(
  DELETE FROM webhook_messages WHERE id IN (
    SELECT id FROM webhook_messages WHERE received_at < now() - interval '30 days'
     ORDER BY received_at LIMIT 10000))sql"};

}  // namespace

Task<bool> insert_message(db::Session& db, std::string id, std::string type) {
  co_return co_await db::run(db, new_webhook_message, id, type) == 1;
}

Task<> set_outcome(db::Session& db, std::string id, std::string outcome) {
  co_await db::run(db, webhook_outcome, id, outcome);
}

Task<std::optional<ClerkState>> lock_clerk_user(db::Session& db, std::string clerk_id) {
  return db::maybe(db, locked_clerk_user, clerk_id);
}

Task<> update_clerk_user(db::Session& db, const crypto::Vault& vault, UserId id, ClerkUser user) {
  std::optional<ProtectedEmail> email;
  std::optional<EmailIndex> index;
  if (user.email) {
    email = ProtectedEmail::seal(vault, *user.email, id.text());
    index = EmailIndex::of(vault, email_key(*user.email));
  }
  co_await db::run(db, changed_clerk_user, id, user.updated_at, email, user.display_name,
                   user.avatar_url, user.is_banned, user.locked_until, index);
}

Task<> take_free_username(db::Session& db, UserId id, std::string username, std::string key) {
  co_await db::run(db, freely_taken_username, id, username, key);
}

Task<> clear_username(db::Session& db, UserId id) { co_await db::run(db, cleared_username, id); }

Task<bool> insert_deleted(db::Session& db, UserId id, std::string clerk_id) {
  co_return co_await db::run(db, new_deleted_user, id, clerk_id) == 1;
}

Task<std::int64_t> forget_old_messages(db::Session& db) {
  return db::run(db, forget_webhook_messages);
}

}  // namespace wildnout::identity
