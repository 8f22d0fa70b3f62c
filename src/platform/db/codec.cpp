// Big-endian numbers, PostgreSQL's epoch and its array format.
#include "platform/db/codec.hpp"

#include <cstring>
#include <limits>
#include <stdexcept>

namespace wildnout::db {
namespace {

using namespace std::chrono;

constexpr sys_days postgres_epoch{2000y / January / 1};
constexpr std::uint32_t jsonb_oid = 3802;
constexpr char jsonb_version = 1;

template <class Unsigned>
void append_big_endian(Unsigned value, Octets& out) {
  char bytes[sizeof(Unsigned)];
  for (std::size_t i = 0; i < sizeof(Unsigned); ++i) {
    bytes[i] = static_cast<char>(value >> (8 * (sizeof(Unsigned) - 1 - i)));
  }
  out.insert(out.end(), bytes, bytes + sizeof(Unsigned));
}

template <class Unsigned>
Unsigned read_big_endian(const char* bytes) {
  Unsigned value = 0;
  for (std::size_t i = 0; i < sizeof(Unsigned); ++i) {
    value = static_cast<Unsigned>(value << 8) | static_cast<std::uint8_t>(bytes[i]);
  }
  return value;
}

bool has_size(const Cell& cell, std::size_t size) {
  return !cell.is_null() && static_cast<std::size_t>(cell.size) == size;
}

}  // namespace

void Parameters::close(std::size_t start, bool is_text) {
  const std::size_t size = bytes_.size() - start;
  if (is_text) {
    if (std::memchr(bytes_.data() + start, 0, size) != nullptr) {
      throw std::invalid_argument{"text with a NUL byte cannot be stored"};
    }
    bytes_.push_back('\0');
  }
  slots_.push_back({static_cast<std::uint32_t>(start), static_cast<std::int32_t>(size), is_text});
}

namespace codec {

void append_int32(std::int32_t value, Octets& out) {
  append_big_endian(static_cast<std::uint32_t>(value), out);
}

void append_int64(std::int64_t value, Octets& out) {
  append_big_endian(static_cast<std::uint64_t>(value), out);
}

void append_bytes(std::string_view bytes, Octets& out) {
  out.insert(out.end(), bytes.begin(), bytes.end());
}

void append_timestamp(Timestamp time, Octets& out) {
  append_int64(duration_cast<microseconds>(time - postgres_epoch).count(), out);
}

bool read_bool(const Cell& cell, bool& out) {
  if (!has_size(cell, 1)) return false;
  out = cell.data[0] != 0;
  return true;
}

bool read_int32(const Cell& cell, std::int32_t& out) {
  if (!has_size(cell, sizeof out)) return false;
  out = static_cast<std::int32_t>(read_big_endian<std::uint32_t>(cell.data));
  return true;
}

bool read_int64(const Cell& cell, std::int64_t& out) {
  if (!has_size(cell, sizeof out)) return false;
  out = static_cast<std::int64_t>(read_big_endian<std::uint64_t>(cell.data));
  return true;
}

bool read_double(const Cell& cell, double& out) {
  std::int64_t bits = 0;
  if (!read_int64(cell, bits)) return false;
  out = std::bit_cast<double>(bits);
  return true;
}

bool read_text(const Cell& cell, std::string_view& out) {
  if (cell.is_null()) return false;
  out = cell.bytes();
  if (cell.type != jsonb_oid) return true;
  if (out.empty() || out[0] != jsonb_version) return false;
  out.remove_prefix(1);
  return true;
}

bool read_uuid(const Cell& cell, Uuid& out) {
  if (!has_size(cell, out.bytes.size())) return false;
  std::memcpy(out.bytes.data(), cell.data, out.bytes.size());
  return true;
}

bool read_timestamp(const Cell& cell, Timestamp& out) {
  std::int64_t count = 0;
  if (!read_int64(cell, count)) return false;
  // The two ends of the range stand for -infinity and infinity: no point in time.
  if (count == std::numeric_limits<std::int64_t>::max() ||
      count == std::numeric_limits<std::int64_t>::min()) {
    return false;
  }
  out = postgres_epoch + floor<milliseconds>(microseconds{count});
  return true;
}

void append_array_header(std::size_t count, bool has_nulls, std::uint32_t element, Octets& out) {
  append_int32(count == 0 ? 0 : 1, out);  // dimensions
  append_int32(has_nulls ? 1 : 0, out);
  append_int32(static_cast<std::int32_t>(element), out);
  if (count == 0) return;
  append_int32(static_cast<std::int32_t>(count), out);
  append_int32(1, out);  // the lower bound
}

void patch_length(std::size_t start, Octets& out) {
  const auto size = static_cast<std::uint32_t>(out.size() - start - sizeof(std::int32_t));
  for (std::size_t i = 0; i < sizeof size; ++i) {
    out[start + i] = static_cast<char>(size >> (8 * (sizeof size - 1 - i)));
  }
}

ArrayReader::ArrayReader(const Cell& cell) {
  constexpr std::size_t header = 12;
  constexpr std::size_t dimension = 8;
  if (cell.is_null() || static_cast<std::size_t>(cell.size) < header) return;
  rest_ = cell.bytes();
  const auto dimensions = read_big_endian<std::uint32_t>(rest_.data());
  element_ = read_big_endian<std::uint32_t>(rest_.data() + 8);
  rest_.remove_prefix(header);
  is_valid_ = dimensions == 0 || (dimensions == 1 && rest_.size() >= dimension);
  if (!is_valid_ || dimensions == 0) return;
  count_ = static_cast<std::int32_t>(read_big_endian<std::uint32_t>(rest_.data()));
  rest_.remove_prefix(dimension);
  // Each element has at least its length: a count beyond that is not to be believed.
  is_valid_ = count_ >= 0 && static_cast<std::size_t>(count_) <= rest_.size() / 4;
}

bool ArrayReader::next(Cell& element) {
  if (rest_.size() < 4) return false;
  const auto size = static_cast<std::int32_t>(read_big_endian<std::uint32_t>(rest_.data()));
  rest_.remove_prefix(4);
  element = {nullptr, 0, element_};
  if (size < 0) return true;
  if (static_cast<std::size_t>(size) > rest_.size()) return false;
  element.data = rest_.data();
  element.size = size;
  rest_.remove_prefix(static_cast<std::size_t>(size));
  return true;
}

}  // namespace codec
}  // namespace wildnout::db
