// The SQL of what is personal.
#include "identity/personal_repository.hpp"

#include "platform/db/query.hpp"

namespace wildnout::identity {
namespace {

const db::Query<PersonalRow(UserId)> personal_row{"personal_row", R"sql(
  SELECT id, clerk_id, username, display_name, email,
         ARRAY(SELECT role FROM user_roles WHERE user_id = users.id) AS roles,
         suspended_at, suspended_until, suspension_reason, banned_at, locked_until,
         deletion_due_at, created_at
    FROM users WHERE id = $1 AND deleted_at IS NULL)sql",
                                                  db::hot};

const db::Query<Person(std::vector<EmailIndex>)> people_by_email{"people_by_email", R"sql(
  SELECT id, username, display_name, avatar_url
    FROM users WHERE email_index = ANY ($1) AND deleted_at IS NULL
   ORDER BY id LIMIT 20)sql",
                                                                 db::hot};

}  // namespace

Task<std::optional<PersonalRow>> find_personal_row(db::Session& db, UserId id) {
  return db::maybe(db, personal_row, id);
}

Task<std::vector<Person>> find_by_email(db::Session& db, std::vector<EmailIndex> wanted) {
  return db::all(db, people_by_email, wanted);
}

}  // namespace wildnout::identity
