// What the shards of one process share of the identity module.
#pragma once

#include <optional>

#include "identity/authenticator.hpp"
#include "identity/csrf.hpp"
#include "identity/dev_issuer.hpp"
#include "identity/keys.hpp"
#include "identity/session_book.hpp"
#include "identity/settings.hpp"
#include "identity/standing.hpp"

namespace wildnout::identity {

// One for the process, made before the shards start; outlives them.
class Node {
 public:
  // `home`: the shard that reads keys and changes of standing. Throws crypto::KeyFault,
  // std::runtime_error.
  Node(async::Shards& shards, unsigned home, Settings settings, std::optional<DevIssuer> dev_issuer,
       Standing::CloseSockets close_sockets)
      : shards_{shards},
        settings_{std::move(settings)},
        dev_issuer_{std::move(dev_issuer)},
        csrf_{settings_.csrf_key},
        keys_{shards, home, key_sources(settings_, this->dev_issuer())},
        standing_{shards, home, std::move(close_sockets)},
        books_(shards.size()) {}

  [[nodiscard]] async::Shards& shards() { return shards_; }
  [[nodiscard]] const Settings& settings() const { return settings_; }
  [[nodiscard]] const DevIssuer* dev_issuer() const {
    return dev_issuer_ ? &*dev_issuer_ : nullptr;
  }
  [[nodiscard]] const CsrfTokens& csrf() const { return csrf_; }
  // `keys().run(…)` and `standing().run(…)` go on the home shard.
  [[nodiscard]] KeyStore& keys() { return keys_; }
  [[nodiscard]] Standing& standing() { return standing_; }
  [[nodiscard]] SessionBooks& books() { return books_; }
  [[nodiscard]] Trust trust() { return {keys_, csrf_, standing_}; }

 private:
  async::Shards& shards_;
  Settings settings_;
  std::optional<DevIssuer> dev_issuer_;
  CsrfTokens csrf_;
  KeyStore keys_;
  Standing standing_;
  SessionBooks books_;
};

}  // namespace wildnout::identity
