// Where connections lead and what each is told when it opens.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "platform/db/settings.hpp"

namespace wildnout::db {

struct Target {
  std::vector<std::pair<std::string, std::string>> options;  // libpq keywords and values
  bool has_transaction_pooler;
  unsigned pipeline_limit;
  std::chrono::milliseconds connect_timeout;
  std::chrono::milliseconds answer_timeout;  // without any answer, when one is due
};

// How the server may plan this connection's statements. `by_index`: by index and nested loop alone,
// for statements that always look up few rows by key. A plan made while a table was small scans it
// from end to end, and is kept until the table's statistics are renewed; by then it has grown.
enum class Planning : std::uint8_t { free, by_index };

// Throws std::invalid_argument for an address that libpq cannot read.
[[nodiscard]] Target target_of(const Settings& settings, Planning planning = Planning::free);

}  // namespace wildnout::db
