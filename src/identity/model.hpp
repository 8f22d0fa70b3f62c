// Rows, requests and answers of the identity module.
#pragma once

#include <boost/describe/class.hpp>
#include <boost/describe/enum.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "contracts/ids.hpp"
#include "identity/people_model.hpp"
#include "identity/protected.hpp"
#include "identity/rules.hpp"
#include "identity/usernames.hpp"
#include "platform/values/constraints.hpp"
#include "platform/values/time.hpp"

namespace wildnout::identity {

// ---- rows

// What a request needs to know of its caller.
struct UserRow {
  UserId id;
  std::optional<std::string> clerk_id;
  std::string display_name;
  bool is_suspended;
  bool is_deleted;
  bool is_session_over;            // the one that was asked for
  std::vector<std::string> roles;  // beside `user`
};
BOOST_DESCRIBE_STRUCT(UserRow, (),
                      (id, clerk_id, display_name, is_suspended, is_deleted, is_session_over,
                       roles))

struct ProfileRow {
  UserId id;
  std::optional<std::string> username;
  std::string display_name;
  std::optional<std::string> avatar_url;
  std::optional<std::string> bio;
  std::optional<std::string> location;
  std::vector<std::string> links;
  std::int64_t follower_count;
  std::int64_t following_count;
  std::optional<ProtectedEmail> email;
  std::string preferences;  // JSON
  std::optional<Timestamp> deletion_due_at;
  Timestamp created_at;
};
BOOST_DESCRIBE_STRUCT(ProfileRow, (),
                      (id, username, display_name, avatar_url, bio, location, links, follower_count,
                       following_count, email, preferences, deletion_due_at, created_at))

struct TicketRow {
  UserId user_id;
  std::string session_id;
  Timestamp token_expires_at;
  bool is_fresh;
};
BOOST_DESCRIBE_STRUCT(TicketRow, (), (user_id, session_id, token_expires_at, is_fresh))

// A user to be.
struct NewUser {
  UserId id;
  std::optional<std::string> clerk_id;
  std::optional<std::string> username;
  std::optional<std::string> username_key;
  std::string display_name;
  bool is_demo = false;

  void take_name(std::string name) {
    username_key = identity::username_key(name);
    username = std::move(name);
  }
};

// ---- answers

enum class Method : std::uint8_t { bearer, cookie };
BOOST_DESCRIBE_ENUM(Method, bearer, cookie)

struct Session {
  UserId user_id;
  std::string session_id;
  std::vector<std::string> roles;
  std::vector<std::string> permissions;
  Timestamp expires_at;
  Method method;
  Omittable<std::string> impersonated_by;  // who acts in the user's name, by the issuer's id
};
BOOST_DESCRIBE_STRUCT(Session, (),
                      (user_id, session_id, roles, permissions, expires_at, method,
                       impersonated_by))

struct CsrfToken {
  std::string csrf_token;
};
BOOST_DESCRIBE_STRUCT(CsrfToken, (), (csrf_token))

struct ListedSession {
  std::string id;
  Timestamp created_at;
  Timestamp last_active_at;  // a minute late at most
  std::optional<std::string> ip_address;
  std::optional<std::string> user_agent;
  bool current;  // the one that asks
};
BOOST_DESCRIBE_STRUCT(ListedSession, (),
                      (id, created_at, last_active_at, ip_address, user_agent, current))

struct Ticket {
  std::string ticket;
  Timestamp expires_at;
};
BOOST_DESCRIBE_STRUCT(Ticket, (), (ticket, expires_at))

struct ProfileStats {
  std::int64_t battles = 0;
  std::int64_t wins = 0;
  std::int64_t content = 0;
  std::int64_t followers = 0;
  std::int64_t following = 0;
};
BOOST_DESCRIBE_STRUCT(ProfileStats, (), (battles, wins, content, followers, following))

struct Profile {
  UserId id;
  std::optional<std::string> username;
  std::string display_name;
  std::optional<std::string> avatar_url;
  std::optional<std::string> bio;
  std::int32_t level = 1;
  std::int64_t points = 0;
  ProfileStats stats;
  std::vector<std::string> achievements;
  Timestamp created_at;
};
BOOST_DESCRIBE_STRUCT(Profile, (),
                      (id, username, display_name, avatar_url, bio, level, points, stats,
                       achievements, created_at))

// What only its owner sees beside it.
struct OwnProfile : Profile {
  std::optional<std::string> location;
  std::vector<std::string> links;
  std::vector<std::string> roles;
  std::optional<std::string> email;
  Preferences preferences;
  std::optional<Timestamp> deletion_scheduled_at;
};
BOOST_DESCRIBE_STRUCT(OwnProfile, (Profile),
                      (location, links, roles, email, preferences, deletion_scheduled_at))

struct WebhookTaken {
  bool success;
};
BOOST_DESCRIBE_STRUCT(WebhookTaken, (), (success))

// ---- the development issuer

inline constexpr std::int32_t dev_token_seconds = 24 * 3600;  // unless asked for
inline constexpr std::int32_t max_dev_token_seconds = 30 * 24 * 3600;

struct DevTokenRequest {
  std::optional<UserId> user_id;                // none: a new user
  std::optional<Text<1, 64>> username;          // of the new user
  std::optional<List<Role, role_count>> roles;  // granted to the user
  std::optional<Number<1, max_dev_token_seconds>> ttl_seconds;
};
BOOST_DESCRIBE_STRUCT(DevTokenRequest, (), (user_id, username, roles, ttl_seconds))

struct DevToken {
  std::string token;
  UserId user_id;
  std::string session_id;
  Timestamp expires_at;
};
BOOST_DESCRIBE_STRUCT(DevToken, (), (token, user_id, session_id, expires_at))

}  // namespace wildnout::identity
