// Routes of administrators on users.
#include "identity/administration.hpp"
#include "identity/routes.hpp"
#include "platform/api/answers.hpp"
#include "platform/json/json.hpp"

namespace wildnout::identity {

void mount_administration(api::Router& router, Administration& administration) {
  using Admin = api::Permitted<"user:administer">;
  router.put(
      "/admin/users/{id}/roles",
      [&administration](Admin admin, api::Origin origin, db::Scope scope, api::Path<UserId> id,
                        api::Body<SetRoles> body) -> Task<AdministeredUser> {
        return administration.set_roles(scope, audit::author_of(admin, origin), *id,
                                        std::move(body.value));
      },
      {.summary = "Set a user's roles",
       .tag = "administration",
       .refusals = {&last_admin},
       .tier = api::Tier::write,
       .is_destructive = true});
  router.post(
      "/admin/users/{id}/suspend",
      [&administration](Admin admin, api::Origin origin, db::Scope scope, api::Path<UserId> id,
                        api::Body<Suspend> body) -> Task<AdministeredUser> {
        return administration.suspend(scope, audit::author_of(admin, origin), *id,
                                      std::move(body.value));
      },
      {.summary = "Suspend a user: refused everywhere at once",
       .tag = "administration",
       .refusals = {&last_admin},
       .tier = api::Tier::write,
       .is_destructive = true});
  router.post("/admin/users/{id}/unsuspend",
              [&administration](Admin admin, api::Origin origin, db::Scope scope,
                                api::Path<UserId> id) -> Task<AdministeredUser> {
                return administration.unsuspend(scope, audit::author_of(admin, origin), *id);
              },
              {.summary = "Lift a suspension",
               .tag = "administration",
               .tier = api::Tier::write,
               .is_destructive = true});
}

}  // namespace wildnout::identity
