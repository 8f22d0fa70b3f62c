// Sets of public keys: JSON Web Key Sets (RFC 7517) and a single key that answers to any id.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "platform/crypto/rsa.hpp"

namespace wildnout::crypto {

inline constexpr std::size_t max_jwks_bytes = 256 * 1024;
inline constexpr std::size_t max_jwks_keys = 64;
inline constexpr std::size_t max_key_id_bytes = 256;

struct NamedKey {
  std::string id;  // the JWK's `kid`; empty: serves tokens with any `kid`, and with none
  PublicKey key;

  friend bool operator==(const NamedKey&, const NamedKey&) = default;
};

struct KeySet {
  std::vector<NamedKey> keys;
  std::vector<std::string> passed_over;  // why the other members of a JWKS were not taken

  friend bool operator==(const KeySet& a, const KeySet& b) { return a.keys == b.keys; }
};

// Takes the keys that can check RS256: kty RSA, use sig (or none), alg RS256 (or none), a kid, at
// least 2048 bits. The others are passed over. Throws KeyFault when the text is no JWKS at all, or
// past the limits above.
[[nodiscard]] KeySet parse_jwks(std::string_view json);

// One JWK as JSON, as parse_jwks takes it.
[[nodiscard]] std::string jwk_of(const PublicKey& key, std::string_view id);

}  // namespace wildnout::crypto
