// Making, printing and reading UUIDs.
#include "platform/values/uuid.hpp"

#include <array>
#include <chrono>
#include <cstdint>

#include "platform/values/random.hpp"

namespace wildnout {
namespace {

constexpr std::string_view hex_digits = "0123456789abcdef";
constexpr std::size_t text_length = 36;

constexpr bool is_dash_at(std::size_t position) {
  return position == 8 || position == 13 || position == 18 || position == 23;
}

// The value of each character as a hexadecimal digit; -1: it is none.
constexpr auto hex_values = [] {
  std::array<std::int8_t, 256> values{};
  values.fill(-1);
  for (std::size_t i = 0; i < hex_digits.size(); ++i) {
    values[static_cast<unsigned char>(hex_digits[i])] = static_cast<std::int8_t>(i);
    if (i >= 10) values['A' + i - 10] = static_cast<std::int8_t>(i);
  }
  return values;
}();

int hex_value(char c) { return hex_values[static_cast<unsigned char>(c)]; }

}  // namespace

void Uuid::append_to(std::string& out) const {
  char text[text_length];
  std::size_t at = 0;
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    if (is_dash_at(at)) text[at++] = '-';
    text[at++] = hex_digits[bytes[i] >> 4];
    text[at++] = hex_digits[bytes[i] & 15];
  }
  out.append(text, text_length);
}

std::string Uuid::text() const {
  std::string out;
  append_to(out);
  return out;
}

std::optional<Uuid> Uuid::parse(std::string_view text) {
  if (text.size() != text_length) return std::nullopt;
  Uuid id;
  std::size_t byte = 0;
  for (std::size_t at = 0; at < text_length;) {
    if (is_dash_at(at)) {
      if (text[at++] != '-') return std::nullopt;
      continue;
    }
    const int high = hex_value(text[at]);
    const int low = hex_value(text[at + 1]);
    if (high < 0 || low < 0) return std::nullopt;
    id.bytes[byte++] = static_cast<std::uint8_t>(high << 4 | low);
    at += 2;
  }
  return id;
}

Uuid Uuid::make() {
  using namespace std::chrono;
  Uuid id;
  random_bytes(id.bytes);
  const auto now = duration_cast<milliseconds>(system_clock::now().time_since_epoch()).count();
  const auto ms = static_cast<std::uint64_t>(now);
  for (std::size_t i = 0; i < 6; ++i) {
    id.bytes[i] = static_cast<std::uint8_t>(ms >> (40 - 8 * i));
  }
  id.bytes[6] = static_cast<std::uint8_t>(0x70 | (id.bytes[6] & 0x0F));
  id.bytes[8] = static_cast<std::uint8_t>(0x80 | (id.bytes[8] & 0x3F));
  return id;
}

}  // namespace wildnout
