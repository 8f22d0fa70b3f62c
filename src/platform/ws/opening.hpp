// From a handed-over connection to a welcomed socket, or to its refusal.
#pragma once

#include "platform/http/server.hpp"

namespace wildnout::ws {

class Part;

void open_connection(Part& part, http::Upgrade upgrade);

}  // namespace wildnout::ws
