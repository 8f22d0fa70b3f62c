// What Clerk's webhooks say, as far as it is of use here.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "platform/values/time.hpp"

namespace wildnout::identity {

inline constexpr std::size_t max_display_name = 64;  // code points
inline constexpr std::size_t max_email_bytes = 320;

// A user's state at Clerk.
struct ClerkUser {
  std::string id;
  Timestamp updated_at;
  std::optional<std::string> username;
  std::optional<std::string> display_name;  // of the first and last name, or the username
  std::optional<std::string> avatar_url;
  std::optional<std::string> email;  // the primary one
  bool is_banned = false;
  std::optional<Timestamp> locked_until;
};

struct ClerkUserDeleted {
  std::string id;
};

struct ClerkSessionBegun {
  std::string id;
  std::string user_id;
  std::string ip_address;  // empty: not told
  std::string user_agent;
};

struct ClerkSessionEnded {
  std::string id;
  std::string user_id;
};

struct ClerkEvent {
  std::string type;
  std::string instance_id;  // empty: not told
  // Nothing: of no use here.
  std::variant<std::monostate, ClerkUser, ClerkUserDeleted, ClerkSessionBegun, ClerkSessionEnded>
      fact;
};

// What Clerk's Backend API answers: users as a list or one alone, as in events. Who is unfit to be
// taken is left out. Nothing when it is no such answer.
[[nodiscard]] std::optional<std::vector<ClerkUser>> parse_clerk_users(std::string_view body,
                                                                      Timestamp now);

// Takes a body whose signature was accepted. Nothing when it is no event, or one of a known type
// without what that type must have. Names and addresses that would not be taken from users are not
// taken from Clerk either: they are left out.
[[nodiscard]] std::optional<ClerkEvent> parse_clerk_event(std::string_view body, Timestamp now);

}  // namespace wildnout::identity
