// What people say of themselves, how they stand to each other, and what administrators see.
#pragma once

#include <boost/describe/class.hpp>
#include <boost/describe/enum.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "contracts/ids.hpp"
#include "identity/clerk_events.hpp"
#include "identity/rules.hpp"
#include "identity/usernames.hpp"
#include "platform/values/constraints.hpp"
#include "platform/values/time.hpp"

namespace wildnout::identity {

inline constexpr std::size_t max_links = 5;

// ---- PATCH /users/me

struct ChangeProfile {
  Patch<Text<min_username, max_username>> username;
  Omittable<Text<1, max_display_name>> display_name;
  Patch<Url> avatar_url;
  Patch<Text<1, 500>> bio;
  Patch<Text<1, 100>> location;
  Omittable<List<Url, max_links>> links;
};
BOOST_DESCRIBE_STRUCT(ChangeProfile, (), (username, display_name, avatar_url, bio, location, links))

// ---- preferences

enum class Visibility : std::uint8_t { public_, followers, private_ };
BOOST_DESCRIBE_ENUM(Visibility, public_, followers, private_)

enum class Messengers : std::uint8_t { everyone, followers, nobody };
BOOST_DESCRIBE_ENUM(Messengers, everyone, followers, nobody)

struct Channels {
  Omittable<bool> in_app;
  Omittable<bool> email;
  Omittable<bool> push;
};
BOOST_DESCRIBE_STRUCT(Channels, (), (in_app, email, push))

struct NotificationWishes {
  Omittable<Channels> battles;
  Omittable<Channels> follows;
  Omittable<Channels> comments;
  Omittable<Channels> reactions;
  Omittable<Channels> messages;
  Omittable<Channels> achievements;
  Omittable<Channels> moderation;
};
BOOST_DESCRIBE_STRUCT(NotificationWishes, (),
                      (battles, follows, comments, reactions, messages, achievements, moderation))

struct PrivacyWishes {
  Omittable<Visibility> profile_visibility;
  Omittable<Messengers> who_may_message;
  Omittable<bool> show_wallet;
};
BOOST_DESCRIBE_STRUCT(PrivacyWishes, (), (profile_visibility, who_may_message, show_wallet))

// As asked for, as kept, and as answered; answers have every member. What is left out of a request
// stays as it was.
struct Preferences {
  Omittable<NotificationWishes> notifications;
  Omittable<PrivacyWishes> privacy;
  Omittable<Text<2, 35>> language;  // BCP 47
  Omittable<bool> content_warnings;
};
BOOST_DESCRIBE_STRUCT(Preferences, (), (notifications, privacy, language, content_warnings))

// ---- people in lists

struct Person {
  UserId id;
  std::optional<std::string> username;
  std::string display_name;
  std::optional<std::string> avatar_url;
};
BOOST_DESCRIBE_STRUCT(Person, (), (id, username, display_name, avatar_url))

// ---- administration

struct SetRoles {
  List<Role, role_count> roles;
};
BOOST_DESCRIBE_STRUCT(SetRoles, (), (roles))

struct Suspend {
  Text<1, 500> reason;
  std::optional<Timestamp> until;  // none: until it is lifted
};
BOOST_DESCRIBE_STRUCT(Suspend, (), (reason, until))

struct AdministeredUser {
  UserId id;
  std::optional<std::string> username;
  std::string display_name;
  std::vector<std::string> roles;
  std::optional<Timestamp> suspended_at;
  std::optional<Timestamp> suspended_until;
  std::optional<std::string> suspension_reason;
  Timestamp created_at;
};
BOOST_DESCRIBE_STRUCT(AdministeredUser, (),
                      (id, username, display_name, roles, suspended_at, suspended_until,
                       suspension_reason, created_at))

}  // namespace wildnout::identity
