// Something in the database's way that a test puts there and takes away: waiting with no clock.
#pragma once

#include <cstdint>
#include <string>

#include "platform/db/plain.hpp"

namespace wildnout::testing {

// An advisory lock of the test's own connection, from the beginning of its life until `lift` or its
// end. Whoever runs `SELECT pg_advisory_xact_lock(key)` in the same database waits for it.
class Roadblock {
 public:
  static constexpr std::int64_t key = 7310028;  // any number

  explicit Roadblock(const std::string& url);

  // How many statements have come to the block and stand there.
  [[nodiscard]] int count_waiting();

  void lift();

 private:
  db::PlainConnection server_;
};

}  // namespace wildnout::testing
