// Reading libpq's results, and their lifetime.
#include "platform/db/result.hpp"

#include <libpq-fe.h>

#include <charconv>

namespace wildnout::db {
namespace {

bool is_text_oid(std::uint32_t oid) {
  constexpr std::uint32_t text_oids[] = {25, 1043, 1042, 114, 3802, 19};
  for (const std::uint32_t known : text_oids) {
    if (oid == known) return true;
  }
  return false;
}

}  // namespace

bool fits(const ValueType& type, std::uint32_t oid) {
  if (type.is_textual) return is_text_oid(oid);
  constexpr std::uint32_t text_array = 1009;
  constexpr std::uint32_t varchar_array = 1015;
  return type.oid == oid || (type.oid == text_array && oid == varchar_array);
}

void Result::Clear::operator()(pg_result* result) const { PQclear(result); }

int Result::rows() const { return PQntuples(result_.get()); }

int Result::columns() const { return PQnfields(result_.get()); }

std::uint32_t Result::type(int column) const { return PQftype(result_.get(), column); }

Cell Result::cell(int row, int column) const {
  if (PQgetisnull(result_.get(), row, column) != 0) return {nullptr, 0, type(column)};
  return {PQgetvalue(result_.get(), row, column), PQgetlength(result_.get(), row, column),
          type(column)};
}

std::int64_t Result::affected() const {
  const std::string_view text = PQcmdTuples(result_.get());
  std::int64_t count = 0;
  std::from_chars(text.data(), text.data() + text.size(), count);
  return count;
}

std::string_view Result::command() const { return PQcmdStatus(result_.get()); }

}  // namespace wildnout::db
