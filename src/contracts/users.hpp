// What the identity module tells and asks about people.
#pragma once

#include <boost/describe/class.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "contracts/ids.hpp"
#include "platform/async/task.hpp"
#include "platform/values/time.hpp"

namespace wildnout {

// A person as shown beside what they made; the columns of the view `user_summaries`.
struct PersonSummary {
  UserId id;
  std::string display_name;
  std::optional<std::string> avatar_url;
};
BOOST_DESCRIBE_STRUCT(PersonSummary, (), (id, display_name, avatar_url))

// A user came into being: by a first request, or by the development issuer.
struct UserRegistered {
  static constexpr std::string_view type = "user.registered";
  UserId user_id;
  std::string display_name;
  bool is_demo;
};
BOOST_DESCRIBE_STRUCT(UserRegistered, (), (user_id, display_name, is_demo))

// The profile, the roles or the standing of a user changed.
struct UserUpdated {
  static constexpr std::string_view type = "user.updated";
  UserId user_id;
};
BOOST_DESCRIBE_STRUCT(UserUpdated, (), (user_id))

// For good: what a module holds of the user's person has to go.
struct UserDeleted {
  static constexpr std::string_view type = "user.deleted";
  UserId user_id;
};
BOOST_DESCRIBE_STRUCT(UserDeleted, (), (user_id))

struct UserSuspended {
  static constexpr std::string_view type = "user.suspended";
  UserId user_id;
  std::optional<Timestamp> until;  // none: until it is lifted
};
BOOST_DESCRIBE_STRUCT(UserSuspended, (), (user_id, until))

struct FollowCreated {
  static constexpr std::string_view type = "follow.created";
  UserId follower_id;
  UserId followed_id;
};
BOOST_DESCRIBE_STRUCT(FollowCreated, (), (follower_id, followed_id))

struct FollowRemoved {
  static constexpr std::string_view type = "follow.removed";
  UserId follower_id;
  UserId followed_id;
};
BOOST_DESCRIBE_STRUCT(FollowRemoved, (), (follower_id, followed_id))

// The archive of everything that is held about the user can be fetched.
struct ExportReady {
  static constexpr std::string_view type = "export.ready";
  Uuid export_id;
  UserId user_id;
  Timestamp expires_at;
};
BOOST_DESCRIBE_STRUCT(ExportReady, (), (export_id, user_id, expires_at))

struct BattleRecord {
  std::int64_t battles;  // with an entry of theirs that was submitted
  std::int64_t wins;     // completed ones where such an entry is ranked first
};
BOOST_DESCRIBE_STRUCT(BattleRecord, (), (battles, wins))

// What a profile shows that belongs to other modules; one object a shard.
class ProfileFacts {
 public:
  virtual ~ProfileFacts() = default;
  [[nodiscard]] virtual Task<BattleRecord> battle_record(UserId user) = 0;
};

}  // namespace wildnout
