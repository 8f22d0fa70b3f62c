// Routes of profiles, preferences, ties and the search for people.
#include "identity/people_service.hpp"
#include "identity/profile_tags.hpp"
#include "identity/routes.hpp"
#include "platform/api/answers.hpp"
#include "platform/json/json.hpp"

namespace wildnout::identity {

struct SearchPeople {
  api::Required<Text<1, 100>> q;
  std::optional<std::string> cursor;
  api::Limit limit;
};
BOOST_DESCRIBE_STRUCT(SearchPeople, (), (q, cursor, limit))

struct ListFollows {
  std::optional<std::string> cursor;
  api::Limit limit;
};
BOOST_DESCRIBE_STRUCT(ListFollows, (), (cursor, limit))

namespace {

// At most `limit` of `rows`, which hold one more when there is a next page.
template <class Row, class Position>
api::Page<Person> page_of(std::vector<Row> rows, std::int32_t limit, Position position,
                          const api::Cursors& cursors, const std::string& name) {
  api::Page<Person> page;
  const auto most = static_cast<std::size_t>(limit);
  if (rows.size() > most) page.next_cursor = cursors.seal(position(rows[most - 1]), name);
  if (rows.size() > most) rows.resize(most);
  for (Row& row : rows) page.items.push_back(std::move(static_cast<Person&>(row)));
  return page;
}

Task<api::Page<Person>> search(PeopleService& people, const api::Cursors& cursors, Viewer viewer,
                               api::Query<SearchPeople> query) {
  const std::string name = query.list();
  std::optional<RankAt> after;
  if (query->cursor) after = cursors.open<RankAt>(*query->cursor, name);
  const std::int32_t limit = query->limit;
  auto rows = co_await people.search(query->q.value.raw(), viewer, after, limit + 1);
  co_return page_of(
      std::move(rows), limit,
      [](const FoundPerson& row) {
        return RankAt{row.rank, row.id};
      },
      cursors, name);
}

using Find = Task<std::vector<FollowRow>> (PeopleService::*)(UserId, Viewer,
                                                             std::optional<FollowAt>, std::int32_t);

// The cursor is of one user's list.
Task<api::Page<Person>> follows(PeopleService& people, Find find, const api::Cursors& cursors,
                                Viewer viewer, UserId user, api::Query<ListFollows> query) {
  const std::string name = query.list() + ' ' + user.text();
  std::optional<FollowAt> after;
  if (query->cursor) after = cursors.open<FollowAt>(*query->cursor, name);
  const std::int32_t limit = query->limit;
  auto rows = co_await (people.*find)(user, viewer, after, limit + 1);
  co_return page_of(
      std::move(rows), limit,
      [](const FollowRow& row) {
        return FollowAt{row.followed_at, row.id};
      },
      cursors, name);
}

Task<api::Tagged<OwnProfile>> change(PeopleService& people, Service& service, db::Scope scope,
                                     api::Caller caller, ChangeProfile wish, std::string if_match) {
  co_await people.change_profile(scope, UserId{caller.user_id}, std::move(wish),
                                 std::move(if_match));
  OwnProfile profile = co_await service.own_profile(std::move(caller));
  std::string tag = own_tag(profile);
  co_return api::Tagged<OwnProfile>{std::move(profile), std::move(tag)};
}

Task<api::NoContent> tie(PeopleService& people, db::Scope scope, Tie kind, UserId user,
                         UserId other) {
  co_await people.tie(scope, kind, user, other);
  co_return api::NoContent{};
}

Task<api::NoContent> untie(PeopleService& people, db::Scope scope, Tie kind, UserId user,
                           UserId other) {
  co_await people.untie(scope, kind, user, other);
  co_return api::NoContent{};
}

void mount_tie(api::Router& router, PeopleService& people, Tie kind, std::string_view pattern,
               std::string_view on, std::string_view off) {
  router.put(pattern,
             [&people, kind](api::Caller caller, db::Scope scope,
                             api::Path<UserId> id) -> Task<api::NoContent> {
               return tie(people, scope, kind, UserId{caller.user_id}, *id);
             },
             {.summary = on, .tag = "users", .refusals = {&own_self}, .tier = api::Tier::write});
  router.del(pattern,
             [&people, kind](api::Caller caller, db::Scope scope,
                             api::Path<UserId> id) -> Task<api::NoContent> {
               return untie(people, scope, kind, UserId{caller.user_id}, *id);
             },
             {.summary = off, .tag = "users", .refusals = {&own_self}, .tier = api::Tier::write});
}

void mount_ties(api::Router& router, PeopleService& people, const api::Cursors& cursors) {
  mount_tie(router, people, Tie::follow, "/users/{id}/follow", "Follow", "Follow no more");
  mount_tie(router, people, Tie::block, "/users/{id}/block",
            "Block: ends follows in both directions", "Block no more");
  mount_tie(router, people, Tie::mute, "/users/{id}/mute", "Mute", "Mute no more");
  router.get("/users/{id}/followers",
             [&people, &cursors](std::optional<api::Caller> caller, api::Path<UserId> id,
                                 api::Query<ListFollows> query) -> Task<api::Page<Person>> {
               return follows(people, &PeopleService::followers, cursors, viewer_of(caller), *id,
                              std::move(query));
             },
             {.summary = "Who follows somebody, the newest first", .tag = "users"});
  router.get("/users/{id}/following",
             [&people, &cursors](std::optional<api::Caller> caller, api::Path<UserId> id,
                                 api::Query<ListFollows> query) -> Task<api::Page<Person>> {
               return follows(people, &PeopleService::following, cursors, viewer_of(caller), *id,
                              std::move(query));
             },
             {.summary = "Whom somebody follows, the newest first", .tag = "users"});
}

void mount_preferences(api::Router& router, PeopleService& people) {
  router.get("/users/me/preferences",
             [&people](api::Caller caller) -> Task<Preferences> {
               return people.preferences(UserId{caller.user_id});
             },
             {.summary = "Notifications, privacy, language", .tag = "users"});
  router.put("/users/me/preferences",
             [&people](api::Caller caller, db::Scope scope,
                       api::Body<Preferences> body) -> Task<Preferences> {
               return people.change_preferences(scope, UserId{caller.user_id},
                                                std::move(body.value));
             },
             {.summary = "Change preferences; what is left out stays as it was",
              .tag = "users",
              .tier = api::Tier::write});
}

}  // namespace

void mount_people(api::Router& router, PeopleService& people, Service& service,
                  const api::Cursors& cursors) {
  router.get("/users",
             [&people, &cursors](std::optional<api::Caller> caller,
                                 api::Query<SearchPeople> query) -> Task<api::Page<Person>> {
               return search(people, cursors, viewer_of(caller), std::move(query));
             },
             {.summary = "People by name, the best match first",
              .tag = "users",
              .tier = api::Tier::search});
  router.patch(
      "/users/me",
      [&people, &service](api::Caller caller, db::Scope scope, api::Body<ChangeProfile> body,
                          api::Conditions conditions) -> Task<api::Tagged<OwnProfile>> {
        return change(people, service, scope, std::move(caller), std::move(body.value),
                      std::string{conditions.if_match()});
      },
      {.summary = "Change one's own profile",
       .tag = "users",
       .refusals = {&username_taken},
       .tier = api::Tier::write,
       .description = "A username is one's own when nobody has one that looks like it."});
  mount_preferences(router, people);
  mount_ties(router, people, cursors);
}

}  // namespace wildnout::identity
