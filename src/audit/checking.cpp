// Feeding the chain's check from the tables.
#include "audit/checking.hpp"

#include "audit/repository.hpp"

namespace wildnout::audit {
namespace {

constexpr std::int32_t seals_a_page = 200;
constexpr std::int32_t rows_a_page = 1000;

Task<std::map<Uuid, Record>> records_of(db::Session& db, const std::vector<SealRow>& rows) {
  std::vector<Uuid> ids;
  for (const SealRow& row : rows) ids.push_back(row.row_id);
  std::map<Uuid, Record> records;
  for (Record& record : co_await find_rows_by_id(db, std::move(ids))) {
    const Uuid id = record.id;
    records.emplace(id, std::move(record));
  }
  co_return records;
}

Task<> check_unsealed(db::Session& db, ChainCheck& check, Timestamp horizon) {
  // From the beginning of time: a row slipped in among old ones has no seal either.
  std::optional<RowPlace> after;
  for (;;) {
    const auto rows = co_await find_unsealed(db, Timestamp{}, after, rows_a_page);
    for (const Record& record : rows) check.take_unsealed(record, record.created_at >= horizon);
    if (check.has_fault() || rows.size() < static_cast<std::size_t>(rows_a_page)) co_return;
    after = RowPlace{rows.back().created_at, rows.back().id};
  }
}

}  // namespace

Timestamp sealing_horizon(const std::optional<Seal>& last) {
  return last ? last->sealed_at - sealing_reach : Timestamp{};
}

Task<Verification> check_trail(db::Session& db, const crypto::DerivedKeys& keys,
                               std::optional<Head> kept) {
  ChainCheck check{keys, std::move(kept)};
  std::optional<Seal> last;
  for (std::int64_t next = 0; !check.has_fault();) {
    const auto seals = co_await find_seals(db, next, seals_a_page);
    for (const Seal& seal : seals) {
      const auto rows = co_await find_seal_rows(db, seal.number);
      check.take(seal, rows, co_await records_of(db, rows));
      last = seal;
      if (check.has_fault()) break;
    }
    if (seals.size() < static_cast<std::size_t>(seals_a_page)) break;
    next = seals.back().number + 1;
  }
  if (!check.has_fault()) check.finish();
  if (!check.has_fault()) co_await check_unsealed(db, check, sealing_horizon(last));
  co_return check.result();
}

}  // namespace wildnout::audit
