// Server frames of RFC 6455 section 5.2: never masked, never fragmented.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace wildnout::ws {

enum class Opcode : std::uint8_t { text = 0x1, close = 0x8, ping = 0x9 };

// RFC 6455 section 7.4.1 and the IANA registry; from 4000 on they are the application's.
enum class CloseCode : std::uint16_t {
  going_away = 1001,
  protocol_error = 1002,
  unsupported = 1003,
  invalid_text = 1007,
  policy = 1008,
  too_big = 1009,
  restart = 1012,
  try_later = 1013,
  credentials_ended = 4401,
};

// Without payload, ready to send.
inline constexpr std::string_view ping_frame{"\x89\x00", 2};

// Room for the longest header that a server sends.
inline constexpr std::size_t max_header_bytes = 10;

void append_header(std::string& out, Opcode opcode, std::size_t payload_bytes, bool is_deflated);

[[nodiscard]] std::string text_frame(std::string_view payload, bool is_deflated = false);

// `reason`: at most 123 bytes of UTF-8.
[[nodiscard]] std::string close_frame(CloseCode code, std::string_view reason);

}  // namespace wildnout::ws
