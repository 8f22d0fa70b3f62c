// What operators and front-end developers look at: health, metrics, the API's own document.
#pragma once

#include <atomic>
#include <functional>
#include <string>
#include <vector>

#include "platform/api/router.hpp"
#include "platform/db/database.hpp"
#include "platform/redis/client.hpp"
#include "platform/values/network.hpp"
#include "platform/ws/hub.hpp"

namespace wildnout::ops {

// Shared by the shards: whether this node is on its way out.
struct NodeState {
  std::atomic<bool> is_draining{false};
  // Whether this node knows of every session that ended; safe on any thread, set before any asks.
  std::function<bool()> are_sessions_current;
};

// One a shard.
class Module {
 public:
  struct Settings {
    std::vector<Network> metrics_allow;  // beside loopback
    bool is_development = false;         // offers POST /dev/broadcast
  };

  // `redis` is null where there is none.
  Module(db::Database& database, ws::Hub& hub, NodeState& state, const redis::Client* redis,
         Settings settings)
      : database_{database},
        hub_{hub},
        state_{state},
        redis_{redis},
        settings_{std::move(settings)} {}

  void mount(api::Router& router);

  // After everything has been mounted: the document names every route.
  void set_document(std::string json) { document_ = std::move(json); }

 private:
  void mount_health(api::Router& router);
  void mount_metrics(api::Router& router);
  void mount_development(api::Router& router);
  [[nodiscard]] bool may_read_metrics(const boost::asio::ip::address& remote) const;

  db::Database& database_;
  ws::Hub& hub_;
  NodeState& state_;
  const redis::Client* redis_;
  Settings settings_;
  std::string document_;
};

// The text of /metrics, gauges of sockets brought up to date.
[[nodiscard]] std::string metrics_text(const ws::Hub& hub);

}  // namespace wildnout::ops
