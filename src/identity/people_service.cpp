// The rules of profiles and ties.
#include "identity/people_service.hpp"

#include "contracts/users.hpp"
#include "identity/preferences.hpp"
#include "identity/profile_tags.hpp"
#include "identity/usernames.hpp"
#include "platform/bus/outbox.hpp"
#include "platform/json/json.hpp"

namespace wildnout::identity {
namespace {

template <class T, class Kept>
void put(const Patch<T>& change, std::optional<Kept>& kept) {
  if (!change.is_present()) return;
  kept = change.value() ? std::optional<Kept>{change.value()->raw()} : std::nullopt;
}

// The username in its normal form. Throws Refused where it may not be had.
std::string fit_username(std::string username) {
  std::string fault = username_fault(username);
  if (!fault.empty()) api::refuse_invalid({{"/username", std::move(fault)}});
  return username;
}

}  // namespace

Viewer viewer_of(const std::optional<api::Caller>& caller) {
  if (!caller) return {};
  return {UserId{caller->user_id}, caller->may("moderation:decide")};
}

Task<> PeopleService::change_profile(db::Scope scope, UserId user, ChangeProfile change,
                                     std::string if_match) {
  try {
    co_await scope.transact(
        [&](db::Session& db) -> Task<> { co_await write_profile(db, user, change, if_match); });
  } catch (const db::Error& fault) {
    if (!fault.is_unique_violation()) throw;
    throw api::Refused{username_taken};
  }
}

Task<> PeopleService::write_profile(db::Session& db, UserId user, const ChangeProfile& change,
                                    const std::string& if_match) {
  auto profile = co_await lock_profile(db, user);
  api::require(profile.has_value(), api::not_found);
  // Under the lock: of two who saw the same version one is told that it is gone.
  api::require(matches_editable(if_match, editable_tag(*profile)), api::precondition_failed);
  const auto& wish = change.username;
  if (wish.is_present()) {
    profile->username.reset();
    if (wish.value()) profile->username = fit_username(wish.value()->raw());
  }
  if (change.display_name) profile->display_name = change.display_name->raw();
  put(change.avatar_url, profile->avatar_url);
  put(change.bio, profile->bio);
  put(change.location, profile->location);
  if (change.links) {
    profile->links.clear();
    for (const Url& link : *change.links) profile->links.push_back(link.raw());
  }
  std::optional<std::string> key;
  if (profile->username) key = username_key(*profile->username);
  co_await update_profile(db, user, std::move(*profile), std::move(key));
  co_await bus::publish(db, user.value, UserUpdated{user});
  co_await book_.change_user(db, ChangeKind::user_changed, user);
}

Task<Preferences> PeopleService::preferences(UserId user) {
  const auto json = co_await find_preferences(database_.session(), user);
  api::require(json.has_value(), api::not_found);
  co_return preferences_of(*json);
}

Task<Preferences> PeopleService::change_preferences(db::Scope scope, UserId user,
                                                    Preferences wished) {
  co_return co_await scope.transact([&](db::Session& db) -> Task<Preferences> {
    const auto json = co_await lock_preferences(db, user);
    api::require(json.has_value(), api::not_found);
    Preferences preferences = put_over(preferences_of(*json), wished);
    co_await update_preferences(db, user, json::text_of(preferences),
                                *preferences.privacy->profile_visibility);
    co_return preferences;
  });
}

Task<> PeopleService::tie(db::Scope scope, Tie tie, UserId user, UserId other) {
  api::require(user != other, own_self);
  co_await scope.transact([&](db::Session& db) -> Task<> {
    api::require(co_await lock_both(db, user, other) == 2, api::not_found);
    switch (tie) {
      case Tie::follow:
        api::require(co_await may_follow(db, user, other), api::not_found);
        if (co_await insert_follow(db, user, other)) {
          co_await bus::publish(db, other.value, FollowCreated{user, other});
        }
        break;
      case Tie::block:
        co_await insert_block(db, user, other);
        co_await end_follow(db, user, other);
        co_await end_follow(db, other, user);
        break;
      case Tie::mute:
        co_await insert_mute(db, user, other);
        break;
    }
  });
}

Task<> PeopleService::untie(db::Scope scope, Tie tie, UserId user, UserId other) {
  api::require(user != other, own_self);
  co_await scope.transact([&](db::Session& db) -> Task<> {
    api::require(co_await lock_both(db, user, other) == 2, api::not_found);
    switch (tie) {
      case Tie::follow:
        co_await end_follow(db, user, other);
        break;
      case Tie::block:
        co_await delete_block(db, user, other);
        break;
      case Tie::mute:
        co_await delete_mute(db, user, other);
        break;
    }
  });
}

Task<> PeopleService::end_follow(db::Session& db, UserId follower, UserId followed) {
  if (!co_await delete_follow(db, follower, followed)) co_return;
  co_await bus::publish(db, followed.value, FollowRemoved{follower, followed});
}

Task<std::vector<FollowRow>> PeopleService::followers(UserId user, Viewer viewer,
                                                      std::optional<FollowAt> after,
                                                      std::int32_t limit) {
  api::require(co_await may_see_profile(database_.session(), user, viewer), api::not_found);
  co_return co_await find_followers(database_.session(), user, std::move(after), limit);
}

Task<std::vector<FollowRow>> PeopleService::following(UserId user, Viewer viewer,
                                                      std::optional<FollowAt> after,
                                                      std::int32_t limit) {
  api::require(co_await may_see_profile(database_.session(), user, viewer), api::not_found);
  co_return co_await find_following(database_.session(), user, std::move(after), limit);
}

Task<std::vector<FoundPerson>> PeopleService::search(std::string text, Viewer viewer,
                                                     std::optional<RankAt> after,
                                                     std::int32_t limit) {
  return search_people(database_.session(db::Work::slow), std::move(text), viewer, std::move(after),
                       limit);
}

}  // namespace wildnout::identity
