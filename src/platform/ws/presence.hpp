// Who is on a channel, across the shards.
#pragma once

#include <string>

#include "platform/async/task.hpp"

namespace wildnout::ws {

class Part;

// ,"count":n,"users":[{"id","displayName"}...] with at most 50 users. Gathered at most once per
// Limits::presence_age for a channel, however many ask. `part` must outlive the call.
[[nodiscard]] Task<std::string> presence_of(Part& part, std::string channel);

}  // namespace wildnout::ws
