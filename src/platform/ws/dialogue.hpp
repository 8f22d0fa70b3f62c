// What a client may say on a socket, and what it is answered.
#pragma once

#include "platform/ws/reader.hpp"

namespace wildnout::ws {

class Connection;

// Answers at once, or begins work on the connection and ends it when the answer is out.
void handle_message(Connection& connection, const Incoming& message);

}  // namespace wildnout::ws
