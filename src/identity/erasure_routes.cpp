// Routes of leaving, and of coming back in time.
#include "identity/erasure.hpp"
#include "identity/routes.hpp"
#include "platform/api/answers.hpp"
#include "platform/json/json.hpp"

namespace wildnout::identity {

struct HowToLeave {
  bool immediate = false;
};
BOOST_DESCRIBE_STRUCT(HowToLeave, (), (immediate))

namespace {

Task<api::NoContent> leave(Erasures& erasures, db::Scope scope, audit::Author author, UserId user,
                           bool is_immediate) {
  co_await erasures.ask(scope, std::move(author), user, is_immediate);
  co_return api::NoContent{};
}

Task<OwnProfile> restore(Erasures& erasures, Service& service, db::Scope scope,
                         audit::Author author, api::Caller caller) {
  co_await erasures.restore(scope, std::move(author), UserId{caller.user_id});
  co_return co_await service.own_profile(std::move(caller));
}

}  // namespace

void mount_erasure(api::Router& router, Erasures& erasures, Service& service) {
  router.del("/users/me",
             [&erasures](api::Caller caller, db::Scope scope, api::Query<HowToLeave> how,
                         api::Origin origin) -> Task<api::NoContent> {
               return leave(erasures, scope, audit::author_of(caller, origin),
                            UserId{caller.user_id}, how->immediate);
             },
             {.summary = "Delete one's account, in 30 days or at once",
              .tag = "users",
              .refusals = {&last_admin},
              .tier = api::Tier::write,
              .description = "Until then POST /users/me/restore takes it back."});
  router.post("/users/me/restore",
              [&erasures, &service](api::Caller caller, db::Scope scope,
                                    api::Origin origin) -> Task<OwnProfile> {
                audit::Author author = audit::author_of(caller, origin);
                return restore(erasures, service, scope, std::move(author), std::move(caller));
              },
              {.summary = "Take back the deletion of one's account",
               .tag = "users",
               .refusals = {&api::conflict},
               .tier = api::Tier::write});
}

}  // namespace wildnout::identity
