// JSON for described C++ types: read with every fault at once, write directly, describe.
//
//   struct Note { Text<1, 80> title; std::optional<Timestamp> read_at; };
//   BOOST_DESCRIBE_STRUCT(Note, (), (title, read_at))
//   const Note note = json::read<Note>(R"({"title":"Hi"})");
//
// Types: bool, whole numbers, double, std::string, std::string_view and json::Raw (written only:
// views), Uuid, Id<Tag>, Timestamp, described enums and structs, std::vector, std::map by text,
// std::optional, and the types of values/constraints.hpp. Absent and null both read as an empty
// std::optional, which is written as null; Omittable is left out instead.
// Include where routes and events are declared, not in every header.
#pragma once

#include <concepts>
#include <map>
#include <string>
#include <string_view>

#include "platform/json/codec.hpp"
#include "platform/json/coding.hpp"
#include "platform/json/coding_containers.hpp"
#include "platform/json/coding_structs.hpp"
#include "platform/json/schemas.hpp"

namespace wildnout::json {

// Throws Malformed when `text` is no JSON that we take, Invalid when it is no T.
template <class T>
[[nodiscard]] T read(std::string_view text) {
  static_assert(is_readable<T>, "a type in T cannot be read");
  T value{};
  read_text(text, &value, codec_of<T>);
  return value;
}

// From a part of a parsed text. Throws Invalid.
template <class T>
[[nodiscard]] T read(Value part) {
  static_assert(is_readable<T>, "a type in T cannot be read");
  T value{};
  read_value(part, &value, codec_of<T>);
  return value;
}

// Appends.
template <class T>
void write(std::string& out, const T& value) {
  static_assert(is_writable<T>, "a type in T cannot be written: Secret has no printed form");
  Coding<T>::write(value, out);
}

template <class T>
[[nodiscard]] std::string text_of(const T& value) {
  std::string out;
  write(out, value);
  return out;
}

// A JSON Schema 2020-12 document with $defs.
template <class T>
[[nodiscard]] std::string schema(Direction direction = Direction::out) {
  return schema_document(codec_of<T>, direction);
}

}  // namespace wildnout::json
