// Why a request was allowed or refused, for those who may ask (X-Explain: 1).
#pragma once

#include <exception>
#include <string_view>

#include "platform/api/route.hpp"

namespace wildnout::api {

// Whether the caller asks for it and holds this permission. Empty: nobody is told.
[[nodiscard]] bool is_explained(const Call& call, std::string_view permission);

// Adds the field X-Explain: compact JSON of the decision, the rule that made it, and the facts that
// the rule looked at. `fault`: what the request ended with; none: it was served.
void add_explanation(const Call& call, const std::exception_ptr& fault, http::Response& response);

}  // namespace wildnout::api
