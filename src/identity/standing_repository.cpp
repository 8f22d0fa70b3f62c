// The SQL of changes of standing.
#include "identity/standing_repository.hpp"

#include "platform/db/query.hpp"

namespace wildnout::identity {
namespace {

const db::Query<Timestamp(ChangeKind, std::optional<UserId>, std::optional<std::string>, Timestamp)>
    new_standing_change{"new_standing_change", R"sql(
  INSERT INTO standing_changes (kind, user_id, session_id, keep_until)
  VALUES ($1, $2, $3, greatest($4, now_ms()) + interval '1 hour')
  RETURNING keep_until)sql"};

const db::Query<std::int64_t()> transaction_border{
    "transaction_border", "SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint"};

const db::Query<StandingRow(std::int64_t)> standing_changes_from{"standing_changes_from", R"sql(
  SELECT sequence, kind, user_id, session_id, keep_until
    FROM standing_changes WHERE transaction_id >= $1 ORDER BY sequence)sql",
                                                                 db::hot};

const db::Query<StandingRow()> live_standing_changes{"live_standing_changes", R"sql(
  SELECT sequence, kind, user_id, session_id, keep_until
    FROM standing_changes WHERE keep_until > now() ORDER BY sequence)sql"};

const db::Query<std::string(std::string)> notify_of_standing{"notify_of_standing",
                                                             "SELECT pg_notify($1, '')::text"};

const db::Query<void()> forget_standing_changes{"forget_standing_changes", R"sql(
  DELETE FROM standing_changes WHERE sequence IN (
    SELECT sequence FROM standing_changes WHERE keep_until <= now()
     ORDER BY keep_until LIMIT 10000))sql"};

}  // namespace

Task<StandingChange> insert_change(db::Session& db, ChangeKind kind, std::optional<UserId> user,
                                   std::optional<std::string> session_id, Timestamp tokens_until) {
  StandingChange change{kind, user, std::move(session_id), {}};
  change.keep_until = co_await db::one(db, new_standing_change, kind, change.user_id,
                                       change.session_id, tokens_until);
  co_return change;
}

Task<FoundChanges> find_changes(db::Session& db, std::int64_t border) {
  auto [next, rows] = co_await db::together(db, db::later::one(transaction_border),
                                            db::later::all(standing_changes_from, border));
  co_return FoundChanges{next, std::move(rows)};
}

Task<FoundChanges> find_live_changes(db::Session& db) {
  auto [border, rows] = co_await db::together(db, db::later::one(transaction_border),
                                              db::later::all(live_standing_changes));
  co_return FoundChanges{border, std::move(rows)};
}

Task<> notify_standing(db::Session& db, std::string channel) {
  (void)co_await db::one(db, notify_of_standing, channel);
}

Task<std::int64_t> forget_old_changes(db::Session& db) {
  return db::run(db, forget_standing_changes);
}

}  // namespace wildnout::identity
