// RSA keys for RS256 (RFC 7518 section 3.3): RSASSA-PKCS1-v1_5 over SHA-256.
#pragma once

#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>

namespace wildnout::crypto {

inline constexpr int min_rsa_bits = 2048;
inline constexpr int max_rsa_bits = 8192;  // a longer one would cost milliseconds a signature

// A key that cannot be used; the message says why and holds nothing secret.
class KeyFault : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

struct KeyState;  // OpenSSL's, seen in rsa.cpp alone

// An immutable public key. Copies share it (OpenSSL's keys are safe to read from many threads).
class PublicKey {
 public:
  // Big endian bytes, as a JWK has them behind base64url. Throws KeyFault.
  [[nodiscard]] static PublicKey from_numbers(std::string_view modulus, std::string_view exponent);
  // SubjectPublicKeyInfo ("BEGIN PUBLIC KEY"). Throws KeyFault.
  [[nodiscard]] static PublicKey from_pem(std::string_view pem);

  [[nodiscard]] std::string pem() const;
  [[nodiscard]] int bits() const;
  [[nodiscard]] std::string modulus() const;   // big endian bytes
  [[nodiscard]] std::string exponent() const;  // big endian bytes
  friend bool operator==(const PublicKey& a, const PublicKey& b);

 private:
  friend class Verifier;
  friend class SigningKey;
  explicit PublicKey(std::shared_ptr<const KeyState> state) : state_{std::move(state)} {}
  std::shared_ptr<const KeyState> state_;  // shared by copies and by verifiers
};

// Checks signatures by one key with a context made ready once: for one thread.
class Verifier {
 public:
  explicit Verifier(const PublicKey& key);
  ~Verifier();
  Verifier(Verifier&&) noexcept;
  Verifier& operator=(Verifier&&) noexcept;

  // About 25 us with 2048 bits.
  [[nodiscard]] bool accepts(std::string_view message, std::string_view signature);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// A private key: for the development issuer and for tests. Copies share it; safe on any thread.
class SigningKey {
 public:
  [[nodiscard]] static SigningKey make(int bits = min_rsa_bits);   // takes about 50 ms
  [[nodiscard]] static SigningKey from_pem(std::string_view pem);  // PKCS #8. Throws KeyFault
  [[nodiscard]] std::string pem() const;                           // secret

  [[nodiscard]] std::string sign(std::string_view message) const;
  [[nodiscard]] PublicKey public_key() const;

 private:
  explicit SigningKey(std::shared_ptr<const KeyState> state) : state_{std::move(state)} {}
  std::shared_ptr<const KeyState> state_;  // shared by copies
};

}  // namespace wildnout::crypto
