// Routes of sessions, users and the development issuer.
#include "identity/routes.hpp"

#include "platform/api/answers.hpp"
#include "platform/json/json.hpp"

namespace wildnout::identity {
namespace {

Task<Session> show_session(api::Caller caller) { co_return Service::session(caller); }

Task<api::Plain> show_dev_keys(const Service& service, api::Origin origin) {
  service.require_dev_issuer(origin.remote);
  co_return api::Plain{service.dev_jwks(), "application/json", 200, ""};
}

}  // namespace

void mount_sessions(api::Router& router, Service& service, const CsrfTokens& csrf) {
  router.get("/auth/session",
             [](api::Caller caller) -> Task<Session> { return show_session(std::move(caller)); },
             {.summary = "Who is calling, and what they may do", .tag = "auth"});
  router.get("/auth/csrf",
             [&csrf](api::Caller caller) -> Task<CsrfToken> {
               co_return CsrfToken{csrf.token_of(caller.session_id)};
             },
             {.summary = "What a caller by cookie sends as X-CSRF-Token",
              .tag = "auth",
              .description = "Bound to the session, and good for as long as it lives."});
  router.post("/auth/ws-ticket",
              [&service](api::Caller caller, db::Scope scope) -> Task<Ticket> {
                return service.make_ticket(scope, std::move(caller));
              },
              {.summary = "A ticket that opens one WebSocket within 30 seconds",
               .tag = "auth",
               .tier = api::Tier::write});
}

void mount_users(api::Router& router, Service& service) {
  router.get("/users/me",
             [&service](api::Caller caller) -> Task<OwnProfile> {
               return service.own_profile(std::move(caller));
             },
             {.summary = "The caller's own profile", .tag = "users"});
  router.get("/users/{id}",
             [&service](std::optional<api::Caller>, api::Path<UserId> id) -> Task<Profile> {
               return service.profile(*id);
             },
             {.summary = "A public profile", .tag = "users"});
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
                     return service.issue(scope, std::move(request.value));
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
