// What the identity module is told at start.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "identity/dev_issuer.hpp"
#include "identity/keys.hpp"
#include "identity/rules.hpp"
#include "platform/crypto/key_ring.hpp"
#include "platform/crypto/vault.hpp"
#include "platform/crypto/webhook.hpp"
#include "platform/values/constraints.hpp"

namespace wildnout::identity {

struct Settings {
  explicit Settings(crypto::Vault chosen_vault) : vault{std::move(chosen_vault)} {}

  crypto::Vault vault;  // of what is personal; the same on every node

  // Clerk. An empty issuer: not configured; else one of the three sources is set.
  IssuerPolicy clerk;
  std::string jwks_url;
  std::filesystem::path jwks_file;
  std::string pem;

  std::string csrf_key;  // the same on every node

  // Of Clerk's webhooks: any may have signed (they are being changed). Empty: none is accepted.
  std::vector<crypto::WebhookSecret> webhook_secrets;
  std::string clerk_instance_id;  // that webhooks must come from; empty: not looked at

  std::vector<std::string> admin_user_ids;  // Clerk's ids, or users' ids here
  bool is_dev_issuer_public = false;        // else it answers to loopback alone

  std::string public_url;  // what clients see, no slash at its end
  // Of the installation. One of its own where none is given: for tests.
  crypto::KeyRing keys = crypto::KeyRing::parse(crypto::KeyRing::make("own"));

  // Clerk's Backend API. No secret: its users are not gone through.
  std::string clerk_api_url = "https://api.clerk.com/v1";  // no slash at its end
  Secret<std::string> clerk_secret_key;
};

// `dev_issuer` is null where there is none. Throws crypto::KeyFault for an unfit PEM.
[[nodiscard]] std::vector<KeyStore::Source> key_sources(const Settings& settings,
                                                        const DevIssuer* dev_issuer);

}  // namespace wildnout::identity
