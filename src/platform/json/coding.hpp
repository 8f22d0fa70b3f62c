// How each type of the house is read, written and described: `Coding<T>` and its table `codec_of`.
#pragma once

#include <boost/describe/members.hpp>
#include <concepts>
#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include "platform/json/codec.hpp"
#include "platform/json/schemas.hpp"
#include "platform/json/text.hpp"
#include "platform/values/constraints.hpp"
#include "platform/values/spelling.hpp"
#include "platform/values/time.hpp"
#include "platform/values/uuid.hpp"

namespace wildnout::json {

// Ready JSON. Written as it is; reading takes any value.
struct Raw {
  std::string text = "null";
};

// Members, each left out where it makes no sense for the type:
//   static void read(Value value, T& out, Reader& reader);
//   static void write(const T& value, std::string& out);
//   static std::string parse(std::string_view text, T& out);
//   static void describe(Schemas& schemas, Direction direction, std::string& out);
//   static bool is_left_out(const T& value);
//   static constexpr bool may_be_absent = true, is_demanded = true;
template <class T>
struct Coding;

template <class T>
concept DescribedStruct = std::is_class_v<T> && boost::describe::has_describe_members<T>::value;

template <class T>
concept WholeNumber = std::integral<T> && !std::same_as<T, bool> && !std::same_as<T, char>;

namespace detail {

template <class T>
constexpr Codec make_codec();

}  // namespace detail

template <class T>
inline constexpr Codec codec_of = detail::make_codec<T>();

template <class T>
inline constexpr bool is_readable = codec_of<T>.read != nullptr;
template <class T>
inline constexpr bool is_writable = codec_of<T>.write != nullptr;

// Scalars, compiled once.

// Reads a whole number of a narrower type by the limits of it.
[[nodiscard]] std::int64_t read_integer(Value value, std::int64_t min, std::int64_t max,
                                        Reader& reader);
[[nodiscard]] std::string parse_integer(std::string_view text, std::int64_t min, std::int64_t max,
                                        std::int64_t& out);
void describe_integer(std::int64_t min, std::int64_t max, std::string& out);

template <WholeNumber T>
struct Coding<T> {
  static constexpr std::int64_t min = std::numeric_limits<T>::min();
  static constexpr std::int64_t max =
      std::cmp_less(std::numeric_limits<T>::max(), std::numeric_limits<std::int64_t>::max())
          ? static_cast<std::int64_t>(std::numeric_limits<T>::max())
          : std::numeric_limits<std::int64_t>::max();

  static void read(Value value, T& out, Reader& reader) {
    out = static_cast<T>(read_integer(value, min, max, reader));
  }
  static void write(const T& value, std::string& out) {
    append_integer(static_cast<std::int64_t>(value), out);
  }
  static std::string parse(std::string_view text, T& out) {
    std::int64_t wide = 0;
    std::string fault = parse_integer(text, min, max, wide);
    if (fault.empty()) out = static_cast<T>(wide);
    return fault;
  }
  static void describe(Schemas&, Direction, std::string& out) { describe_integer(min, max, out); }
};

#define WILDNOUT_JSON_SCALAR(Type)                                         \
  template <>                                                              \
  struct Coding<Type> {                                                    \
    static void read(Value value, Type& out, Reader& reader);              \
    static void write(const Type& value, std::string& out);                \
    static std::string parse(std::string_view text, Type& out);            \
    static void describe(Schemas&, Direction direction, std::string& out); \
  }
WILDNOUT_JSON_SCALAR(bool);
WILDNOUT_JSON_SCALAR(double);
WILDNOUT_JSON_SCALAR(std::string);
WILDNOUT_JSON_SCALAR(Uuid);
WILDNOUT_JSON_SCALAR(Timestamp);
#undef WILDNOUT_JSON_SCALAR

template <>
struct Coding<std::string_view> {
  static void write(const std::string_view& value, std::string& out) { append_quoted(value, out); }
  static void describe(Schemas&, Direction, std::string& out) {
    out.append(R"({"type":"string"})");
  }
};

template <>
struct Coding<Raw> {
  static void read(Value value, Raw& out, Reader& reader);
  static void write(const Raw& value, std::string& out) { out.append(value.text); }
  static void describe(Schemas&, Direction, std::string& out) { out.append("true"); }
};

template <class Tag>
struct Coding<Id<Tag>> {
  static void read(Value value, Id<Tag>& out, Reader& reader) {
    Coding<Uuid>::read(value, out.value, reader);
  }
  static void write(const Id<Tag>& id, std::string& out) { Coding<Uuid>::write(id.value, out); }
  static std::string parse(std::string_view text, Id<Tag>& out) {
    return Coding<Uuid>::parse(text, out.value);
  }
  static void describe(Schemas& schemas, Direction direction, std::string& out) {
    Coding<Uuid>::describe(schemas, direction, out);
  }
};

// Names of types as the compiler spells them: "wildnout::battles::Battle".
template <class T>
[[nodiscard]] constexpr std::string_view type_name() {
  std::string_view name = __PRETTY_FUNCTION__;  // "… type_name() [T = wildnout::battles::Battle]"
  name.remove_prefix(name.find("[T = ") + 5);
  name.remove_suffix(1);
  return name;
}

// Enums.

[[nodiscard]] std::string enum_fault(std::span<const Enumerator> known);
void define_enum(const void* enumerators, Schemas&, Direction, std::string& out);

template <DescribedEnum T>
struct Coding<T> {
  static constexpr std::span<const Enumerator> known{enumerators_of<T>};

  static void read(Value value, T& out, Reader& reader) {
    const std::string_view text = value.kind() == Kind::string ? value.text() : std::string_view{};
    const std::string fault = parse(text, out);
    if (!fault.empty()) reader.fault(fault);
  }
  static void write(const T& value, std::string& out) { append_quoted(spelled(value), out); }
  static std::string parse(std::string_view text, T& out) {
    const std::optional<T> found = parse_spelled<T>(text);
    if (!found) return enum_fault(known);
    out = *found;
    return {};
  }
  static void describe(Schemas& schemas, Direction, std::string& out) {
    append_enum_schema(type_name<T>(), &known, define_enum, schemas, out);
  }
};

}  // namespace wildnout::json
