// The only door of the identity module: builds its parts, mounts its routes.
#pragma once

#include <filesystem>
#include <optional>

#include "identity/authenticator.hpp"
#include "identity/dev_issuer.hpp"
#include "identity/keys.hpp"
#include "identity/service.hpp"
#include "identity/settings.hpp"
#include "platform/api/router.hpp"

namespace wildnout::identity {

// What all shards share. One for the process, made before the shards start; outlives them.
class Node {
 public:
  // `home`: the shard that reads keys. Throws crypto::KeyFault, std::runtime_error.
  Node(async::Shards& shards, unsigned home, Settings settings, std::optional<DevIssuer> dev_issuer)
      : settings_{std::move(settings)},
        dev_issuer_{std::move(dev_issuer)},
        csrf_{settings_.csrf_key},
        keys_{shards, home, key_sources(settings_, this->dev_issuer())} {}

  [[nodiscard]] const Settings& settings() const { return settings_; }
  [[nodiscard]] const DevIssuer* dev_issuer() const {
    return dev_issuer_ ? &*dev_issuer_ : nullptr;
  }
  [[nodiscard]] const CsrfTokens& csrf() const { return csrf_; }
  // `keys().run(client)` goes on the home shard.
  [[nodiscard]] KeyStore& keys() { return keys_; }

 private:
  Settings settings_;
  std::optional<DevIssuer> dev_issuer_;
  CsrfTokens csrf_;
  KeyStore keys_;
};

// One a shard, made and destroyed on it.
class Module {
 public:
  Module(Node& node, unsigned shard, db::Database& database, ProfileFacts& facts)
      : node_{node},
        service_{database, node.settings(), node.dev_issuer(), facts},
        authenticator_{node.keys(), shard, service_, node.csrf()} {}

  void mount(api::Router& router);

  [[nodiscard]] api::Authenticator& authenticator() { return authenticator_; }
  [[nodiscard]] Sessions& sessions() { return authenticator_; }
  [[nodiscard]] Service& service() { return service_; }

 private:
  Node& node_;
  Service service_;
  Authenticator authenticator_;
};

}  // namespace wildnout::identity
