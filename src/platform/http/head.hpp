// What the server itself checks and reads in a request's head, beyond the grammar.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "platform/http/request.hpp"

namespace wildnout::http {

// Why the server refuses a request before any handler sees it. Codes are those of the contract.
struct Fault {
  std::uint16_t status;
  std::string_view code;
  std::string_view message;
};

inline constexpr Fault malformed_request_line{400, "validation_error", "Malformed request line"};
inline constexpr Fault malformed_target{400, "validation_error", "Malformed request target"};
inline constexpr Fault malformed_field{400, "validation_error", "Malformed header field"};
inline constexpr Fault bad_host{400, "validation_error", "Exactly one valid Host is required"};
inline constexpr Fault bad_framing{400, "validation_error",
                                   "Content-Length or Transfer-Encoding is not acceptable"};
inline constexpr Fault malformed_chunks{400, "validation_error", "Malformed chunked body"};
inline constexpr Fault bad_websocket_key{400, "validation_error",
                                         "Sec-WebSocket-Key must be 16 bytes in base64"};
inline constexpr Fault connect_refused{405, "method_not_allowed", "This is no proxy"};
inline constexpr Fault head_too_slow{408, "request_timeout", "The request did not arrive in time"};
inline constexpr Fault body_too_large{413, "payload_too_large", "The body is too large"};
inline constexpr Fault target_too_long{414, "headers_too_large", "The request target is too long"};
inline constexpr Fault websocket_version_refused{426, "validation_error",
                                                 "WebSocket version 13 is required"};
inline constexpr Fault head_too_large{431, "headers_too_large", "The header is too large"};
inline constexpr Fault internal_fault{500, "internal_error", "Something went wrong here"};
inline constexpr Fault unknown_version{505, "validation_error", "HTTP/1.1 is spoken here"};

// A fault's body in the error shape of the contract. `request_id` must be sane (see below).
[[nodiscard]] std::string error_body(const Fault& fault, std::string_view request_id);

struct Target {
  std::string_view path;   // begins with '/'
  std::string_view query;  // behind '?'
};

// Reads origin-form, absolute-form (its path counts) and `*` of OPTIONS (path "/"). Nothing: a form
// that this method may not have, or a fragment.
[[nodiscard]] std::optional<Target> split_target(Method method, std::string_view target);

// The characters of RFC 3986 host [":" port], possibly none.
[[nodiscard]] bool is_host(std::string_view value);

// 1 to 128 of [A-Za-z0-9._-]: safe in a header, a log line and JSON.
[[nodiscard]] bool is_sane_request_id(std::string_view value);

// For a valid W3C trace context level 1 `traceparent`: the one to answer with, of the same trace
// and a new span. Else empty.
[[nodiscard]] std::string answer_traceparent(std::string_view received);

// Whether a comma-separated list has this token, ASCII case-insensitively.
[[nodiscard]] bool lists_token(std::string_view list, std::string_view token);

// ASCII case-insensitive equality.
[[nodiscard]] bool same_word(std::string_view a, std::string_view b);

// 24 characters of base64 that stand for 16 bytes (RFC 6455 section 4.1).
[[nodiscard]] bool is_websocket_key(std::string_view value);

}  // namespace wildnout::http
