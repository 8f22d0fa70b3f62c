// The statements that open, close and nest transactions.
#pragma once

#include "platform/db/query.hpp"

namespace wildnout::db::control {

[[nodiscard]] const QueryBase& begin();
[[nodiscard]] const QueryBase& commit();
[[nodiscard]] const QueryBase& roll_back();
// Nested ones share a name: PostgreSQL means the innermost.
[[nodiscard]] const QueryBase& savepoint();
[[nodiscard]] const QueryBase& release();
[[nodiscard]] const QueryBase& roll_back_to_savepoint();
[[nodiscard]] const QueryBase& probe();

}  // namespace wildnout::db::control
