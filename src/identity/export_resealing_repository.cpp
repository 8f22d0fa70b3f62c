// The SQL that finds and rewrites pieces of archives.
#include "identity/export_resealing_repository.hpp"

#include <algorithm>

#include "identity/exports.hpp"
#include "platform/db/query.hpp"
#include "platform/protection/reading.hpp"

namespace wildnout::identity {

struct SealedPiece {
  ExportId export_id;
  std::int32_t number;
  db::Bytes sealed;
};
BOOST_DESCRIBE_STRUCT(SealedPiece, (), (export_id, number, sealed))

namespace {

using protection::Batch;
using protection::Step;

constexpr std::int32_t pieces_a_batch = 16;  // of 256 KiB

// Whoever is sending an archive reads it meanwhile, and nobody else changes it.
const db::Query<SealedPiece(std::string, ExportId, std::int32_t, std::int32_t)> pieces_of_key{
    "pieces_of_key", R"sql(
  SELECT export_id, number, sealed FROM export_chunks
   WHERE sealing_key(sealed) = $1 AND (export_id, number) > ($2, $3)
   ORDER BY export_id, number LIMIT $4 FOR NO KEY UPDATE SKIP LOCKED)sql"};

const db::Query<void(ExportId, std::int32_t, db::Bytes)> resealed_piece{"resealed_piece", R"sql(
  UPDATE export_chunks SET sealed = $3 WHERE export_id = $1 AND number = $2)sql"};

const db::Query<std::int64_t(std::string)> count_of_pieces{"count_of_pieces", R"sql(
  SELECT count(*) FROM export_chunks WHERE sealing_key(sealed) = $1)sql"};

const db::Query<std::string()> keys_of_pieces{"keys_of_pieces", R"sql(
  SELECT DISTINCT sealing_key(sealed) FROM export_chunks ORDER BY 1)sql"};

struct Piece {
  ExportId id;
  std::int32_t number = -1;
};

Piece piece_of(const std::string& row) {
  const std::size_t slash = row.find('/');
  if (slash == std::string::npos) return {};
  return {ExportId{Uuid::parse(row.substr(0, slash)).value()}, std::stoi(row.substr(slash + 1))};
}

Task<Batch> rewrite_pieces(db::Session& db, const crypto::Vault& vault, Step step) {
  const Piece after = piece_of(step.after);
  const auto rows = co_await db::all(db, pieces_of_key, step.key, after.id, after.number,
                                     std::min(step.limit, pieces_a_batch));
  Batch batch;
  for (const SealedPiece& row : rows) {
    const std::string place = chunk_row(row.export_id, row.number);
    batch.last = place;
    try {
      const std::string clear = open_chunk(vault, row.export_id, row.number, row.sealed.octets);
      ++batch.rewritten;
      co_await db::run(db, resealed_piece, row.export_id, row.number,
                       seal_chunk(vault, row.export_id, row.number, clear));
    } catch (const crypto::Unopenable&) {
      ++batch.passed_over;
    }
  }
  co_return batch;
}

Task<std::int64_t> count_pieces(db::Session& db, std::string key) {
  return db::one(db, count_of_pieces, key);
}

Task<std::vector<std::string>> find_piece_keys(db::Session& db) {
  return db::all(db, keys_of_pieces);
}

}  // namespace

std::vector<protection::Column> protected_archives() {
  return {{"export_chunks.sealed", find_piece_keys, count_pieces, rewrite_pieces}};
}

}  // namespace wildnout::identity
