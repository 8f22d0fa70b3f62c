// The steps of an erasure in this module.
#include "identity/erasure.hpp"

#include "contracts/users.hpp"
#include "identity/administration_repository.hpp"
#include "identity/erasure_repository.hpp"
#include "platform/bus/outbox.hpp"
#include "platform/log/log.hpp"

namespace wildnout::identity {

Task<> erase_user(db::Session& db, UserId id) {
  co_await erase_ties(db, id);
  co_await erase_sessions(db, id);
  co_await erase_profile(db, id);
  co_await bus::publish(db, id.value, UserDeleted{id});
}

Task<> Erasures::ask(db::Scope scope, UserId user, bool is_immediate) {
  co_await scope.transact([&](db::Session& db) -> Task<> {
    co_await lock_admins(db);
    const auto row = co_await lock_user(db, user);
    api::require(row.has_value(), api::not_found);
    co_await administration_.require_other_admin(db, *row);
    if (is_immediate) {
      co_await erase(db, user);
    } else {
      co_await schedule_erasure(db, user, deletion_grace);
    }
  });
}

Task<> Erasures::restore(db::Scope scope, UserId user) {
  const bool was_asked_for = co_await unschedule_erasure(scope.session(), user);
  api::require(was_asked_for, api::conflict);
}

Task<std::int64_t> Erasures::erase_due(db::Database& database) {
  std::int64_t count = 0;
  for (const UserId user : co_await find_due_erasures(database.session(db::Work::slow))) {
    try {
      co_await database.transact([&](db::Session& db) -> Task<> {
        co_await lock_admins(db);
        const auto row = co_await lock_user(db, user);
        if (!row || !co_await is_erasure_due(db, user)) co_return;  // taken back, or done elsewhere
        co_await administration_.require_other_admin(db, *row);
        co_await erase(db, user);
        ++count;
      });
    } catch (const api::Refused&) {
      log::warn("the last admin was not erased", {{"user", user.text()}});
    }
  }
  co_return count;
}

Task<> Erasures::erase(db::Session& db, UserId user) {
  co_await erase_user(db, user);
  co_await book_.change_user(db, ChangeKind::user_barred, user);
}

}  // namespace wildnout::identity
