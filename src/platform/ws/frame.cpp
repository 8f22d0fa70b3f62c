// Writing frame headers.
#include "platform/ws/frame.hpp"

namespace wildnout::ws {
namespace {

constexpr std::uint8_t final_bit = 0x80;
constexpr std::uint8_t deflated_bit = 0x40;  // RSV1, RFC 7692 section 6
constexpr std::size_t longest_in_one_byte = 125;
constexpr std::size_t longest_in_two_bytes = 0xFFFF;

void append_big_endian(std::string& out, std::uint64_t value, int bytes) {
  for (int i = bytes - 1; i >= 0; --i) out.push_back(static_cast<char>(value >> (8 * i)));
}

}  // namespace

void append_header(std::string& out, Opcode opcode, std::size_t payload_bytes, bool is_deflated) {
  out.push_back(static_cast<char>(final_bit | (is_deflated ? deflated_bit : 0) |
                                  static_cast<std::uint8_t>(opcode)));
  if (payload_bytes <= longest_in_one_byte) {
    out.push_back(static_cast<char>(payload_bytes));
  } else if (payload_bytes <= longest_in_two_bytes) {
    out.push_back(126);
    append_big_endian(out, payload_bytes, 2);
  } else {
    out.push_back(127);
    append_big_endian(out, payload_bytes, 8);
  }
}

std::string text_frame(std::string_view payload, bool is_deflated) {
  std::string out;
  out.reserve(payload.size() + max_header_bytes);
  append_header(out, Opcode::text, payload.size(), is_deflated);
  out.append(payload);
  return out;
}

std::string close_frame(CloseCode code, std::string_view reason) {
  std::string out;
  append_header(out, Opcode::close, 2 + reason.size(), false);
  append_big_endian(out, static_cast<std::uint16_t>(code), 2);
  out.append(reason);
  return out;
}

}  // namespace wildnout::ws
