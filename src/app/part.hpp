// What one shard runs: its database, its modules, its router and its server, in that order.
#pragma once

#include <memory>
#include <optional>

#include "app/configuration.hpp"
#include "app/process.hpp"
#include "audit/kept_records.hpp"
#include "audit/module.hpp"
#include "battles/kept_records.hpp"
#include "battles/module.hpp"
#include "battles/profile.hpp"
#include "identity/module.hpp"
#include "ops/module.hpp"
#include "platform/api/shared_rate_limiter.hpp"
#include "platform/http/server.hpp"
#include "realtime/gate.hpp"

namespace wildnout::app {

// Made, used and destroyed on its shard's thread. The order of the members is the architecture:
// each may use those above it, and they are destroyed from the bottom up.
class Part : public http::Handler {
 public:
  Part(Process& process, unsigned shard);
  ~Part() override;

  [[nodiscard]] Task<http::Response> answer(http::Request& request) override;
  void upgrade(http::Upgrade upgrade) override;

  // The endpoint with its real port.
  boost::asio::ip::tcp::endpoint listen(const boost::asio::ip::tcp::endpoint& at);
  // A second listener for /metrics alone.
  void listen_for_metrics(const boost::asio::ip::tcp::endpoint& at);
  [[nodiscard]] Task<> drain(std::chrono::steady_clock::time_point deadline);

  [[nodiscard]] std::size_t connections() const { return server_.connections(); }
  [[nodiscard]] db::Database& database() { return database_; }
  [[nodiscard]] http::Client& client() { return client_; }
  [[nodiscard]] identity::Module& identity() { return identity_; }
  [[nodiscard]] battles::Module& battles() { return battles_; }
  [[nodiscard]] audit::Module& audit() { return audit_; }
  // Null where no Redis is configured.
  [[nodiscard]] redis::Client* redis() { return redis_ ? &*redis_ : nullptr; }
  [[nodiscard]] const api::Router& router() const { return router_; }

 private:
  class MetricsHandler;

  [[nodiscard]] api::Limiter* make_limiter();

  Process& process_;
  unsigned shard_;
  db::Database database_;
  http::Client client_;
  std::optional<redis::Client> redis_;
  std::optional<limits::SharedMeter> shared_meter_;
  std::optional<api::SharedRateLimiter> shared_limiter_;
  api::Limiter* limiter_;  // null: RATE_LIMITS=off
  battles::Profile profile_;
  battles::BattleRecords battle_records_;
  audit::AuditRecords audit_records_;
  identity::Module identity_;
  battles::Module battles_;
  realtime::Gate gate_;
  ops::Module ops_;
  audit::Module audit_;
  api::Router router_;
  http::Server server_;
  std::unique_ptr<MetricsHandler> metrics_handler_;
  std::unique_ptr<http::Server> metrics_server_;
};

// The OpenAPI document of everything that is mounted.
[[nodiscard]] std::string document_of(const api::Router& router);

}  // namespace wildnout::app
