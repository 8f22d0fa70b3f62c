// How each type of the house is read, written and described: `Coding<T>` and its table `codec_of`.
#pragma once

#include <boost/describe/members.hpp>
#include <boost/describe/modifiers.hpp>
#include <concepts>
#include <cstdint>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

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
//   static void read(Value, T&, Reader&);          static void write(const T&, std::string&);
//   static std::string parse(std::string_view, T&); static void describe(Schemas&, Direction,
//   std::string&); static constexpr bool may_be_absent = true;    static bool is_left_out(const
//   T&);
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

// Containers and wrappers.

template <class T>
struct Coding<std::vector<T>> {
  static void read(Value value, std::vector<T>& out, Reader& reader)
    requires is_readable<T>
  {
    if (value.kind() != Kind::array) return reader.fault("must be a list");
    out.clear();
    out.reserve(value.size());
    for (const Value element : value) {
      const Reader::Step step{reader, out.size()};
      Coding<T>::read(element, out.emplace_back(), reader);
    }
  }
  static void write(const std::vector<T>& items, std::string& out)
    requires is_writable<T>
  {
    out.push_back('[');
    for (const T& item : items) {
      if (&item != items.data()) out.push_back(',');
      Coding<T>::write(item, out);
    }
    out.push_back(']');
  }
  static void describe(Schemas& schemas, Direction direction, std::string& out) {
    out.append(R"({"type":"array","items":)");
    Coding<T>::describe(schemas, direction, out);
    out.push_back('}');
  }
};

template <class T>
struct Coding<std::map<std::string, T>> {
  static void read(Value value, std::map<std::string, T>& out, Reader& reader)
    requires is_readable<T>
  {
    if (value.kind() != Kind::object) return reader.fault("must be an object");
    out.clear();
    for (const Value element : value) {
      const Reader::Step step{reader, element.key()};
      Coding<T>::read(element, out[std::string{element.key()}], reader);
    }
  }
  static void write(const std::map<std::string, T>& items, std::string& out)
    requires is_writable<T>
  {
    out.push_back('{');
    for (const auto& [name, item] : items) {
      if (out.back() != '{') out.push_back(',');
      append_quoted(name, out);
      out.push_back(':');
      Coding<T>::write(item, out);
    }
    out.push_back('}');
  }
  static void describe(Schemas& schemas, Direction direction, std::string& out) {
    out.append(R"({"type":"object","additionalProperties":)");
    Coding<T>::describe(schemas, direction, out);
    out.push_back('}');
  }
};

template <class T>
void describe_nullable(Schemas& schemas, Direction direction, std::string& out) {
  out.append(R"({"anyOf":[)");
  Coding<T>::describe(schemas, direction, out);
  out.append(R"(,{"type":"null"}]})");
}

template <class T>
struct Coding<std::optional<T>> {
  static constexpr bool may_be_absent = true;

  static void read(Value value, std::optional<T>& out, Reader& reader)
    requires is_readable<T>
  {
    out.reset();
    if (!value.is_null()) Coding<T>::read(value, out.emplace(), reader);
  }
  static void write(const std::optional<T>& value, std::string& out)
    requires is_writable<T>
  {
    if (value) {
      Coding<T>::write(*value, out);
    } else {
      out.append("null");
    }
  }
  static std::string parse(std::string_view text, std::optional<T>& out)
    requires requires(T& inner) { Coding<T>::parse(text, inner); }
  {
    return Coding<T>::parse(text, out.emplace());
  }
  static void describe(Schemas& schemas, Direction direction, std::string& out) {
    describe_nullable<T>(schemas, direction, out);
  }
};

template <class T>
struct Coding<Omittable<T>> {
  static constexpr bool may_be_absent = true;

  static bool is_left_out(const Omittable<T>& value) { return !value.has_value(); }
  static void read(Value value, Omittable<T>& out, Reader& reader)
    requires is_readable<T>
  {
    Coding<T>::read(value, out.emplace(), reader);
  }
  static void write(const Omittable<T>& value, std::string& out)
    requires is_writable<T>
  {
    Coding<std::optional<T>>::write(value, out);
  }
  static void describe(Schemas& schemas, Direction direction, std::string& out) {
    Coding<T>::describe(schemas, direction, out);
  }
};

template <class T>
struct Coding<Patch<T>> {
  static constexpr bool may_be_absent = true;

  static bool is_left_out(const Patch<T>& value) { return !value.is_present(); }
  static void read(Value value, Patch<T>& out, Reader& reader)
    requires is_readable<T>
  {
    std::optional<T> inner;
    Coding<std::optional<T>>::read(value, inner, reader);
    out = Patch<T>{std::move(inner)};
  }
  static void write(const Patch<T>& value, std::string& out)
    requires is_writable<T>
  {
    Coding<std::optional<T>>::write(value.value(), out);
  }
  static void describe(Schemas& schemas, Direction direction, std::string& out) {
    describe_nullable<T>(schemas, direction, out);
  }
};

template <class T>
struct Coding<Secret<T>> {
  static void read(Value value, Secret<T>& out, Reader& reader)
    requires is_readable<T>
  {
    T inner{};
    Coding<T>::read(value, inner, reader);
    out = Secret<T>{std::move(inner)};
  }
  static void describe(Schemas& schemas, Direction direction, std::string& out) {
    Coding<T>::describe(schemas, direction, out);
  }
};

// The schema of a constrained type: that of its plain type, with these keywords added.
template <class T>
[[nodiscard]] std::string keywords_of() {
  if constexpr (requires { typename T::Element; }) {
    return R"(,"minItems":)" + std::to_string(T::min) + R"(,"maxItems":)" + std::to_string(T::max);
  } else if constexpr (std::same_as<T, Slug>) {
    return R"(,"pattern":"^[a-z0-9]+(-[a-z0-9]+)*$","maxLength":)" +
           std::to_string(max_slug_characters);
  } else if constexpr (std::same_as<T, Url>) {
    return R"(,"format":"uri","maxLength":)" + std::to_string(max_url_bytes);
  } else if constexpr (std::same_as<typename T::Raw, std::string> && requires { T::max; }) {
    return R"(,"minLength":)" + std::to_string(T::min) + R"(,"maxLength":)" +
           std::to_string(T::max);
  } else {
    return {};
  }
}

template <Constrained T>
struct Coding<T> {
  using Plain = typename T::Raw;

  static void read(Value value, T& out, Reader& reader)
    requires is_readable<Plain>
  {
    Plain plain{};
    const std::size_t faults = reader.fault_count();
    Coding<Plain>::read(value, plain, reader);
    if (reader.fault_count() != faults) return;
    const std::string fault = out.accept(std::move(plain));
    if (!fault.empty()) reader.fault(fault);
  }
  static void write(const T& value, std::string& out)
    requires is_writable<Plain>
  {
    Coding<Plain>::write(value.raw(), out);
  }
  static std::string parse(std::string_view text, T& out)
    requires requires(Plain& plain) { Coding<Plain>::parse(text, plain); }
  {
    Plain plain{};
    std::string fault = Coding<Plain>::parse(text, plain);
    return fault.empty() ? out.accept(std::move(plain)) : fault;
  }
  static void describe(Schemas& schemas, Direction direction, std::string& out) {
    if constexpr (std::integral<Plain>) {
      describe_integer(T::min, T::max, out);
    } else {
      Coding<Plain>::describe(schemas, direction, out);
      out.pop_back();
      out.append(keywords_of<T>()).append("}");
    }
  }
};

// Structs.

namespace detail {

// ,"name":
template <class Descriptor>
struct Prefix {
  static constexpr auto characters = [] {
    std::array<char, spelling_of<Descriptor>.size + 4> text{};
    std::size_t at = 0;
    text[at++] = ',';
    text[at++] = '"';
    for (const char c : spelling_of<Descriptor>.view())
      text[at++] = c;
    text[at++] = '"';
    text[at] = ':';
    return text;
  }();
  static constexpr std::string_view view{characters.data(), characters.size()};
};

template <class T, auto Pointer>
void* place_of(void* object) {
  return &(static_cast<T*>(object)->*Pointer);
}

template <class T, class Descriptor>
constexpr Member member_of() {
  using Type = std::remove_cvref_t<decltype(std::declval<T&>().*Descriptor::pointer)>;
  return {spelling_of<Descriptor>.view(), Prefix<Descriptor>::view, &codec_of<Type>,
          place_of<T, Descriptor::pointer>};
}

template <class T, template <class...> class List, class... Descriptors>
constexpr auto members_of(List<Descriptors...>) {
  static_assert(sizeof...(Descriptors) <= max_struct_members);
  return std::array<Member, sizeof...(Descriptors)>{member_of<T, Descriptors>()...};
}

template <class T>
inline constexpr auto members =
    members_of<T>(boost::describe::describe_members<T, boost::describe::mod_public |
                                                           boost::describe::mod_inherited>{});

template <class T>
constexpr bool all_members_readable() {
  for (const Member& member : members<T>) {
    if (member.codec->read == nullptr) return false;
  }
  return true;
}

template <class T>
constexpr bool all_members_writable() {
  for (const Member& member : members<T>) {
    if (member.codec->write == nullptr) return false;
  }
  return true;
}

}  // namespace detail

template <class T>
inline constexpr Shape shape_of{type_name<T>(), detail::members<T>};

template <class T>
  requires(DescribedStruct<T> && !Constrained<T>)
struct Coding<T> {
  static void read(Value value, T& out, Reader& reader)
    requires(detail::all_members_readable<T>())
  {
    read_struct(value, &out, shape_of<T>, reader);
  }
  static void write(const T& value, std::string& out)
    requires(detail::all_members_writable<T>())
  {
    write_struct(&value, out, shape_of<T>);
  }
  static void describe(Schemas& schemas, Direction direction, std::string& out) {
    append_struct_schema(shape_of<T>, schemas, direction, out);
  }
};

namespace detail {

template <class T>
inline constexpr bool is_optional = false;
template <class T>
inline constexpr bool is_optional<std::optional<T>> = true;

template <class T>
constexpr Codec make_codec() {
  Codec codec;
  if constexpr (requires(Value value, T& out, Reader& reader) {
                  Coding<T>::read(value, out, reader);
                }) {
    codec.read = [](Value value, void* out, Reader& reader) {
      Coding<T>::read(value, *static_cast<T*>(out), reader);
    };
  }
  if constexpr (requires(const T& value, std::string& out) { Coding<T>::write(value, out); }) {
    codec.write = [](const void* value, std::string& out) {
      Coding<T>::write(*static_cast<const T*>(value), out);
    };
  }
  if constexpr (requires(std::string_view text, T& out) { Coding<T>::parse(text, out); }) {
    codec.parse = [](std::string_view text, void* out) {
      return Coding<T>::parse(text, *static_cast<T*>(out));
    };
  }
  if constexpr (requires(const T& value) { Coding<T>::is_left_out(value); }) {
    codec.is_left_out = [](const void* value) {
      return Coding<T>::is_left_out(*static_cast<const T*>(value));
    };
  }
  if constexpr (requires { Coding<T>::may_be_absent; }) codec.may_be_absent = true;
  if constexpr (requires { Coding<T>::is_demanded; }) codec.is_demanded = true;
  if constexpr (is_optional<T>) codec.inner = &codec_of<typename T::value_type>;
  if constexpr (DescribedStruct<T> && !Constrained<T>) codec.shape = &shape_of<T>;
  codec.describe = Coding<T>::describe;
  return codec;
}

}  // namespace detail
}  // namespace wildnout::json
