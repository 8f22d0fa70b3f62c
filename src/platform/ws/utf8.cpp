// The table of RFC 3629 section 4, as comparisons.
#include "platform/ws/utf8.hpp"

#include <cstddef>
#include <cstdint>

namespace wildnout::ws {
namespace {

bool is_continuation(std::uint8_t byte) { return (byte & 0xC0) == 0x80; }

// Bytes that a character takes by its first byte; 0 for none that may stand there.
std::size_t length_by(std::uint8_t first) {
  if (first < 0x80) return 1;
  if (first >= 0xC2 && first <= 0xDF) return 2;
  if (first >= 0xE0 && first <= 0xEF) return 3;
  if (first >= 0xF0 && first <= 0xF4) return 4;
  return 0;
}

// The second byte's range is narrower behind four of the first bytes.
bool may_follow(std::uint8_t first, std::uint8_t second) {
  if (first == 0xE0) return second >= 0xA0 && second <= 0xBF;
  if (first == 0xED) return second >= 0x80 && second <= 0x9F;
  if (first == 0xF0) return second >= 0x90 && second <= 0xBF;
  if (first == 0xF4) return second >= 0x80 && second <= 0x8F;
  return is_continuation(second);
}

}  // namespace

bool is_utf8(std::string_view text) {
  std::size_t at = 0;
  const auto byte = [&](std::size_t offset) {
    return static_cast<std::uint8_t>(text[at + offset]);
  };
  while (at < text.size()) {
    const std::size_t length = length_by(byte(0));
    if (length == 0 || text.size() - at < length) return false;
    if (length > 1 && !may_follow(byte(0), byte(1))) return false;
    for (std::size_t i = 2; i < length; ++i) {
      if (!is_continuation(byte(i))) return false;
    }
    at += length;
  }
  return true;
}

}  // namespace wildnout::ws
