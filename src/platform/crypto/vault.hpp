// Sealing values that must not lie about in clear, each bound to the place where it is kept.
#pragma once

#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "platform/crypto/key_ring.hpp"

namespace wildnout::crypto {

// Where a sealed value belongs; it opens nowhere else. `row` is the row's key as text.
struct Place {
  std::string_view table;
  std::string_view column;
  std::string_view row;
};

// Tampered with, moved, cut, or of a key that the ring does not have. Tells which key, never what.
class Unopenable : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// AES-256-GCM with a random nonce of 96 bits (NIST SP 800-38D), under a key that is derived for
// every place: however often one value is rewritten, no key comes near the number of messages that
// random nonces allow. Any thread; cheap to copy.
//
// Format, version 1 (docs/data-protection.md): 0x01, length of the key's id (1 byte), the id,
// nonce (12), ciphertext (as long as the clear text), tag (16).
class Vault {
 public:
  explicit Vault(const KeyRing& ring);

  // With a key that nobody else has and that ends with the process: for tests.
  [[nodiscard]] static Vault with_random_key();

  // Under the newest key. Throws std::runtime_error when OpenSSL fails.
  [[nodiscard]] std::string seal(std::string_view clear, const Place& place) const;
  // Throws Unopenable.
  [[nodiscard]] std::string open(std::string_view sealed, const Place& place) const;

  // A keyed hash by which a sealed text can be looked up where it is equal, and by nothing else:
  // HMAC-SHA256 over column and text. The caller brings the text to its normal form. Written under
  // the newest key; looked up under all keys at once, for as long as rows of older ones are there.
  [[nodiscard]] Sha256 index(std::string_view text, std::string_view table,
                             std::string_view column) const;
  [[nodiscard]] std::vector<Sha256> indexes(std::string_view text, std::string_view table,
                                            std::string_view column) const;

  [[nodiscard]] const std::string& newest_key() const { return sealing_.newest().id; }
  [[nodiscard]] bool has_key(std::string_view id) const { return sealing_.find(id) != nullptr; }
  // Those whose values are to be rewritten.
  [[nodiscard]] std::vector<std::string> older_keys() const;

 private:
  DerivedKeys sealing_;
  DerivedKeys indexing_;
};

// The id of the key that sealed a value; nothing when it is no sealed value.
[[nodiscard]] std::optional<std::string_view> sealing_key(std::string_view sealed);

}  // namespace wildnout::crypto
