// UUIDs as 16 bytes; new ones are version 7 (RFC 9562 section 5.7), so that they sort by time.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <cstring>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace wildnout {

struct Uuid {
  std::array<std::uint8_t, 16> bytes{};

  auto operator<=>(const Uuid&) const = default;

  // 36 characters, lower case.
  [[nodiscard]] std::string text() const;
  void append_to(std::string& out) const;

  // Takes the canonical 8-4-4-4-12 form alone, either case; nothing else is an id.
  [[nodiscard]] static std::optional<Uuid> parse(std::string_view text);

  // A new version 7 id: milliseconds of the system clock, then 74 random bits from the system.
  [[nodiscard]] static Uuid make();
};

// An id of one kind of thing: ids of different kinds do not mix.
template <class Tag>
struct Id {
  Uuid value{};

  auto operator<=>(const Id&) const = default;
  [[nodiscard]] std::string text() const { return value.text(); }
  [[nodiscard]] static Id make() { return {Uuid::make()}; }
};

}  // namespace wildnout

template <>
struct std::hash<wildnout::Uuid> {
  std::size_t operator()(const wildnout::Uuid& id) const noexcept {
    // The last eight bytes of a version 7 id are random; mixing covers ids of other versions.
    std::uint64_t high = 0;
    std::uint64_t low = 0;
    std::memcpy(&high, id.bytes.data(), 8);
    std::memcpy(&low, id.bytes.data() + 8, 8);
    return low ^ (high * 0x9E3779B97F4A7C15ULL);
  }
};

template <class Tag>
struct std::hash<wildnout::Id<Tag>> {
  std::size_t operator()(const wildnout::Id<Tag>& id) const noexcept {
    return std::hash<wildnout::Uuid>{}(id.value);
  }
};
