// Background work kept in PostgreSQL: enqueued in the caller's transaction, done once.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "platform/db/session.hpp"
#include "platform/values/time.hpp"
#include "platform/values/uuid.hpp"

namespace wildnout::jobs {

struct NewJob {
  std::string type;
  std::string payload;                   // JSON, at most 64 KiB
  std::optional<Timestamp> run_at = {};  // now when absent
  std::optional<std::string> unique_key = {};
  int max_attempts = 20;
};

// Becomes visible to runners when the transaction of `session` commits. While a job of the same
// unique key waits, that one is moved to the new time and payload instead of a second one made.
[[nodiscard]] Task<> enqueue(db::Session& session, NewJob job);

// Takes a waiting job of that key back, if there is one.
[[nodiscard]] Task<> withdraw(db::Session& session, std::string unique_key);

// How many jobs are waiting although they were due half a minute ago: runners are missing or
// behind.
[[nodiscard]] Task<std::int64_t> count_overdue(db::Session& session);

}  // namespace wildnout::jobs
