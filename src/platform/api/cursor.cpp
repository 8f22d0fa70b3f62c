// Sealing and opening cursors.
#include "platform/api/cursor.hpp"

#include "platform/crypto/digest.hpp"

namespace wildnout::api {
namespace {

constexpr std::size_t seal_bytes = 16;  // of the HMAC: 128 bits cannot be guessed

// The position goes first, and JSON has no zero byte: what belongs to which is beyond doubt.
std::string seal_of(std::string_view key, std::string_view position, std::string_view list) {
  std::string message{position};
  message.push_back('\0');
  message.append(list);
  const crypto::Sha256 mac = crypto::hmac_sha256(key, message);
  return {mac.begin(), mac.begin() + seal_bytes};
}

}  // namespace

std::string Cursors::seal_text(std::string_view position, std::string_view list) const {
  return crypto::base64url(seal_of(key_, position, list).append(position));
}

std::string Cursors::open_text(std::string_view cursor, std::string_view list) const {
  require(cursor.size() <= max_cursor_characters, invalid_cursor);
  std::optional<std::string> bytes = crypto::parse_base64url(cursor);
  require(bytes && bytes->size() > seal_bytes, invalid_cursor);
  const std::string_view position = std::string_view{*bytes}.substr(seal_bytes);
  const std::string seal = seal_of(key_, position, list);
  require(crypto::are_equal(seal, std::string_view{*bytes}.substr(0, seal_bytes)), invalid_cursor);
  return bytes->substr(seal_bytes);
}

}  // namespace wildnout::api
