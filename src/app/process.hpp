// What all shards of the process share.
#pragma once

#include <functional>
#include <optional>

#include "app/configuration.hpp"
#include "battles/node.hpp"
#include "identity/module.hpp"
#include "ops/module.hpp"
#include "platform/api/cors.hpp"
#include "platform/api/cursor.hpp"
#include "platform/api/rate_limiter.hpp"
#include "platform/async/cpu_pool.hpp"
#include "platform/async/shards.hpp"
#include "platform/audit/trail.hpp"
#include "platform/crypto/vault.hpp"
#include "platform/http/assets.hpp"
#include "platform/ws/hub.hpp"

namespace wildnout::app {

// Wakes the background work, which runs on shard 0.
class BackgroundWaker : public Background {
 public:
  explicit BackgroundWaker(async::Shards& shards) : shards_{shards} {}

  void wake() override;
  // On shard 0; empty: there is no background work here (any more).
  void set_target(std::function<void()> target) { target_ = std::move(target); }

 private:
  async::Shards& shards_;
  std::function<void()> target_;  // shard 0 alone
};

// Secrets of the process that are the same on every node.
struct Keys {
  std::string cursors;
  std::string networks;  // of voters
  std::string csrf;
  std::string sign_ins;  // networks of them
};

// Made before the shards start, destroyed after they have stopped.
struct Process {
  Process(Configuration chosen, Keys chosen_keys);

  Configuration configuration;
  Keys keys;
  async::Shards shards;
  async::CpuPool cpu_pool;
  ws::Hub hub;
  BackgroundWaker background;
  audit::Trail trail;
  crypto::Vault vault;
  identity::Node identity;
  battles::Node battles;
  http::Assets assets;
  api::Cursors cursors;
  api::Cors cors;
  std::optional<api::RateLimiter> limiter;  // none: RATE_LIMITS=off
  ops::NodeState state;
};

[[nodiscard]] db::Settings database_settings(const Configuration& configuration);

}  // namespace wildnout::app
