// A client's message, decoded.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "platform/ws/home.hpp"

namespace wildnout::ws {

struct Command {
  std::string type;
  std::string id = "null";  // ready JSON: a number or a string as the client gave it
  std::string channel;      // empty: none, or not a name that a channel can have
  std::string token;
  std::optional<Since> since;
  bool is_since_faulty = false;
};

// Nothing when it is not JSON, not an object, or has no string `type`. Unknown members are passed
// over; nesting is limited.
[[nodiscard]] std::optional<Command> parse_command(std::string_view text);

}  // namespace wildnout::ws
