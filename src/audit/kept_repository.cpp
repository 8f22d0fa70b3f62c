// The SQL of what the watch holds about one person.
#include "audit/kept_repository.hpp"

#include "platform/db/query.hpp"

namespace wildnout::audit {
namespace {

// The watch keeps them for days; there is a limit all the same.
const db::Query<KeptUse(UserId)> kept_uses{"audit_kept_uses", R"sql(
  SELECT slot, network FROM sign_in_networks WHERE user_id = $1
   ORDER BY slot, network LIMIT 100000)sql"};

const db::Query<KeptCase(std::string)> kept_cases{"audit_kept_cases", R"sql(
  SELECT id, kind, severity, first_at, last_at, found_at, resolution, note, resolved_at
    FROM anomalies WHERE subject_id = $1 ORDER BY found_at, id LIMIT 10000)sql"};

const db::Query<void(UserId)> erased_uses{"audit_erased_uses",
                                          "DELETE FROM sign_in_networks WHERE user_id = $1"};

const db::Query<void(std::string)> erased_cases{"audit_erased_cases", R"sql(
  UPDATE anomalies SET evidence = '{}', note = CASE WHEN note IS NOT NULL THEN '' END
   WHERE subject_id = $1 AND (evidence <> '{}' OR note <> ''))sql"};

const db::Query<void(UserId)> erased_notes{"audit_erased_notes", R"sql(
  UPDATE anomalies SET note = '' WHERE resolved_by = $1 AND note <> '')sql"};

}  // namespace

Task<std::vector<KeptUse>> find_kept_uses(db::Session& db, UserId user) {
  return db::all(db, kept_uses, user);
}

Task<std::vector<KeptCase>> find_kept_cases(db::Session& db, UserId user) {
  return db::all(db, kept_cases, user.text());
}

Task<> erase_watched(db::Session& db, UserId user) {
  co_await db::run(db, erased_uses, user);
  co_await db::run(db, erased_cases, user.text());
  co_await db::run(db, erased_notes, user);
}

}  // namespace wildnout::audit
