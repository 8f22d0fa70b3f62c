// Column types for sealed values: a described row or a query that has one cannot hold clear text.
//
//   struct UserEmail {
//     static constexpr std::string_view table = "users";
//     static constexpr std::string_view column = "email";
//   };
//   struct UserRow { UserId id; std::optional<db::Protected<UserEmail>> email; };
//
// Neither type has a JSON form, so that a row cannot be answered by mistake either.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "platform/crypto/vault.hpp"
#include "platform/db/codec.hpp"

namespace wildnout::db {

// A sealed text of one column. `Column` names its table and column, the row is told with each use.
template <class Column>
class Protected {
 public:
  Protected() = default;  // a place for the codec to fill; the database takes no empty one

  [[nodiscard]] static Protected seal(const crypto::Vault& vault, std::string_view clear,
                                      std::string_view row) {
    Protected made;
    made.octets_ = vault.seal(clear, {Column::table, Column::column, row});
    return made;
  }
  // Throws crypto::Unopenable: also when it was sealed for another row.
  [[nodiscard]] std::string open(const crypto::Vault& vault, std::string_view row) const {
    return vault.open(octets_, {Column::table, Column::column, row});
  }

 private:
  friend struct Codec<Protected>;

  std::string octets_;
};

// What a protected column is looked up by; as a column of its own beside it.
template <class Column>
class BlindIndex {
 public:
  BlindIndex() = default;

  // To be written. `text` in its normal form.
  [[nodiscard]] static BlindIndex of(const crypto::Vault& vault, std::string_view text) {
    return BlindIndex{vault.index(text, Column::table, Column::column)};
  }
  // To be looked up with `= ANY`: one for every key that a row may still be indexed by.
  [[nodiscard]] static std::vector<BlindIndex> candidates(const crypto::Vault& vault,
                                                          std::string_view text) {
    std::vector<BlindIndex> made;
    for (const crypto::Sha256& hash : vault.indexes(text, Column::table, Column::column)) {
      made.push_back(BlindIndex{hash});
    }
    return made;
  }

 private:
  friend struct Codec<BlindIndex>;
  explicit BlindIndex(const crypto::Sha256& hash) : octets_{crypto::text_of(hash)} {}

  std::string octets_;
};

template <class Column>
struct Codec<Protected<Column>> {
  static constexpr ValueType type = Codec<Bytes>::type;
  static void append(const Protected<Column>& value, Octets& out) {
    codec::append_bytes(value.octets_, out);
  }
  [[nodiscard]] static bool read(const Cell& cell, Protected<Column>& out) {
    if (cell.is_null()) return false;
    out.octets_ = cell.bytes();
    return true;
  }
};

template <class Column>
struct Codec<BlindIndex<Column>> {
  static constexpr ValueType type = Codec<Bytes>::type;
  static void append(const BlindIndex<Column>& value, Octets& out) {
    codec::append_bytes(value.octets_, out);
  }
};

}  // namespace wildnout::db
