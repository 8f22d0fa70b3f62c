// The one place where exceptions become answers.
#pragma once

#include <exception>
#include <string_view>

#include "platform/api/refusal.hpp"
#include "platform/http/response.hpp"

namespace wildnout::api {

// Seconds that a client is asked to wait when the service is overloaded or its database away.
inline constexpr unsigned unavailable_retry_seconds = 1;

// The error body of the contract: {"error":{"code","message","details"?,"requestId"}}, with
// WWW-Authenticate on 401 and Retry-After on 429 (from details.retryAfter) and 503.
[[nodiscard]] http::Response answer_refusal(const Refused& refused, std::string_view request_id);

// Any exception: refusals as they say, a database that is away or overloaded as 503, all else as
// 500. What is no refusal is logged here, once, with route and request id; the client learns
// nothing of it.
[[nodiscard]] http::Response answer_fault(std::exception_ptr fault, std::string_view route,
                                          std::string_view request_id);

}  // namespace wildnout::api
