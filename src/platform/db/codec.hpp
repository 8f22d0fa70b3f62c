// C++ values as PostgreSQL's binary format: parameters out, cells in, and the type each one needs.
//
// Formats: PostgreSQL 15, src/backend/utils/adt/*send and *recv functions. Integers are big-endian.
// Text goes out in text format with no declared type, so that the server reads it as text, json or
// jsonb by its place. To store a further type, specialise Codec for it.
#pragma once

#include <bit>
#include <boost/container/small_vector.hpp>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "platform/db/result.hpp"
#include "platform/values/constraints.hpp"
#include "platform/values/spelling.hpp"
#include "platform/values/time.hpp"
#include "platform/values/uuid.hpp"

namespace wildnout::db {

// Bytes of a bytea column.
struct Bytes {
  std::string octets;

  auto operator<=>(const Bytes&) const = default;
  [[nodiscard]] static Bytes of(std::span<const std::uint8_t> bytes) {
    return {std::string{reinterpret_cast<const char*>(bytes.data()), bytes.size()}};
  }
  [[nodiscard]] std::span<const std::uint8_t> span() const {
    return {reinterpret_cast<const std::uint8_t*>(octets.data()), octets.size()};
  }
};

// Bytes of parameters under construction: what most statements need stands in the object itself.
using Octets = boost::container::small_vector<char, 128>;

template <class T>
struct Codec;  // { static constexpr ValueType type; append(const T&, Octets&); read(Cell, T&) }

// The most parameters that a statement may have.
inline constexpr std::size_t max_parameters = 32;

// The encoded parameters of one statement.
class Parameters {
 public:
  template <class T>
  void add(const T& value) {
    const std::size_t start = bytes_.size();
    Codec<T>::append(value, bytes_);
    close(start, Codec<T>::type.is_textual);
  }

  template <class T>
  void add(const Omittable<T>& value) {
    add(static_cast<const std::optional<T>&>(value));
  }

  template <class T>
  void add(const std::optional<T>& value) {
    if (value) {
      add(*value);
    } else {
      slots_.push_back({0, -1, false});
    }
  }

  struct Slot {
    std::uint32_t offset;
    std::int32_t size;  // -1 for NULL
    bool is_text;
  };
  [[nodiscard]] std::span<const Slot> slots() const { return {slots_.data(), slots_.size()}; }
  [[nodiscard]] const char* bytes() const { return bytes_.data(); }

 private:
  // Throws std::invalid_argument for text with a NUL byte: PostgreSQL has no such text.
  void close(std::size_t start, bool is_text);

  Octets bytes_;
  boost::container::small_vector<Slot, 8> slots_;
};

namespace codec {
void append_int32(std::int32_t value, Octets& out);
void append_int64(std::int64_t value, Octets& out);
void append_bytes(std::string_view bytes, Octets& out);
void append_timestamp(Timestamp time, Octets& out);
[[nodiscard]] bool read_bool(const Cell& cell, bool& out);
[[nodiscard]] bool read_int32(const Cell& cell, std::int32_t& out);
[[nodiscard]] bool read_int64(const Cell& cell, std::int64_t& out);
[[nodiscard]] bool read_double(const Cell& cell, double& out);
[[nodiscard]] bool read_text(const Cell& cell, std::string_view& out);
[[nodiscard]] bool read_uuid(const Cell& cell, Uuid& out);
[[nodiscard]] bool read_timestamp(const Cell& cell, Timestamp& out);

// An array's header; `patch` puts the length before an element once it is known.
void append_array_header(std::size_t count, bool has_nulls, std::uint32_t element, Octets& out);
void patch_length(std::size_t start, Octets& out);

// Walks a one-dimensional binary array.
class ArrayReader {
 public:
  explicit ArrayReader(const Cell& cell);
  [[nodiscard]] bool is_valid() const { return is_valid_; }
  [[nodiscard]] std::int32_t count() const { return count_; }
  [[nodiscard]] bool next(Cell& element);

 private:
  std::string_view rest_;
  std::int32_t count_ = 0;
  std::uint32_t element_ = 0;
  bool is_valid_ = false;
};
}  // namespace codec

template <>
struct Codec<bool> {
  static constexpr ValueType type{"boolean", 16, 1000};
  static void append(bool value, Octets& out) { out.push_back(value ? 1 : 0); }
  [[nodiscard]] static bool read(const Cell& cell, bool& out) {
    return codec::read_bool(cell, out);
  }
};

template <>
struct Codec<std::int32_t> {
  static constexpr ValueType type{"integer", 23, 1007};
  static void append(std::int32_t value, Octets& out) { codec::append_int32(value, out); }
  [[nodiscard]] static bool read(const Cell& cell, std::int32_t& out) {
    return codec::read_int32(cell, out);
  }
};

template <>
struct Codec<std::int64_t> {
  static constexpr ValueType type{"bigint", 20, 1016};
  static void append(std::int64_t value, Octets& out) { codec::append_int64(value, out); }
  [[nodiscard]] static bool read(const Cell& cell, std::int64_t& out) {
    return codec::read_int64(cell, out);
  }
};

template <>
struct Codec<double> {
  static constexpr ValueType type{"double precision", 701, 1022};
  static void append(double value, Octets& out) {
    codec::append_int64(std::bit_cast<std::int64_t>(value), out);
  }
  [[nodiscard]] static bool read(const Cell& cell, double& out) {
    return codec::read_double(cell, out);
  }
};

template <>
struct Codec<std::string_view> {  // as a parameter only: a result does not outlive its decoding
  static constexpr ValueType type{"text", 0, 1009, true};
  static void append(std::string_view value, Octets& out) { codec::append_bytes(value, out); }
};

template <>
struct Codec<std::string> {
  static constexpr ValueType type = Codec<std::string_view>::type;
  static void append(const std::string& value, Octets& out) { codec::append_bytes(value, out); }
  [[nodiscard]] static bool read(const Cell& cell, std::string& out) {
    std::string_view text;
    if (!codec::read_text(cell, text)) return false;
    out = text;
    return true;
  }
};

template <>
struct Codec<Bytes> {
  static constexpr ValueType type{"bytea", 17, 1001};
  static void append(const Bytes& value, Octets& out) { codec::append_bytes(value.octets, out); }
  [[nodiscard]] static bool read(const Cell& cell, Bytes& out) {
    if (cell.is_null()) return false;
    out.octets = cell.bytes();
    return true;
  }
};

template <>
struct Codec<Uuid> {
  static constexpr ValueType type{"uuid", 2950, 2951};
  static void append(const Uuid& value, Octets& out) {
    out.insert(out.end(), value.bytes.begin(), value.bytes.end());
  }
  [[nodiscard]] static bool read(const Cell& cell, Uuid& out) {
    return codec::read_uuid(cell, out);
  }
};

template <class Tag>
struct Codec<Id<Tag>> {
  static constexpr ValueType type = Codec<Uuid>::type;
  static void append(const Id<Tag>& id, Octets& out) { Codec<Uuid>::append(id.value, out); }
  [[nodiscard]] static bool read(const Cell& cell, Id<Tag>& out) {
    return codec::read_uuid(cell, out.value);
  }
};

template <>
struct Codec<Timestamp> {
  static constexpr ValueType type{"timestamp with time zone", 1184, 1185};
  static void append(Timestamp value, Octets& out) { codec::append_timestamp(value, out); }
  [[nodiscard]] static bool read(const Cell& cell, Timestamp& out) {
    return codec::read_timestamp(cell, out);
  }
};

template <DescribedEnum E>
struct Codec<E> {
  static constexpr ValueType type = Codec<std::string_view>::type;
  static void append(E value, Octets& out) { codec::append_bytes(spelled(value), out); }
  [[nodiscard]] static bool read(const Cell& cell, E& out) {
    std::string_view text;
    if (!codec::read_text(cell, text)) return false;
    const std::optional<E> value = parse_spelled<E>(text);
    if (value) out = *value;
    return value.has_value();
  }
};

template <Constrained T>
struct Codec<T> {  // the plain value behind it; read back it is checked again
  using Raw = typename T::Raw;
  static constexpr ValueType type = Codec<Raw>::type;
  static void append(const T& value, Octets& out) { Codec<Raw>::append(value.raw(), out); }
  [[nodiscard]] static bool read(const Cell& cell, T& out) {
    Raw raw{};
    return Codec<Raw>::read(cell, raw) && out.accept(std::move(raw)).empty();
  }
};

template <class T>
struct Codec<std::optional<T>> {
  static constexpr ValueType type = [] {
    ValueType nullable = Codec<T>::type;
    nullable.is_nullable = true;
    return nullable;
  }();
  [[nodiscard]] static bool read(const Cell& cell, std::optional<T>& out) {
    if (cell.is_null()) {
      out.reset();
      return true;
    }
    return Codec<T>::read(cell, out.emplace());
  }
};

template <class T>
struct Codec<Omittable<T>> : Codec<std::optional<T>> {};

namespace codec {
// Whether an element of an array is NULL.
template <class T>
bool is_absent(const T&) {
  return false;
}
template <class T>
bool is_absent(const std::optional<T>& value) {
  return !value;
}

template <class T>
void append_element(const T& value, Octets& out) {
  Codec<T>::append(value, out);
}
template <class T>
void append_element(const std::optional<T>& value, Octets& out) {
  Codec<T>::append(*value, out);
}

template <class T>
void append_array(std::span<const T> values, Octets& out) {
  bool has_nulls = false;
  for (const T& value : values) has_nulls = has_nulls || is_absent(value);
  const ValueType& type = Codec<T>::type;
  constexpr std::uint32_t text_oid = 25;
  append_array_header(values.size(), has_nulls, type.is_textual ? text_oid : type.oid, out);
  for (const T& value : values) {
    const std::size_t start = out.size();
    append_int32(-1, out);
    if (is_absent(value)) continue;
    append_element(value, out);
    patch_length(start, out);
  }
}

template <class T>
constexpr ValueType array_type() {
  return {Codec<T>::type.name, Codec<T>::type.array_oid, 0, false, false};
}
}  // namespace codec

template <class T>
struct Codec<std::vector<T>> {
  static constexpr ValueType type = codec::array_type<T>();
  static void append(const std::vector<T>& values, Octets& out) {
    codec::append_array<T>(values, out);
  }
  [[nodiscard]] static bool read(const Cell& cell, std::vector<T>& out) {
    codec::ArrayReader reader{cell};
    if (!reader.is_valid()) return false;
    out.clear();
    out.reserve(static_cast<std::size_t>(reader.count()));
    for (std::int32_t i = 0; i < reader.count(); ++i) {
      Cell element;
      T value{};
      if (!reader.next(element) || !Codec<T>::read(element, value)) return false;
      out.push_back(std::move(value));
    }
    return true;
  }
};

template <>
struct Codec<std::vector<bool>> {
  static constexpr ValueType type = codec::array_type<bool>();
  static void append(const std::vector<bool>& values, Octets& out) {
    codec::append_array_header(values.size(), false, Codec<bool>::type.oid, out);
    for (const bool value : values) {
      codec::append_int32(1, out);
      out.push_back(value ? 1 : 0);
    }
  }
};

template <class T>
struct Codec<std::span<const T>> {  // as a parameter only
  static constexpr ValueType type = codec::array_type<T>();
  static void append(std::span<const T> values, Octets& out) {
    codec::append_array<T>(values, out);
  }
};

}  // namespace wildnout::db
