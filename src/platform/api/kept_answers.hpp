// The protected column of kept answers, and its part in the rotation of keys.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "platform/db/protected.hpp"
#include "platform/protection/rotation.hpp"
#include "platform/values/uuid.hpp"

namespace wildnout::api {

// An answer may hold what only its caller may see: an address, a ticket.
struct AnswerBody {
  static constexpr std::string_view table = "idempotency_keys";
  static constexpr std::string_view column = "body";
};
using ProtectedBody = db::Protected<AnswerBody>;

// The row as the body's place.
[[nodiscard]] std::string row_of_answer(const Uuid& user_id, std::string_view key);

[[nodiscard]] std::vector<protection::Column> protected_columns();

}  // namespace wildnout::api
