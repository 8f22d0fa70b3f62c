// The rules of administration. Whoever may take an admin away takes one lock before any row.
#include "identity/administration.hpp"

#include <algorithm>

#include "contracts/users.hpp"
#include "identity/administration_repository.hpp"
#include "platform/bus/outbox.hpp"
#include "platform/json/json.hpp"

namespace wildnout::identity {

// What the audit trail keeps of a step.
struct RolesChanged {
  std::vector<std::string> before;
  std::vector<std::string> after;
};
BOOST_DESCRIBE_STRUCT(RolesChanged, (), (before, after))

namespace {

audit::Fact fact_of(std::string action, UserId user, std::string metadata = "{}") {
  return {.action = std::move(action),
          .subject_type = "user",
          .subject_id = user.text(),
          .severity = audit::Severity::warning,
          .metadata = std::move(metadata)};
}

const std::string admin_role{RoleSet::name_of(Role::admin)};

Task<AdministeredUser> held(db::Session& db, UserId user) {
  auto row = co_await lock_user(db, user);
  api::require(row.has_value(), api::not_found);
  co_return std::move(*row);
}

// As answers show them: `user` first, then as the enum has them.
AdministeredUser shown(AdministeredUser user) {
  RoleSet roles;
  for (const std::string& role : user.roles) roles.add(std::string_view{role});
  const auto names = roles.names();
  user.roles.assign(names.begin(), names.end());
  return user;
}

}  // namespace

bool Administration::is_admin(const AdministeredUser& user) const {
  return std::ranges::find(user.roles, admin_role) != user.roles.end();
}

Task<> Administration::require_other_admin(db::Session& db, const AdministeredUser& user) {
  if (!is_admin(user)) co_return;
  const bool is_left = co_await has_other_admin(db, user.id, settings_.admin_user_ids);
  api::require(is_left, last_admin);
}

Task<AdministeredUser> Administration::set_roles(db::Scope scope, audit::Author author, UserId user,
                                                 SetRoles wish) {
  std::vector<std::string> roles;
  for (const Role role : wish.roles) {
    if (role != Role::user) roles.emplace_back(RoleSet::name_of(role));
  }
  co_return co_await scope.transact([&](db::Session& db) -> Task<AdministeredUser> {
    co_await lock_admins(db);
    const AdministeredUser before = co_await held(db, user);
    const bool stays_admin = std::ranges::find(roles, admin_role) != roles.end();
    if (!stays_admin) co_await require_other_admin(db, before);
    co_await replace_roles(db, user, roles);
    co_await trail_.record(
        db, author,
        fact_of("user.rolesChanged", user, json::text_of(RolesChanged{before.roles, roles})));
    co_await bus::publish(db, user.value, UserUpdated{user});
    co_await book_.change_user(db, ChangeKind::user_changed, user);
    co_return shown(co_await held(db, user));
  });
}

Task<AdministeredUser> Administration::suspend(db::Scope scope, audit::Author author, UserId user,
                                               Suspend wish) {
  if (wish.until && *wish.until <= system_now()) {
    api::refuse_invalid({{"/until", "must be in the future"}});
  }
  co_return co_await scope.transact([&](db::Session& db) -> Task<AdministeredUser> {
    co_await lock_admins(db);
    co_await require_other_admin(db, co_await held(db, user));
    co_await update_suspension(db, user, wish.reason, wish.until);
    co_await trail_.record(db, author, fact_of("user.suspended", user, json::text_of(wish)));
    co_await bus::publish(db, user.value, UserSuspended{user, wish.until});
    co_await book_.change_user(db, ChangeKind::user_barred, user);
    co_return shown(co_await held(db, user));
  });
}

Task<AdministeredUser> Administration::unsuspend(db::Scope scope, audit::Author author,
                                                 UserId user) {
  co_return co_await scope.transact([&](db::Session& db) -> Task<AdministeredUser> {
    (void)co_await held(db, user);
    co_await clear_suspension(db, user);
    co_await trail_.record(db, author, fact_of("user.unsuspended", user));
    co_await bus::publish(db, user.value, UserUpdated{user});
    co_await book_.change_user(db, ChangeKind::user_changed, user);
    co_return shown(co_await held(db, user));
  });
}

}  // namespace wildnout::identity
