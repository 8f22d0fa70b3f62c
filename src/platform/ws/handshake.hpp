// The opening handshake: RFC 6455 section 4.2.2, with permessage-deflate (RFC 7692).
#pragma once

#include <string>
#include <string_view>

namespace wildnout::ws {

struct Handshake {
  std::string response;      // the whole 101 answer
  bool is_deflated = false;  // permessage-deflate was agreed on
};

// `key`, `protocols`, `extensions`: the Sec-WebSocket-* fields as sent (the last two may be empty).
// Offers are taken as RFC 7692 section 7.1 has it; one that we cannot keep (a smaller window for
// our messages, an unknown parameter) is declined, and the next one looked at.
[[nodiscard]] Handshake answer_handshake(std::string_view key, std::string_view protocols,
                                         std::string_view extensions);

}  // namespace wildnout::ws
