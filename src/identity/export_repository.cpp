// The SQL of exports.
#include "identity/export_repository.hpp"

#include "platform/db/query.hpp"

namespace wildnout::identity {
namespace {

const db::Query<RecentExports(UserId)> recent_exports{"recent_exports", R"sql(
  SELECT count(*) AS count,
         coalesce(greatest(1, ceil(extract(epoch FROM min(created_at) + interval '1 day'
                                                       - now_ms()))), 1)::bigint AS seconds_left
    FROM exports
   WHERE user_id = $1 AND status <> 'failed' AND created_at > now_ms() - interval '1 day')sql"};

const db::Query<ExportRow(ExportId, UserId)> new_export{"new_export", R"sql(
  INSERT INTO exports (id, user_id, status, expires_at)
  VALUES ($1, $2, 'queued', now_ms() + interval '1 day')
  ON CONFLICT (user_id) WHERE status IN ('queued', 'running') DO NOTHING
  RETURNING id, user_id, status, bytes, created_at, ready_at, expires_at)sql"};

const db::Query<ExportRow(ExportId)> export_by_id{"export_by_id", R"sql(
  SELECT id, user_id, status, bytes, created_at, ready_at, expires_at
    FROM exports WHERE id = $1 AND expires_at > now_ms())sql"};

const db::Query<ExportRow(UserId)> exports_of{"exports_of", R"sql(
  SELECT id, user_id, status, bytes, created_at, ready_at, expires_at
    FROM exports WHERE user_id = $1 ORDER BY created_at DESC, id DESC LIMIT 100)sql"};

const db::Query<ExportRow(ExportId)> begun_export{"begun_export", R"sql(
  UPDATE exports SET status = 'running'
   WHERE id = $1 AND status IN ('queued', 'running')
  RETURNING id, user_id, status, bytes, created_at, ready_at, expires_at)sql"};

const db::Query<void(ExportId, std::int32_t, db::Bytes)> new_export_chunk{"new_export_chunk",
                                                                          R"sql(
  INSERT INTO export_chunks (export_id, number, sealed) VALUES ($1, $2, $3))sql"};

const db::Query<db::Bytes(ExportId, std::int32_t)> export_chunk{
    "export_chunk", "SELECT sealed FROM export_chunks WHERE export_id = $1 AND number = $2"};

const db::Query<Timestamp(ExportId, std::int64_t, std::int32_t)> finished_export{"finished_export",
                                                                                 R"sql(
  UPDATE exports SET status = 'ready', bytes = $2, ready_at = now_ms(),
                     expires_at = now_ms() + make_interval(hours => $3)
   WHERE id = $1 AND status = 'running'
  RETURNING expires_at)sql"};

const db::Query<void(ExportId)> failed_export{"failed_export", R"sql(
  UPDATE exports SET status = 'failed' WHERE id = $1 AND status IN ('queued', 'running'))sql"};

// One that is being made is left: its maker holds it, maybe for long.
const db::Query<void(UserId)> deleted_exports{"deleted_exports", R"sql(
  DELETE FROM exports WHERE id IN (
    SELECT id FROM exports WHERE user_id = $1 FOR UPDATE SKIP LOCKED))sql"};

const db::Query<void()> expired_exports{"expired_exports",
                                        "DELETE FROM exports WHERE expires_at < now_ms()"};

const db::Query<void()> stuck_exports{"stuck_exports", R"sql(
  UPDATE exports SET status = 'failed'
   WHERE status IN ('queued', 'running') AND created_at < now_ms() - interval '1 hour')sql"};

}  // namespace

Task<RecentExports> find_recent_exports(db::Session& db, UserId user) {
  return db::one(db, recent_exports, user);
}

Task<std::optional<ExportRow>> insert_export(db::Session& db, ExportId id, UserId user) {
  return db::maybe(db, new_export, id, user);
}

Task<std::optional<ExportRow>> find_export(db::Session& db, ExportId id) {
  return db::maybe(db, export_by_id, id);
}

Task<std::vector<ExportRow>> find_exports_of(db::Session& db, UserId user) {
  return db::all(db, exports_of, user);
}

Task<std::optional<ExportRow>> begin_export(db::Session& db, ExportId id) {
  return db::maybe(db, begun_export, id);
}

Task<> insert_chunk(db::Session& db, ExportId id, std::int32_t number, db::Bytes sealed) {
  co_await db::run(db, new_export_chunk, id, number, sealed);
}

Task<std::optional<db::Bytes>> find_chunk(db::Session& db, ExportId id, std::int32_t number) {
  return db::maybe(db, export_chunk, id, number);
}

Task<std::optional<Timestamp>> finish_export(db::Session& db, ExportId id, std::int64_t bytes,
                                             std::chrono::hours life) {
  return db::maybe(db, finished_export, id, bytes, static_cast<std::int32_t>(life.count()));
}

Task<> fail_export(db::Session& db, ExportId id) { co_await db::run(db, failed_export, id); }

Task<> delete_exports_of(db::Session& db, UserId user) {
  co_await db::run(db, deleted_exports, user);
}

Task<> forget_old_exports(db::Session& db) {
  co_await db::run(db, expired_exports);
  co_await db::run(db, stuck_exports);
}

}  // namespace wildnout::identity
