// How seals are made and how the chain is checked: pure functions.
#pragma once

#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "audit/model.hpp"

namespace wildnout::audit {

// The newest seal as it is kept apart from the database.
struct Head {
  std::int64_t number = 0;  // 0: there is none
  std::string hash;         // 32 bytes
};

[[nodiscard]] bool is_signed(const Record& record, const crypto::DerivedKeys& keys);

// Seals these rows, in their order, behind `previous` (null: as the first).
[[nodiscard]] Seal make_seal(std::span<const Record> rows, const Seal* previous, Timestamp at,
                             const crypto::DerivedKey& key);

// Takes seals one after the other, each with its rows, and remembers the first fault.
class ChainCheck {
 public:
  // `kept`: the head as it is kept apart, where there is one. `keys` outlives this.
  ChainCheck(const crypto::DerivedKeys& keys, std::optional<Head> kept)
      : keys_{keys}, kept_{std::move(kept)} {}

  // `rows`: all that are written down for the seal, by position. `records`: those of their ids that
  // are there.
  void take(const Seal& seal, std::span<const SealRow> rows, const std::map<Uuid, Record>& records);
  // A row that no seal covers. `has_time`: it is young enough to be sealed yet.
  void take_unsealed(const Record& record, bool has_time);
  // After the last seal: is it the one that was kept apart?
  void finish();

  [[nodiscard]] bool has_fault() const { return result_.first_fault.has_value(); }
  [[nodiscard]] const Verification& result() const { return result_; }

 private:
  void check_seal(const Seal& seal);
  void check_rows(const Seal& seal, std::span<const SealRow> rows,
                  const std::map<Uuid, Record>& records);
  void fault(FaultKind kind, std::optional<Uuid> row = std::nullopt);

  const crypto::DerivedKeys& keys_;
  std::optional<Head> kept_;
  std::optional<Seal> last_;
  bool has_kept_ = false;  // the kept head was met in the chain
  Verification result_;
};

}  // namespace wildnout::audit
