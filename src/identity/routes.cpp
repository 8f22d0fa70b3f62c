// Routes of users and the development issuer.
#include "identity/routes.hpp"

#include "identity/profile_tags.hpp"
#include "platform/api/answers.hpp"
#include "platform/json/json.hpp"

namespace wildnout::identity {
namespace {

Task<api::Plain> show_dev_keys(const Service& service, api::Origin origin) {
  service.require_dev_issuer(origin.remote);
  co_return api::Plain{service.dev_jwks(), "application/json", 200, ""};
}

Task<api::Tagged<OwnProfile>> show_own(Service& service, api::Caller caller) {
  OwnProfile profile = co_await service.own_profile(std::move(caller));
  std::string tag = own_tag(profile);
  co_return api::Tagged<OwnProfile>{std::move(profile), std::move(tag)};
}

Task<api::Tagged<Profile>> show(Service& service, UserId id, Viewer viewer) {
  Profile profile = co_await service.profile(id, viewer);
  std::string tag = shown_tag(profile);
  co_return api::Tagged<Profile>{std::move(profile), std::move(tag)};
}

}  // namespace

void mount_users(api::Router& router, Service& service) {
  router.get("/users/me",
             [&service](api::Caller caller) -> Task<api::Tagged<OwnProfile>> {
               return show_own(service, std::move(caller));
             },
             {.summary = "The caller's own profile", .tag = "users"});
  router.get("/users/{id}",
             [&service](std::optional<api::Caller> caller, api::Path<UserId> id)
                 -> Task<api::Tagged<Profile>> { return show(service, *id, viewer_of(caller)); },
             {.summary = "A profile, as far as its owner lets the caller see it", .tag = "users"});
}

void mount_dev_issuer(api::Router& router, Service& service) {
  router.root_get("/dev/jwks.json",
                  [&service](api::Anyone, api::Origin origin) -> Task<api::Plain> {
                    return show_dev_keys(service, origin);
                  },
                  {.summary = "The development issuer's public key",
                   .tag = "development",
                   .refusals = {&api::not_found},
                   .content_type = "application/json"});
  router.root_post("/dev/token",
                   [&service](api::Anyone, db::Scope scope, api::Origin origin,
                              api::Body<DevTokenRequest> request) -> Task<DevToken> {
                     service.require_dev_issuer(origin.remote);
                     audit::Author author{std::nullopt, origin.remote.to_string(),
                                          std::string{origin.user_agent},
                                          std::string{origin.request_id}};
                     return service.issue(scope, std::move(request.value), std::move(author));
                   },
                   {.summary = "A session token of the development issuer",
                    .tag = "development",
                    .refusals = {&api::not_found},
                    .tier = api::Tier::unlimited,
                    .description = "In development alone. Without userId a new user is made, with "
                                   "username when given; each call makes a new session; roles are "
                                   "granted to the user."});
}

}  // namespace wildnout::identity
