// How a part of the house that is not HTTP learns who is calling.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "platform/api/access.hpp"
#include "platform/async/task.hpp"

namespace wildnout {

enum class Closed : std::uint8_t {
  wrong,      // a token that is none of ours: bad credentials
  over,       // expired or revoked, or a ticket that is not known (any more)
  suspended,  // the account may not come in
};

struct Admission {
  std::optional<api::Caller> caller;  // or why not:
  Closed reason = Closed::over;
  std::string display_name;
};

// One object a shard, made by identity. Throws only for faults (database, missing keys).
class Sessions {
 public:
  virtual ~Sessions() = default;
  [[nodiscard]] virtual Task<Admission> by_token(std::string token) = 0;
  // Uses the ticket up, also when it is refused.
  [[nodiscard]] virtual Task<Admission> by_ticket(std::string ticket) = 0;
};

}  // namespace wildnout
