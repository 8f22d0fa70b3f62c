// The SQL of reconciliations.
#include "identity/reconciliation_repository.hpp"

#include "platform/db/query.hpp"

namespace wildnout::identity {
namespace {

const db::Query<LinkedUser(std::optional<UserId>, std::int32_t)> linked_users{"linked_users",
                                                                              R"sql(
  SELECT id, coalesce(clerk_id, '') AS clerk_id, clerk_updated_at FROM users
   WHERE ($1::uuid IS NULL OR id > $1) AND clerk_id IS NOT NULL AND deleted_at IS NULL
   ORDER BY id LIMIT $2)sql"};

const db::Query<std::string(std::vector<std::string>)> unknown_clerk_ids{"unknown_clerk_ids",
                                                                         R"sql(
  SELECT clerk_id FROM unnest($1::text[]) AS one (clerk_id)
   WHERE NOT EXISTS (SELECT 1 FROM users WHERE users.clerk_id = one.clerk_id))sql"};

// Any number will do that no other lock of the product has.
const db::Query<std::string()> reconciliation_lock{"reconciliation_lock",
                                                   "SELECT pg_advisory_xact_lock(7710002)::text"};

const db::Query<void(Uuid, std::int32_t)> new_reconciliation{"new_reconciliation", R"sql(
  INSERT INTO clerk_reconciliations (id)
  SELECT $1 WHERE NOT EXISTS (SELECT 1 FROM clerk_reconciliations
                               WHERE began_at > now_ms() - make_interval(mins => $2)))sql"};

const db::Query<void()> old_reconciliations{"old_reconciliations", R"sql(
  DELETE FROM clerk_reconciliations WHERE began_at < now_ms() - interval '90 days')sql"};

const db::Query<void(Uuid, std::int64_t, std::int64_t, std::int64_t, std::int64_t)> added_drift{
    "added_drift", R"sql(
  UPDATE clerk_reconciliations
     SET seen = seen + $2, missing = missing + $3, changed = changed + $4, gone = gone + $5
   WHERE id = $1)sql"};

const db::Query<void(Uuid)> finished_reconciliation{"finished_reconciliation", R"sql(
  UPDATE clerk_reconciliations SET finished_at = now_ms() WHERE id = $1)sql"};

}  // namespace

Task<std::vector<LinkedUser>> find_linked_users(db::Session& db, std::optional<UserId> after,
                                                std::int32_t limit) {
  return db::all(db, linked_users, after, limit);
}

Task<std::vector<std::string>> find_unknown(db::Session& db, std::vector<std::string> clerk_ids) {
  return db::all(db, unknown_clerk_ids, clerk_ids);
}

Task<bool> begin_reconciliation(db::Session& db, Uuid id, std::chrono::minutes within) {
  (void)co_await db::one(db, reconciliation_lock);
  const auto made =
      co_await db::run(db, new_reconciliation, id, static_cast<std::int32_t>(within.count()));
  if (made == 1) co_await db::run(db, old_reconciliations);
  co_return made == 1;
}

Task<> add_drift(db::Session& db, Uuid run, DriftCounts counts) {
  co_await db::run(db, added_drift, run, counts.seen, counts.missing, counts.changed, counts.gone);
}

Task<> finish_reconciliation(db::Session& db, Uuid run) {
  co_await db::run(db, finished_reconciliation, run);
}

}  // namespace wildnout::identity
