// How the standard containers and the constrained types are read, written and described.
#pragma once

#include <concepts>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "platform/json/coding.hpp"
#include "platform/values/constraints.hpp"

namespace wildnout::json {

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

}  // namespace wildnout::json
