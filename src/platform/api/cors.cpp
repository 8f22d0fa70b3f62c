// The header lines of cross-origin answers.
#include "platform/api/cors.hpp"

#include <algorithm>

namespace wildnout::api {
namespace {

// What a page may read beside the few fields that it always may.
constexpr std::string_view exposed =
    "Access-Control-Expose-Headers: API-Version, Deprecation, ETag, Idempotency-Replayed, Location,"
    " RateLimit-Limit, RateLimit-Remaining, RateLimit-Reset, Retry-After, Sunset, X-Request-Id\r\n";
// What it may send beside the few fields that it always may; kept by browsers for ten minutes.
constexpr std::string_view taken =
    "Access-Control-Allow-Headers: Authorization, Content-Type, Idempotency-Key, If-Match,"
    " If-None-Match, X-CSRF-Token, X-Explain, X-Request-Id, traceparent\r\n"
    "Access-Control-Max-Age: 600\r\n";

}  // namespace

void Cors::add_headers(const http::Request& request, std::string_view allowed_methods,
                       http::Response& response) const {
  if (!is_on()) return;
  // Also where no origin was sent: a cache must not give that answer to a page.
  response.headers.append("Vary: Origin\r\n");
  const auto origin = request.header("Origin");
  if (!origin || std::ranges::find(origins_, *origin) == origins_.end()) return;
  response.add_header("Access-Control-Allow-Origin", *origin);
  response.headers.append("Access-Control-Allow-Credentials: true\r\n");
  const bool is_preflight = request.method == http::Method::options &&
                            request.header("Access-Control-Request-Method").has_value();
  if (!is_preflight) {
    response.headers.append(exposed);
    return;
  }
  response.add_header("Access-Control-Allow-Methods", allowed_methods);
  response.headers.append(taken);
}

}  // namespace wildnout::api
