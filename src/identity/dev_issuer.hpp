// The development issuer: a real RS256 issuer for local work.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "contracts/ids.hpp"
#include "identity/rules.hpp"
#include "platform/crypto/jwks.hpp"

namespace wildnout::identity {

// `iss` of its tokens. Not a name that anybody could own (RFC 2606).
inline constexpr std::string_view dev_issuer_name = "https://issuer.wildnout.invalid";
inline constexpr std::string_view dev_key_file = "dev-issuer.pem";

// One for the process, in development only. Its key lies in a file, so that tokens survive a
// restart. Safe on any thread.
class DevIssuer {
 public:
  // Takes the key under `folder`; makes folder and key where they are missing. Of several processes
  // that start at once all take the same key. Throws std::runtime_error or crypto::KeyFault.
  [[nodiscard]] static DevIssuer open(const std::filesystem::path& folder);

  [[nodiscard]] crypto::KeySet keys() const { return {{{key_id_, key_.public_key()}}, {}}; }
  [[nodiscard]] static IssuerPolicy policy();
  // The body of GET /dev/jwks.json.
  [[nodiscard]] std::string jwks() const;
  // A session token shaped like Clerk's, with the user's id as `sub`.
  [[nodiscard]] std::string sign(UserId user, const std::string& session_id, Timestamp issued_at,
                                 Timestamp expires_at) const;

 private:
  explicit DevIssuer(crypto::SigningKey key);

  crypto::SigningKey key_;
  std::string key_id_;
};

}  // namespace wildnout::identity
