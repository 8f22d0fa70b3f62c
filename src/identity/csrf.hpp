// Proof that a request by cookie was meant by the page that holds the session.
#pragma once

#include <string>
#include <string_view>
#include <utility>

#include "platform/crypto/digest.hpp"

namespace wildnout::identity {

// A token is HMAC-SHA256 over the session's id: nothing is kept, every node takes it, and it ends
// with the session. Other sites can send the cookie, but not read the token. Safe on any thread.
class CsrfTokens {
 public:
  // The key must be the same on every node.
  explicit CsrfTokens(std::string key) : key_{std::move(key)} {}

  [[nodiscard]] std::string token_of(std::string_view session_id) const {
    return crypto::base64url(crypto::hmac_sha256(key_, session_id));
  }
  [[nodiscard]] bool accepts(std::string_view token, std::string_view session_id) const {
    return crypto::are_equal(token, token_of(session_id));
  }

 private:
  std::string key_;
};

}  // namespace wildnout::identity
