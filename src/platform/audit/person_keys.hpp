// Keeping out of reach, one day, what an unchangeable row tells of a person.
//
// Rows of the trail are signed and never change, yet a person has a right to be forgotten. So
// whatever could tell of somebody (an address, a program's name, what somebody wrote) stands in
// its row encrypted with a key of that person's own (AES-256-GCM), and the key stands in a table
// beside. When the key is deleted nobody can read any of it, and every signature still holds.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "platform/audit/record.hpp"
#include "platform/crypto/vault.hpp"
#include "platform/db/session.hpp"

namespace wildnout::audit {

// The keys of some persons, as read at one time.
class PersonKeys {
 public:
  // Makes those that are missing. In a transaction; holds up nobody who reads.
  [[nodiscard]] static Task<PersonKeys> get_or_make(db::Session& db, std::vector<Uuid> persons);
  // Of those alone who have one.
  [[nodiscard]] static Task<PersonKeys> find(db::Session& db, std::vector<Uuid> persons);

  // "sealed:1:<person>:<base64url>", one inside the other where there are several: each of their
  // keys is needed. Bound to the row and the column. Nobody: the text as it is.
  [[nodiscard]] std::string seal(std::string text, const std::vector<Uuid>& persons, Uuid row,
                                 std::string_view column) const;
  // What was sealed; nothing when one of the keys is gone, or it is not what was sealed there. Text
  // that is not sealed comes back as it is.
  [[nodiscard]] std::optional<std::string> open(std::string text, Uuid row,
                                                std::string_view column) const;

 private:
  std::map<Uuid, crypto::Vault> vaults_;
};

// Seals what is told of persons in a row that is about to be written: its address, program and (if
// its client made it up) request id, and of the metadata whatever people wrote, which stands under
// the names `reason` and `note`. The persons are the row's actor and its subject, if that is an id.
[[nodiscard]] Task<> seal_record(db::Session& db, Record& record);

// The other way round, for who may read; what cannot be opened any more is left out, in metadata
// null.
[[nodiscard]] Task<> open_records(db::Session& db, std::vector<Record>& records);

// All that was sealed for the person is beyond reading once this has committed.
[[nodiscard]] Task<> forget_person(db::Session& db, Uuid person);

}  // namespace wildnout::audit
