// What a route's declaration implies for its place in the document.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>

#include "platform/api/route.hpp"

namespace wildnout::api {

// With the versioned prefix, where there is one.
[[nodiscard]] std::string path_of(const Route& route);

// "getBattlesByIdVotes" for GET /battles/{id}/votes.
[[nodiscard]] std::string operation_id(const Route& route);

[[nodiscard]] bool takes_idempotency_key(const Route& route);

// The codes that may come with each status: the declared ones and those that the types imply.
[[nodiscard]] std::map<std::uint16_t, std::set<std::string_view>> refusals_of(const Route& route);

}  // namespace wildnout::api
