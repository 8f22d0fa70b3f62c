// The secret keys of an installation: the first is used, all are known.
#pragma once

#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "platform/crypto/digest.hpp"

namespace wildnout::crypto {

class BadKeys : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// A key of one purpose, under the id of the key that it comes from.
struct DerivedKey {
  std::string id;
  Sha256 key;
};

// What a purpose has of a ring. Never empty.
class DerivedKeys {
 public:
  explicit DerivedKeys(std::vector<DerivedKey> keys) : keys_{std::move(keys)} {}

  [[nodiscard]] const DerivedKey& newest() const { return keys_.front(); }
  // Null: the ring has no (more) key of that id.
  [[nodiscard]] const DerivedKey* find(std::string_view id) const;
  // The newest first.
  [[nodiscard]] std::span<const DerivedKey> all() const { return keys_; }

 private:
  std::vector<DerivedKey> keys_;
};

// Keys of 32 bytes with ids of 1 to 32 characters [A-Za-z0-9_-].
class KeyRing {
 public:
  // "id:64hex,…": the first encrypts and signs, all decrypt and verify. Throws BadKeys.
  [[nodiscard]] static KeyRing parse(std::string_view text);
  // One line as `parse` reads it, of a new random key.
  [[nodiscard]] static std::string make(std::string_view id);

  // HMAC-SHA256(key, purpose): what is done with one purpose's keys says nothing of another's.
  [[nodiscard]] DerivedKeys derive(std::string_view purpose) const;

 private:
  std::vector<DerivedKey> keys_;
};

}  // namespace wildnout::crypto
