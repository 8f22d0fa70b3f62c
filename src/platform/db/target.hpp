// Where connections lead and what each is told when it opens.
#pragma once

#include <chrono>
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

// Throws std::invalid_argument for an address that libpq cannot read.
[[nodiscard]] Target target_of(const Settings& settings);

}  // namespace wildnout::db
