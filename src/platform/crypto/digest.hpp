// Digests, message authentication, and the text forms of bytes. Safe on any thread, no locks.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace wildnout::crypto {

using ByteView = std::span<const std::uint8_t>;
using Sha256 = std::array<std::uint8_t, 32>;
using Sha1 = std::array<std::uint8_t, 20>;

[[nodiscard]] inline ByteView bytes_of(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}
[[nodiscard]] inline std::string_view text_of(ByteView bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

// FIPS 180-4. Throws std::runtime_error when OpenSSL fails, as do all below that compute.
[[nodiscard]] Sha256 sha256(ByteView bytes);
[[nodiscard]] inline Sha256 sha256(std::string_view text) { return sha256(bytes_of(text)); }

// SHA-256 of what is added piece by piece.
class Sha256Stream {
 public:
  Sha256Stream();
  ~Sha256Stream();
  Sha256Stream(const Sha256Stream&) = delete;
  Sha256Stream& operator=(const Sha256Stream&) = delete;

  void add(std::string_view bytes);
  // Of all that was added; nothing may be added afterwards.
  [[nodiscard]] Sha256 finish();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// For the WebSocket handshake (RFC 6455 section 4.2.2) alone: no proof against forgery.
[[nodiscard]] Sha1 sha1(std::string_view text);

// RFC 2104 with SHA-256. The key may have any length but zero.
[[nodiscard]] Sha256 hmac_sha256(ByteView key, ByteView message);
[[nodiscard]] inline Sha256 hmac_sha256(std::string_view key, std::string_view message) {
  return hmac_sha256(bytes_of(key), bytes_of(message));
}

// True when both have the same bytes; the time taken depends on the lengths alone.
[[nodiscard]] bool are_equal(ByteView a, ByteView b);
[[nodiscard]] inline bool are_equal(std::string_view a, std::string_view b) {
  return are_equal(bytes_of(a), bytes_of(b));
}

// RFC 4648 section 5, never padded.
[[nodiscard]] std::string base64url(ByteView bytes);
[[nodiscard]] inline std::string base64url(std::string_view text) {
  return base64url(bytes_of(text));
}
// Strict: no padding, no other character, no stray bits in the last one. Nothing when it is not.
[[nodiscard]] std::optional<std::string> parse_base64url(std::string_view text);

// RFC 4648 section 4, padded.
[[nodiscard]] std::string base64(ByteView bytes);

// Lower case.
[[nodiscard]] std::string hex(ByteView bytes);
// Either case; nothing when the length is odd or a character is no digit.
[[nodiscard]] std::optional<std::string> parse_hex(std::string_view text);

}  // namespace wildnout::crypto
