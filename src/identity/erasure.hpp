// Taking a person out of the identity module's tables, for good.
#pragma once

#include <chrono>
#include <cstdint>

#include "contracts/ids.hpp"
#include "identity/administration.hpp"
#include "identity/session_book.hpp"
#include "platform/db/database.hpp"

namespace wildnout::identity {

// In the caller's transaction, which holds the user's row. What names or describes the person goes;
// the row stays as the mark that the account is gone, so that nothing brings it back, and for the
// counts of what it took part in. Ties to others go on both sides with their counts. Publishes
// `user.deleted` for the other modules' parts.
[[nodiscard]] Task<> erase_user(db::Session& db, UserId id);

// How long a deletion that was asked for can be taken back.
inline constexpr std::chrono::days deletion_grace{30};

// One a shard.
class Erasures {
 public:
  Erasures(SessionBook& book, Administration& administration)
      : book_{book}, administration_{administration} {}

  // Sets the day of the deletion (a day that is set stays), or with `is_immediate` erases now: then
  // every session ends. Refuses: not_found, last_admin.
  [[nodiscard]] Task<> ask(db::Scope scope, UserId user, bool is_immediate);
  // Refuses: not_found; conflict when no deletion was asked for.
  [[nodiscard]] Task<> restore(db::Scope scope, UserId user);
  // Erases those whose day has come, each in a transaction of its own; at most 100. The last admin
  // stays, and is tried again. Gives how many went.
  [[nodiscard]] Task<std::int64_t> erase_due(db::Database& database);

 private:
  [[nodiscard]] Task<> erase(db::Session& db, UserId user);

  SessionBook& book_;
  Administration& administration_;
};

}  // namespace wildnout::identity
