// The SQL of the trail.
#include "audit/repository.hpp"

#include "platform/db/query.hpp"

namespace wildnout::audit {
namespace {

using MaybeTime = std::optional<Timestamp>;
using MaybeId = std::optional<Uuid>;
using MaybeText = std::optional<std::string>;

const db::Query<Record(MaybeId, MaybeId, MaybeText, std::optional<Severity>, MaybeTime, MaybeTime,
                       MaybeTime, MaybeId, std::int32_t)>
    rows_by_filter{"audit_rows_by_filter", R"sql(
  SELECT id, created_at, action_type, actor_id, subject_type, subject_id, severity, metadata,
         ip_address, user_agent, request_id, key_id, mac
  FROM audit_log
  WHERE ($1::uuid IS NULL OR actor_id = $1 OR subject_id = $1::text)
    AND ($2::uuid IS NULL OR actor_id = $2)
    AND ($3::text IS NULL OR action_type = $3)
    AND ($4::text IS NULL OR severity = $4)
    AND ($5::timestamptz IS NULL OR created_at >= $5)
    AND ($6::timestamptz IS NULL OR created_at < $6)
    AND ($7::timestamptz IS NULL OR (created_at, id) < ($7, $8))
  ORDER BY created_at DESC, id DESC LIMIT $9)sql"};

const db::Query<Record(std::vector<Uuid>)> rows_by_id{"audit_rows_by_id", R"sql(
  SELECT id, created_at, action_type, actor_id, subject_type, subject_id, severity, metadata,
         ip_address, user_agent, request_id, key_id, mac
  FROM audit_log WHERE id = ANY ($1))sql"};

const db::Query<Seal(std::int64_t, std::int32_t)> seals_from{"audit_seals_from", R"sql(
  SELECT number, sealed_at, row_count, rows_hash, previous, key_id, hash, mac
  FROM audit_seals WHERE number >= $1 ORDER BY number LIMIT $2)sql"};

const db::Query<Seal()> last_seal{"audit_last_seal", R"sql(
  SELECT number, sealed_at, row_count, rows_hash, previous, key_id, hash, mac
  FROM audit_seals ORDER BY number DESC LIMIT 1)sql"};

const db::Query<SealRow(std::int64_t)> rows_of_seal{"audit_rows_of_seal", R"sql(
  SELECT seal, position, row_id, row_hash FROM audit_seal_rows
  WHERE seal = $1 ORDER BY position)sql"};

const db::Query<Record(Timestamp, MaybeTime, MaybeId, std::int32_t)> unsealed_rows{
    "audit_unsealed_rows", R"sql(
  SELECT id, created_at, action_type, actor_id, subject_type, subject_id, severity, metadata,
         ip_address, user_agent, request_id, key_id, mac
  FROM audit_log AS log
  WHERE created_at >= $1 AND ($2::timestamptz IS NULL OR (created_at, id) > ($2, $3))
    AND NOT EXISTS (SELECT FROM audit_seal_rows WHERE row_id = log.id)
  ORDER BY created_at, id LIMIT $4)sql"};

const db::Query<bool()> sealing_lock{"audit_sealing_lock",
                                     "SELECT pg_try_advisory_xact_lock(7310032)"};

const db::Query<void(std::int64_t, Timestamp, std::int32_t, db::Bytes, db::Bytes, std::string,
                     db::Bytes, db::Bytes)>
    add_seal{"audit_add_seal", R"sql(
  INSERT INTO audit_seals (number, sealed_at, row_count, rows_hash, previous, key_id, hash, mac)
  VALUES ($1, $2, $3, $4, $5, $6, $7, $8))sql"};

const db::Query<void(std::int64_t, std::vector<Uuid>, std::vector<db::Bytes>)> add_seal_rows{
    "audit_add_seal_rows", R"sql(
  INSERT INTO audit_seal_rows (seal, position, row_id, row_hash)
  SELECT $1, (place - 1)::integer, row_id, row_hash
  FROM unnest($2::uuid[], $3::bytea[]) WITH ORDINALITY AS one (row_id, row_hash, place))sql"};

const db::Query<Timestamp()> time_now{"audit_time_now", "SELECT now_ms()"};

const db::Query<std::string()> identity{"audit_database_identity", R"sql(
  SELECT oid::text FROM pg_database WHERE datname = current_database())sql"};

const db::Query<std::int32_t(std::int32_t)> partitions{"audit_partitions",
                                                       "SELECT audit_make_partitions($1)"};

}  // namespace

Task<std::vector<Record>> find_rows(db::Session& db, RowFilter filter,
                                    std::optional<RowPlace> after, std::int32_t limit) {
  MaybeTime time;
  MaybeId id;
  if (after) {
    time = after->created_at;
    id = after->id;
  }
  return db::all(db, rows_by_filter, filter.user_id, filter.actor_id, filter.action_type,
                 filter.severity, filter.from, filter.to, time, id, limit);
}

Task<std::vector<Record>> find_rows_by_id(db::Session& db, std::vector<Uuid> ids) {
  return db::all(db, rows_by_id, ids);
}

Task<std::vector<Seal>> find_seals(db::Session& db, std::int64_t first, std::int32_t limit) {
  return db::all(db, seals_from, first, limit);
}

Task<std::optional<Seal>> find_last_seal(db::Session& db) { return db::maybe(db, last_seal); }

Task<std::vector<SealRow>> find_seal_rows(db::Session& db, std::int64_t seal) {
  return db::all(db, rows_of_seal, seal);
}

Task<std::vector<Record>> find_unsealed(db::Session& db, Timestamp since,
                                        std::optional<RowPlace> after, std::int32_t limit) {
  MaybeTime time;
  MaybeId id;
  if (after) {
    time = after->created_at;
    id = after->id;
  }
  return db::all(db, unsealed_rows, since, time, id, limit);
}

Task<bool> try_sealing_lock(db::Session& db) { return db::one(db, sealing_lock); }

Task<> insert_seal(db::Session& db, Seal seal, std::vector<Uuid> rows,
                   std::vector<db::Bytes> hashes) {
  co_await db::run(db, add_seal, seal.number, seal.sealed_at, seal.row_count, seal.rows_hash,
                   seal.previous, seal.key_id, seal.hash, seal.mac);
  co_await db::run(db, add_seal_rows, seal.number, rows, hashes);
}

Task<Timestamp> database_time(db::Session& db) { return db::one(db, time_now); }

Task<std::string> database_identity(db::Session& db) { return db::one(db, identity); }

Task<std::int32_t> make_partitions(db::Session& db, std::int32_t months_ahead) {
  return db::one(db, partitions, months_ahead);
}

}  // namespace wildnout::audit
