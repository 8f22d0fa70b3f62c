// What the server gave: rows of cells in binary, and the types that they may have.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>

struct pg_result;  // libpq

namespace wildnout::db {

// What a C++ type is in PostgreSQL. `oid` is declared to the server for parameters (0: it infers).
struct ValueType {
  std::string_view name;
  std::uint32_t oid = 0;
  std::uint32_t array_oid = 0;
  bool is_textual = false;  // text, varchar, char, name, json and jsonb all fit
  bool is_nullable = false;
};

// Whether a column of PostgreSQL type `oid` can be read as `type`.
[[nodiscard]] bool fits(const ValueType& type, std::uint32_t oid);

// One field of a result, in binary.
struct Cell {
  const char* data = nullptr;  // null for NULL
  std::int32_t size = 0;
  std::uint32_t type = 0;

  [[nodiscard]] bool is_null() const { return data == nullptr; }
  [[nodiscard]] std::string_view bytes() const { return {data, static_cast<std::size_t>(size)}; }
};

// The rows that one statement gave, or the count of rows that it touched.
class Result {
 public:
  explicit Result(pg_result* owned) : result_{owned} {}

  [[nodiscard]] int rows() const;
  [[nodiscard]] int columns() const;
  [[nodiscard]] std::uint32_t type(int column) const;
  [[nodiscard]] Cell cell(int row, int column) const;
  [[nodiscard]] std::int64_t affected() const;     // rows inserted, updated, deleted or selected
  [[nodiscard]] std::string_view command() const;  // the command tag: "COMMIT"

 private:
  struct Clear {
    void operator()(pg_result* result) const;
  };
  std::unique_ptr<pg_result, Clear> result_;
};

}  // namespace wildnout::db
