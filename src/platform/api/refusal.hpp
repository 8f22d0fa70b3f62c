// What a client can act on: a status, a code and a message, thrown where it is found out.
#pragma once

#include <cstdint>
#include <exception>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace wildnout::api {

// A named constant of static life time. Codes are those of the contract (section 1).
struct Refusal {
  std::uint16_t status;
  std::string_view code;
  std::string_view message;
};

// One fault of a request's data: an RFC 6901 pointer into the body, or the parameter's name.
struct Fault {
  std::string path;
  std::string message;
};

class Refused : public std::exception {
 public:
  explicit Refused(const Refusal& refusal) : refusal_{&refusal} {}
  // `details`: ready JSON for error.details.
  Refused(const Refusal& refusal, std::string details)
      : refusal_{&refusal}, details_{std::move(details)} {}

  [[nodiscard]] const Refusal& refusal() const { return *refusal_; }
  [[nodiscard]] const std::string& details() const { return details_; }
  [[nodiscard]] const char* what() const noexcept override { return refusal_->code.data(); }

 private:
  const Refusal* refusal_;
  std::string details_;
};

inline void require(bool condition, const Refusal& refusal) {
  if (!condition) throw Refused{refusal};
}

// 400 `validation_error` with every fault at once.
[[noreturn]] void refuse_invalid(const std::vector<Fault>& faults);

inline constexpr Refusal validation_error{400, "validation_error", "Invalid request data"};
inline constexpr Refusal malformed_json{400, "malformed_json", "The body is not valid JSON"};
inline constexpr Refusal invalid_cursor{400, "invalid_cursor", "The cursor is not of this list"};
inline constexpr Refusal unauthorized{401, "unauthorized", "Authentication required"};
inline constexpr Refusal token_expired{401, "token_expired", "The session token has expired"};
inline constexpr Refusal session_revoked{401, "session_revoked", "This session has ended"};
inline constexpr Refusal invalid_csrf_token{
    403, "invalid_csrf_token", "Send the session's token of GET /auth/csrf as X-CSRF-Token"};
inline constexpr Refusal forbidden{403, "forbidden", "You may not do this"};
inline constexpr Refusal account_suspended{403, "account_suspended", "This account is suspended"};
inline constexpr Refusal not_found{404, "not_found", "There is no such thing"};
inline constexpr Refusal method_not_allowed{405, "method_not_allowed",
                                            "This path does not take that method"};
inline constexpr Refusal conflict{409, "conflict", "The state does not allow this"};
inline constexpr Refusal idempotency_key_reused{
    409, "idempotency_key_reused", "This Idempotency-Key was used with another request"};
inline constexpr Refusal precondition_failed{412, "precondition_failed",
                                             "The resource has changed since"};
inline constexpr Refusal payload_too_large{413, "payload_too_large", "The body is too large"};
inline constexpr Refusal unsupported_media_type{415, "unsupported_media_type",
                                                "The body must be application/json"};
inline constexpr Refusal headers_too_large{431, "headers_too_large", "The header is too large"};
inline constexpr Refusal rate_limit_exceeded{429, "rate_limit_exceeded", "Too many requests"};
inline constexpr Refusal internal_error{500, "internal_error", "Something went wrong here"};
inline constexpr Refusal unavailable{503, "unavailable", "Please try again shortly"};

}  // namespace wildnout::api
