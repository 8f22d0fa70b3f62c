// The SQL of administrators.
#include "identity/administration_repository.hpp"

#include "platform/db/query.hpp"

namespace wildnout::identity {
namespace {

// Any number will do that no other lock of the product has.
const db::Query<std::string()> admins_lock{"admins_lock",
                                           "SELECT pg_advisory_xact_lock(7710001)::text"};

const db::Query<bool(UserId, std::vector<std::string>)> other_admin{"other_admin", R"sql(
  SELECT EXISTS (
    SELECT 1 FROM users
     WHERE id IN (SELECT user_id FROM user_roles WHERE role = 'admin'
                  UNION SELECT id FROM users WHERE clerk_id = ANY ($2)
                  UNION SELECT id FROM users WHERE id::text = ANY ($2))
       AND id <> $1 AND deleted_at IS NULL AND banned_at IS NULL
       AND (suspended_at IS NULL OR suspended_until <= now_ms())
       AND (locked_until IS NULL OR locked_until <= now_ms())))sql"};

const db::Query<AdministeredUser(UserId)> locked_user{"locked_user", R"sql(
  SELECT id, username, display_name,
         ARRAY(SELECT role FROM user_roles WHERE user_id = users.id ORDER BY role) AS roles,
         suspended_at, suspended_until, suspension_reason, created_at
    FROM users WHERE id = $1 AND deleted_at IS NULL FOR NO KEY UPDATE)sql"};

const db::Query<void(UserId, std::vector<std::string>)> taken_roles{
    "taken_roles", "DELETE FROM user_roles WHERE user_id = $1 AND role <> ALL ($2)"};

const db::Query<void(UserId, std::vector<std::string>)> given_roles{"given_roles", R"sql(
  INSERT INTO user_roles (user_id, role) SELECT $1, unnest($2::text[])
  ON CONFLICT DO NOTHING)sql"};

const db::Query<void(UserId, std::string, std::optional<Timestamp>)> new_suspension{
    "new_suspension", R"sql(
  UPDATE users SET suspended_at = now_ms(), suspended_until = $3, suspension_reason = $2,
                   updated_at = now_ms()
   WHERE id = $1)sql"};

const db::Query<void(UserId)> ended_suspension{"ended_suspension", R"sql(
  UPDATE users SET suspended_at = NULL, suspended_until = NULL, suspension_reason = NULL,
                   updated_at = now_ms()
   WHERE id = $1)sql"};

}  // namespace

Task<> lock_admins(db::Session& db) { (void)co_await db::one(db, admins_lock); }

Task<bool> has_other_admin(db::Session& db, UserId user, std::vector<std::string> configured) {
  return db::one(db, other_admin, user, configured);
}

Task<std::optional<AdministeredUser>> lock_user(db::Session& db, UserId user) {
  return db::maybe(db, locked_user, user);
}

Task<> replace_roles(db::Session& db, UserId user, std::vector<std::string> roles) {
  co_await db::run(db, taken_roles, user, roles);
  co_await db::run(db, given_roles, user, roles);
}

Task<> update_suspension(db::Session& db, UserId user, std::string reason,
                         std::optional<Timestamp> until) {
  co_await db::run(db, new_suspension, user, reason, until);
}

Task<> clear_suspension(db::Session& db, UserId user) {
  co_await db::run(db, ended_suspension, user);
}

}  // namespace wildnout::identity
