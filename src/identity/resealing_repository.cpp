// Rewriting this module's protected values under the newest key.
#include "identity/resealing_repository.hpp"

#include "contracts/ids.hpp"
#include "identity/protected.hpp"
#include "platform/db/query.hpp"
#include "platform/protection/reading.hpp"

namespace wildnout::identity {

struct SealedEmail {
  UserId id;
  std::optional<ProtectedEmail> email;
};
BOOST_DESCRIBE_STRUCT(SealedEmail, (), (id, email))

struct SealedOrigin {
  std::string id;
  std::optional<ProtectedOrigin> origin;
};
BOOST_DESCRIBE_STRUCT(SealedOrigin, (), (id, origin))

namespace {

using protection::Batch;
using protection::Step;

const db::Query<SealedEmail(std::string, UserId, std::int32_t)> emails_of_key{"emails_of_key",
                                                                              R"sql(
  SELECT id, email FROM users
   WHERE email IS NOT NULL AND sealing_key(email) = $1 AND id > $2
   ORDER BY id LIMIT $3 FOR NO KEY UPDATE SKIP LOCKED)sql",
                                                                              db::hot};

const db::Query<void(std::vector<UserId>, std::vector<ProtectedEmail>, std::vector<EmailIndex>)>
    resealed_emails{"resealed_emails", R"sql(
  UPDATE users SET email = new.email, email_index = new.email_index
    FROM unnest($1::uuid[], $2::bytea[], $3::bytea[]) AS new (id, email, email_index)
   WHERE users.id = new.id)sql"};

const db::Query<std::int64_t(std::string)> count_of_emails{"count_of_emails", R"sql(
  SELECT count(*) FROM users WHERE email IS NOT NULL AND sealing_key(email) = $1)sql"};

// One step down the index for every key that is there.
const db::Query<std::string()> keys_of_emails{"keys_of_emails", R"sql(
  WITH RECURSIVE found (key) AS (
    SELECT min(sealing_key(email)) FROM users WHERE email IS NOT NULL
    UNION ALL
    SELECT (SELECT min(sealing_key(email)) FROM users
             WHERE email IS NOT NULL AND sealing_key(email) > found.key)
      FROM found WHERE found.key IS NOT NULL
  ) SELECT key FROM found WHERE key IS NOT NULL)sql"};

const db::Query<SealedOrigin(std::string, std::string, std::int32_t)> origins_of_key{
    "origins_of_key", R"sql(
  SELECT id, origin FROM sessions
   WHERE origin IS NOT NULL AND sealing_key(origin) = $1 AND id > $2
   ORDER BY id LIMIT $3 FOR NO KEY UPDATE SKIP LOCKED)sql",
    db::hot};

const db::Query<void(std::vector<std::string>, std::vector<ProtectedOrigin>)> resealed_origins{
    "resealed_origins", R"sql(
  UPDATE sessions SET origin = new.origin
    FROM unnest($1::text[], $2::bytea[]) AS new (id, origin)
   WHERE sessions.id = new.id)sql"};

const db::Query<std::int64_t(std::string)> count_of_origins{"count_of_origins", R"sql(
  SELECT count(*) FROM sessions WHERE origin IS NOT NULL AND sealing_key(origin) = $1)sql"};

const db::Query<std::string()> keys_of_origins{"keys_of_origins", R"sql(
  WITH RECURSIVE found (key) AS (
    SELECT min(sealing_key(origin)) FROM sessions WHERE origin IS NOT NULL
    UNION ALL
    SELECT (SELECT min(sealing_key(origin)) FROM sessions
             WHERE origin IS NOT NULL AND sealing_key(origin) > found.key)
      FROM found WHERE found.key IS NOT NULL
  ) SELECT key FROM found WHERE key IS NOT NULL)sql"};

Task<Batch> rewrite_emails(db::Session& db, const crypto::Vault& vault, Step step) {
  const UserId after = step.after.empty() ? UserId{} : UserId{Uuid::parse(step.after).value()};
  const auto rows = co_await db::all(db, emails_of_key, step.key, after, step.limit);
  std::vector<UserId> ids;
  std::vector<ProtectedEmail> emails;
  std::vector<EmailIndex> indexes;
  Batch batch;
  for (const SealedEmail& row : rows) {
    const std::string id = row.id.text();
    batch.last = id;
    const auto clear = protection::reveal(vault, row.email, id);
    if (!clear) continue;
    ids.push_back(row.id);
    emails.push_back(ProtectedEmail::seal(vault, *clear, id));
    indexes.push_back(EmailIndex::of(vault, email_key(*clear)));
  }
  batch.passed_over = static_cast<std::int64_t>(rows.size() - ids.size());
  if (!ids.empty()) batch.rewritten = co_await db::run(db, resealed_emails, ids, emails, indexes);
  co_return batch;
}

Task<Batch> rewrite_origins(db::Session& db, const crypto::Vault& vault, Step step) {
  const auto rows = co_await db::all(db, origins_of_key, step.key, step.after, step.limit);
  std::vector<std::string> ids;
  std::vector<ProtectedOrigin> origins;
  Batch batch;
  for (const SealedOrigin& row : rows) {
    batch.last = row.id;
    const auto clear = protection::reveal(vault, row.origin, row.id);
    if (!clear) continue;
    ids.push_back(row.id);
    origins.push_back(ProtectedOrigin::seal(vault, *clear, row.id));
  }
  batch.passed_over = static_cast<std::int64_t>(rows.size() - ids.size());
  if (!ids.empty()) batch.rewritten = co_await db::run(db, resealed_origins, ids, origins);
  co_return batch;
}

Task<bool> opens_email(db::Session& db, const crypto::Vault& vault, std::string key) {
  const auto row = co_await db::maybe(db, emails_of_key, key, UserId{}, 1);
  co_return !row || protection::reveal(vault, row->email, row->id.text());
}

Task<bool> opens_origin(db::Session& db, const crypto::Vault& vault, std::string key) {
  const auto row = co_await db::maybe(db, origins_of_key, key, std::string{}, 1);
  co_return !row || protection::reveal(vault, row->origin, row->id);
}

Task<std::int64_t> count_emails(db::Session& db, std::string key) {
  return db::one(db, count_of_emails, key);
}

Task<std::int64_t> count_origins(db::Session& db, std::string key) {
  return db::one(db, count_of_origins, key);
}

Task<std::vector<std::string>> find_email_keys(db::Session& db) {
  return db::all(db, keys_of_emails);
}

Task<std::vector<std::string>> find_origin_keys(db::Session& db) {
  return db::all(db, keys_of_origins);
}

}  // namespace

std::vector<protection::Column> protected_columns() {
  return {{"users.email", find_email_keys, count_emails, rewrite_emails, opens_email},
          {"sessions.origin", find_origin_keys, count_origins, rewrite_origins, opens_origin}};
}

}  // namespace wildnout::identity
