// Profiles in their owners' hands, ties between people, and the search for them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "identity/people_repository.hpp"
#include "identity/session_book.hpp"
#include "identity/ties_repository.hpp"
#include "platform/api/access.hpp"
#include "platform/api/refusal.hpp"
#include "platform/db/database.hpp"

namespace wildnout::identity {

inline constexpr api::Refusal username_taken{
    409, "conflict", "Somebody has this username, or one that looks like it"};
inline constexpr api::Refusal own_self{409, "conflict", "Nobody can do this to themselves"};

enum class Tie : std::uint8_t { follow, block, mute };

// One a shard.
class PeopleService {
 public:
  PeopleService(db::Database& database, SessionBook& book) : database_{database}, book_{book} {}

  // Refuses: validation_error (a username that may not be had), username_taken, not_found;
  // precondition_failed when `if_match` names another version (profile_tags.hpp).
  [[nodiscard]] Task<> change_profile(db::Scope scope, UserId user, ChangeProfile change,
                                      std::string if_match = {});

  [[nodiscard]] Task<Preferences> preferences(UserId user);
  [[nodiscard]] Task<Preferences> change_preferences(db::Scope scope, UserId user,
                                                     Preferences wished);

  // Both are idempotent. Blocking ends follows in both directions. Refuses: own_self; not_found for
  // somebody who is not there, or whom the user may not follow.
  [[nodiscard]] Task<> tie(db::Scope scope, Tie tie, UserId user, UserId other);
  [[nodiscard]] Task<> untie(db::Scope scope, Tie tie, UserId user, UserId other);

  // Refuse: not_found for a profile that the viewer may not see.
  [[nodiscard]] Task<std::vector<FollowRow>> followers(UserId user, Viewer viewer,
                                                       std::optional<FollowAt> after,
                                                       std::int32_t limit);
  [[nodiscard]] Task<std::vector<FollowRow>> following(UserId user, Viewer viewer,
                                                       std::optional<FollowAt> after,
                                                       std::int32_t limit);

  [[nodiscard]] Task<std::vector<FoundPerson>> search(std::string text, Viewer viewer,
                                                      std::optional<RankAt> after,
                                                      std::int32_t limit);

 private:
  [[nodiscard]] Task<> write_profile(db::Session& db, UserId user, const ChangeProfile& change,
                                     const std::string& if_match);
  [[nodiscard]] static Task<> end_follow(db::Session& db, UserId follower, UserId followed);

  db::Database& database_;
  SessionBook& book_;
};

[[nodiscard]] Viewer viewer_of(const std::optional<api::Caller>& caller);

}  // namespace wildnout::identity
