// Opening protected values where one that cannot be opened must not be in the way.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "platform/db/protected.hpp"

namespace wildnout::protection {

// Says it in the log, as an error, and counts it: wildnout_sealed_values_unopened_total.
void report_unopenable(std::string_view table, std::string_view column, std::string_view why);

// The clear text, or nothing for a value that is not what was sealed there or whose key is gone: a
// page about a person does not fail for one field of it.
template <class Column>
[[nodiscard]] std::optional<std::string> reveal(const crypto::Vault& vault,
                                                const db::Protected<Column>& value,
                                                std::string_view row) {
  try {
    return value.open(vault, row);
  } catch (const crypto::Unopenable& fault) {
    report_unopenable(Column::table, Column::column, fault.what());
    return std::nullopt;
  }
}

template <class Column>
[[nodiscard]] std::optional<std::string> reveal(const crypto::Vault& vault,
                                                const std::optional<db::Protected<Column>>& value,
                                                std::string_view row) {
  return value ? reveal(vault, *value, row) : std::nullopt;
}

}  // namespace wildnout::protection
