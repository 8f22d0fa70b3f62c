// Rewriting kept answers under the newest key.
#include "platform/api/kept_answers.hpp"

#include <boost/describe/class.hpp>

#include "platform/db/query.hpp"
#include "platform/protection/reading.hpp"

namespace wildnout::api {

struct SealedAnswer {
  Uuid user_id;
  std::string key;
  std::optional<ProtectedBody> body;
};
BOOST_DESCRIBE_STRUCT(SealedAnswer, (), (user_id, key, body))

namespace {

using protection::Batch;
using protection::Step;

constexpr std::size_t id_characters = 36;

const db::Query<SealedAnswer(std::string, Uuid, std::string, std::int32_t)> answers_of_key{
    "answers_of_key", R"sql(
  SELECT user_id, key, body FROM idempotency_keys
   WHERE body IS NOT NULL AND sealing_key(body) = $1 AND (user_id, key) > ($2, $3)
   ORDER BY user_id, key LIMIT $4 FOR NO KEY UPDATE SKIP LOCKED)sql",
    db::hot};

const db::Query<void(std::vector<Uuid>, std::vector<std::string>, std::vector<ProtectedBody>)>
    resealed_answers{"resealed_answers", R"sql(
  UPDATE idempotency_keys AS kept SET body = new.body
    FROM unnest($1::uuid[], $2::text[], $3::bytea[]) AS new (user_id, key, body)
   WHERE kept.user_id = new.user_id AND kept.key = new.key)sql"};

const db::Query<std::int64_t(std::string)> count_of_answers{"count_of_answers", R"sql(
  SELECT count(*) FROM idempotency_keys WHERE body IS NOT NULL AND sealing_key(body) = $1)sql"};

const db::Query<std::string()> keys_of_answers{"keys_of_answers", R"sql(
  WITH RECURSIVE found (key) AS (
    SELECT min(sealing_key(body)) FROM idempotency_keys WHERE body IS NOT NULL
    UNION ALL
    SELECT (SELECT min(sealing_key(body)) FROM idempotency_keys
             WHERE body IS NOT NULL AND sealing_key(body) > found.key)
      FROM found WHERE found.key IS NOT NULL
  ) SELECT key FROM found WHERE key IS NOT NULL)sql"};

Task<Batch> rewrite_answers(db::Session& db, const crypto::Vault& vault, Step step) {
  Uuid after_user{};
  std::string after_key;
  if (step.after.size() > id_characters) {
    after_user = Uuid::parse(step.after.substr(0, id_characters)).value();
    after_key = step.after.substr(id_characters + 1);
  }
  const auto rows =
      co_await db::all(db, answers_of_key, step.key, after_user, after_key, step.limit);
  std::vector<Uuid> users;
  std::vector<std::string> keys;
  std::vector<ProtectedBody> bodies;
  Batch batch;
  for (const SealedAnswer& row : rows) {
    const std::string place = row_of_answer(row.user_id, row.key);
    batch.last = place;
    const auto clear = protection::reveal(vault, row.body, place);
    if (!clear) continue;
    users.push_back(row.user_id);
    keys.push_back(row.key);
    bodies.push_back(ProtectedBody::seal(vault, *clear, place));
  }
  batch.passed_over = static_cast<std::int64_t>(rows.size() - users.size());
  if (!users.empty()) batch.rewritten = co_await db::run(db, resealed_answers, users, keys, bodies);
  co_return batch;
}

Task<bool> opens_answer(db::Session& db, const crypto::Vault& vault, std::string key) {
  const auto row = co_await db::maybe(db, answers_of_key, key, Uuid{}, std::string{}, 1);
  co_return !row || protection::reveal(vault, row->body, row_of_answer(row->user_id, row->key));
}

Task<std::int64_t> count_answers(db::Session& db, std::string key) {
  return db::one(db, count_of_answers, key);
}

Task<std::vector<std::string>> find_answer_keys(db::Session& db) {
  return db::all(db, keys_of_answers);
}

}  // namespace

std::string row_of_answer(const Uuid& user_id, std::string_view key) {
  return user_id.text() + ' ' + std::string{key};
}

std::vector<protection::Column> protected_columns() {
  return {
      {"idempotency_keys.body", find_answer_keys, count_answers, rewrite_answers, opens_answer}};
}

}  // namespace wildnout::api
