// The protected columns of this module: what they hold.
#pragma once

#include <boost/describe/class.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "platform/db/protected.hpp"

namespace wildnout::identity {

struct UserEmail {
  static constexpr std::string_view table = "users";
  static constexpr std::string_view column = "email";
};
using ProtectedEmail = db::Protected<UserEmail>;
using EmailIndex = db::BlindIndex<UserEmail>;

struct SessionOrigin {
  static constexpr std::string_view table = "sessions";
  static constexpr std::string_view column = "origin";
};
using ProtectedOrigin = db::Protected<SessionOrigin>;

// What is sealed in `sessions.origin`, as JSON.
struct Origin {
  std::optional<std::string> ip_address;
  std::optional<std::string> user_agent;
};
BOOST_DESCRIBE_STRUCT(Origin, (), (ip_address, user_agent))

// The form in which addresses are compared: ASCII letters in lower case. Two addresses that differ
// in case alone may be two by the standard, and are one with every provider that matters.
[[nodiscard]] std::string email_key(std::string_view email);

}  // namespace wildnout::identity
