// What administrators do to accounts: roles, suspension, and that one of them is always left.
#pragma once

#include <optional>

#include "identity/people_model.hpp"
#include "identity/session_book.hpp"
#include "identity/settings.hpp"
#include "platform/api/refusal.hpp"
#include "platform/audit/trail.hpp"
#include "platform/db/database.hpp"

namespace wildnout::identity {

inline constexpr api::Refusal last_admin{409, "conflict", "This is the last admin"};

// One a shard. Each step is in the audit trail, in its own transaction; what it changes holds on
// every node within a second.
class Administration {
 public:
  Administration(const Settings& settings, SessionBook& book, const audit::Trail& trail)
      : settings_{settings}, book_{book}, trail_{trail} {}

  // An admin by configuration stays one whatever is set. Refuses: not_found, last_admin.
  [[nodiscard]] Task<AdministeredUser> set_roles(db::Scope scope, audit::Author author, UserId user,
                                                 SetRoles wish);
  // Closes the user's sockets. Refuses: not_found, last_admin, validation_error for an `until` that
  // is over.
  [[nodiscard]] Task<AdministeredUser> suspend(db::Scope scope, audit::Author author, UserId user,
                                               Suspend wish);
  // What Clerk has banned stays banned.
  [[nodiscard]] Task<AdministeredUser> unsuspend(db::Scope scope, audit::Author author,
                                                 UserId user);

  // In a transaction that takes the user out of the way for good. Throws last_admin.
  [[nodiscard]] Task<> require_other_admin(db::Session& db, const AdministeredUser& user);

 private:
  [[nodiscard]] bool is_admin(const AdministeredUser& user) const;

  const Settings& settings_;
  SessionBook& book_;
  const audit::Trail& trail_;
};

}  // namespace wildnout::identity
