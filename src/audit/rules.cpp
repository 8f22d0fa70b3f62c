// The bytes of seals, and what each difference means.
#include "audit/rules.hpp"

#include <algorithm>

namespace wildnout::audit {
namespace {

constexpr std::string_view seal_version = "wildnout-audit-seal/1";
const std::string no_hash(32, '\0');

std::string bytes_of(const crypto::Sha256& hash) {
  return std::string{crypto::text_of(crypto::ByteView{hash})};
}

// Version 1, docs/audit.md.
std::string canonical(const Seal& seal) {
  std::string out;
  append_field(seal_version, out);
  append_field(static_cast<std::uint64_t>(seal.number), out);
  append_field(static_cast<std::uint64_t>(seal.sealed_at.time_since_epoch().count()), out);
  append_field(static_cast<std::uint64_t>(seal.row_count), out);
  append_field(seal.rows_hash.octets, out);
  append_field(seal.previous.octets, out);
  append_field(seal.key_id, out);
  return out;
}

template <class Rows, class HashOf>
std::string hash_of_rows(const Rows& rows, HashOf hash_of_one) {
  std::string all;
  for (const auto& row : rows) all += hash_of_one(row);
  return bytes_of(crypto::sha256(all));
}

std::string mac_of(const std::string& text, const crypto::DerivedKey& key) {
  return bytes_of(crypto::hmac_sha256(crypto::ByteView{key.key}, crypto::bytes_of(text)));
}

// Whether the rows fit the seal when they are put in the order in which the sealer takes them.
bool is_reordered(const Seal& seal, std::span<const SealRow> rows,
                  const std::map<Uuid, Record>& records) {
  std::vector<const Record*> sorted;
  for (const SealRow& row : rows) {
    const auto at = records.find(row.row_id);
    if (at == records.end()) return false;
    sorted.push_back(&at->second);
  }
  std::ranges::sort(sorted, {}, [](const Record* record) {
    return std::pair{record->created_at, record->id};
  });
  return hash_of_rows(sorted, [](const Record* record) { return bytes_of(hash_of(*record)); }) ==
         seal.rows_hash.octets;
}

}  // namespace

bool is_signed(const Record& record, const crypto::DerivedKeys& keys) {
  const crypto::DerivedKey* key = keys.find(record.key_id);
  return key != nullptr && crypto::are_equal(bytes_of(sign(record, *key)), record.mac.octets);
}

Seal make_seal(std::span<const Record> rows, const Seal* previous, Timestamp at,
               const crypto::DerivedKey& key) {
  Seal seal{.number = previous != nullptr ? previous->number + 1 : 1,
            .sealed_at = at,
            .row_count = static_cast<std::int32_t>(rows.size()),
            .rows_hash = {hash_of_rows(
                rows, [](const Record& record) { return bytes_of(hash_of(record)); })},
            .previous = {previous != nullptr ? previous->hash.octets : no_hash},
            .key_id = key.id,
            .hash = {},
            .mac = {}};
  const std::string text = canonical(seal);
  seal.hash = {bytes_of(crypto::sha256(text))};
  seal.mac = {mac_of(text, key)};
  return seal;
}

void ChainCheck::take(const Seal& seal, std::span<const SealRow> rows,
                      const std::map<Uuid, Record>& records) {
  check_seal(seal);
  if (!has_fault()) check_rows(seal, rows, records);
  if (kept_ && kept_->number == seal.number) {
    has_kept_ = true;
    if (kept_->hash != seal.hash.octets) fault(FaultKind::seal_changed);
  }
  result_.checked_rows += static_cast<std::int64_t>(rows.size());
  result_.sealed_through = seal.sealed_at;
  last_ = seal;
}

void ChainCheck::check_seal(const Seal& seal) {
  const std::int64_t expected = last_ ? last_->number + 1 : 1;
  const std::string& previous = last_ ? last_->hash.octets : no_hash;
  const std::string text = canonical(seal);
  const crypto::DerivedKey* key = keys_.find(seal.key_id);
  // A key that was taken out of the ring long ago is missed by nobody: the later seals stand for
  // what it signed.
  const bool is_ours = key == nullptr || crypto::are_equal(mac_of(text, *key), seal.mac.octets);
  if (seal.number != expected || seal.previous.octets != previous || !is_ours ||
      seal.hash.octets != bytes_of(crypto::sha256(text))) {
    fault(FaultKind::seal_changed);
  }
}

void ChainCheck::check_rows(const Seal& seal, std::span<const SealRow> rows,
                            const std::map<Uuid, Record>& records) {
  const bool fits = hash_of_rows(rows, [](const SealRow& row) { return row.row_hash.octets; }) ==
                    seal.rows_hash.octets;
  if (!fits) {
    const auto count = static_cast<std::int32_t>(rows.size());
    if (count < seal.row_count) return fault(FaultKind::deleted);
    if (count > seal.row_count) return fault(FaultKind::inserted);
    return fault(is_reordered(seal, rows, records) ? FaultKind::reordered : FaultKind::edited);
  }
  for (const SealRow& row : rows) {
    const auto at = records.find(row.row_id);
    if (at == records.end()) return fault(FaultKind::deleted, row.row_id);
    const std::string hash = bytes_of(hash_of(at->second));
    if (hash == row.row_hash.octets) continue;
    const bool is_anothers =
        std::ranges::any_of(rows, [&](const SealRow& one) { return one.row_hash.octets == hash; });
    return fault(is_anothers ? FaultKind::reordered : FaultKind::edited, row.row_id);
  }
}

void ChainCheck::take_unsealed(const Record& record, bool has_time) {
  if (!is_signed(record, keys_) || !has_time) fault(FaultKind::inserted, record.id);
  ++result_.checked_rows;
}

void ChainCheck::finish() {
  if (kept_ && kept_->number > 0 && !has_kept_) fault(FaultKind::truncated);
}

void ChainCheck::fault(FaultKind kind, std::optional<Uuid> row) {
  if (has_fault()) return;
  result_.ok = false;
  result_.first_fault = TrailFault{row, kind};
}

}  // namespace wildnout::audit
