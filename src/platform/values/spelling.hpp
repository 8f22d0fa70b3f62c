// How described names are spelled outside C++: snake_case members and enumerators as camelCase.
#pragma once

#include <array>
#include <boost/describe/enum.hpp>
#include <boost/describe/enumerators.hpp>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <type_traits>

namespace wildnout {

// A spelled name of at most 63 characters. Each '_' goes and lifts the letter behind it; one at the
// end only sets a name apart from a C++ keyword and goes as well: "public_" is spelled "public".
struct Spelled {
  std::array<char, 64> text{};
  std::size_t size = 0;

  [[nodiscard]] constexpr std::string_view view() const { return {text.data(), size}; }
};

consteval Spelled spell(std::string_view name) {
  Spelled spelled;
  bool lift = false;
  for (const char c : name) {
    if (c == '_') {
      lift = true;
      continue;
    }
    const bool is_lower = c >= 'a' && c <= 'z';
    spelled.text[spelled.size++] = lift && is_lower ? static_cast<char>(c - 'a' + 'A') : c;
    lift = false;
  }
  return spelled;
}

// `Descriptor`: what Boost.Describe gives for a member or an enumerator. Of static life time.
template <class Descriptor>
inline constexpr Spelled spelling_of = spell(Descriptor::name);

template <class Enum>
concept DescribedEnum =
    std::is_enum_v<Enum> && boost::describe::has_describe_enumerators<Enum>::value;

struct Enumerator {
  std::int64_t value;
  std::string_view name;  // as spelled outside
};

namespace detail {

template <class Enum, template <class...> class List, class... Descriptors>
constexpr auto enumerators_of(List<Descriptors...>) {
  return std::array<Enumerator, sizeof...(Descriptors)>{Enumerator{
      static_cast<std::int64_t>(Descriptors::value), spelling_of<Descriptors>.view()}...};
}

}  // namespace detail

// All enumerators, in the order of their description.
template <DescribedEnum Enum>
inline constexpr auto enumerators_of =
    detail::enumerators_of<Enum>(boost::describe::describe_enumerators<Enum>{});

// "wildStyle" for BattleType::wild_style; empty for a value that is no enumerator.
template <DescribedEnum Enum>
[[nodiscard]] constexpr std::string_view spelled(Enum value) {
  for (const Enumerator& known : enumerators_of<Enum>) {
    if (known.value == static_cast<std::int64_t>(value)) return known.name;
  }
  return {};
}

template <DescribedEnum Enum>
[[nodiscard]] constexpr std::optional<Enum> parse_spelled(std::string_view name) {
  for (const Enumerator& known : enumerators_of<Enum>) {
    if (known.name == name) return static_cast<Enum>(known.value);
  }
  return std::nullopt;
}

}  // namespace wildnout
