// How described structs are read, written and described: by a table of their members.
#pragma once

#include <array>
#include <boost/describe/members.hpp>
#include <boost/describe/modifiers.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>

#include "platform/json/coding.hpp"
#include "platform/values/constraints.hpp"
#include "platform/values/spelling.hpp"

namespace wildnout::json {

namespace detail {

// ,"name":
template <class Descriptor>
struct Prefix {
  static constexpr auto characters = [] {
    std::array<char, spelling_of<Descriptor>.size + 4> text{};
    std::size_t at = 0;
    text[at++] = ',';
    text[at++] = '"';
    for (const char c : spelling_of<Descriptor>.view()) text[at++] = c;
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
