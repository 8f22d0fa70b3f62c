// Routes by which administrators read what is personal.
#include "identity/personal_records.hpp"
#include "identity/routes.hpp"
#include "platform/api/answers.hpp"
#include "platform/json/json.hpp"

namespace wildnout::identity {

void mount_personal_records(api::Router& router, PersonalRecords& records) {
  using Reader = api::Permitted<"user:read-personal">;
  router.get("/admin/users/{id}",
             [&records](Reader admin, api::Origin origin, db::Scope scope,
                        api::Path<UserId> id) -> Task<PersonalRecord> {
               return records.read(scope, audit::author_of(admin, origin), *id);
             },
             {.summary = "An account with its address and sessions; the look is on record",
              .tag = "administration"});
  // The address in the body: paths and queries end up in logs and histories.
  router.post("/admin/users/search",
              [&records](Reader admin, api::Origin origin, db::Scope scope,
                         api::Body<FindByEmail> body) -> Task<FoundUsers> {
                return records.find(scope, audit::author_of(admin, origin), body->email.raw());
              },
              {.summary = "Whose e-mail address it is; the look is on record",
               .tag = "administration",
               .tier = api::Tier::search});
}

}  // namespace wildnout::identity
