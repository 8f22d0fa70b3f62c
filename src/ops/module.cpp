// Routes of health, metrics, the OpenAPI document, and the development broadcast.
#include "ops/module.hpp"

#include "ops/model.hpp"
#include "platform/api/answers.hpp"
#include "platform/async/task.hpp"
#include "platform/jobs/jobs.hpp"
#include "platform/json/json.hpp"
#include "platform/metrics/metrics.hpp"

namespace wildnout::ops {
namespace {

using namespace std::chrono_literals;

constexpr std::uint16_t ok = 200;
constexpr std::uint16_t not_ready = 503;

std::int64_t monotonic_ns() { return std::chrono::steady_clock::now().time_since_epoch() / 1ns; }

double milliseconds_of(std::chrono::microseconds time) {
  return static_cast<double>(time.count()) / 1000;
}

// Without Redis every request is answered all the same.
Check check_redis(const redis::Client* client) {
  if (client == nullptr) return {CheckStatus::off, {}};
  const redis::Health health = client->health();
  Check check{health.state == redis::State::ready ? CheckStatus::ok : CheckStatus::degraded, {}};
  if (health.state != redis::State::away) check.latency_ms = milliseconds_of(health.latency);
  return check;
}

Task<Health> check(db::Database& database, const NodeState& state, const redis::Client* redis) {
  Health health{};
  const db::Health probe = co_await database.probe();
  health.checks.database.status = probe.is_up ? CheckStatus::ok : CheckStatus::down;
  if (probe.is_up) {
    health.checks.database.latency_ms = milliseconds_of(probe.latency);
    const bool is_behind = co_await jobs::count_overdue(database.session(db::Work::slow)) > 0;
    health.checks.jobs.status = is_behind ? CheckStatus::degraded : CheckStatus::ok;
  } else {
    health.checks.jobs.status = CheckStatus::down;
  }
  health.checks.redis = check_redis(redis);
  if (state.are_sessions_current) {
    health.checks.sessions.status =
        state.are_sessions_current() ? CheckStatus::ok : CheckStatus::degraded;
  }
  if (state.is_draining || !probe.is_up) {
    health.status = HealthStatus::down;
  } else {
    const bool is_whole = health.checks.jobs.status == CheckStatus::ok &&
                          health.checks.redis.status != CheckStatus::degraded &&
                          health.checks.sessions.status != CheckStatus::degraded;
    health.status = is_whole ? HealthStatus::ok : HealthStatus::degraded;
  }
  co_return health;
}

// Sends `count` messages of about `size` bytes on `system`, with the sender's monotonic clock in
// them, so that a reader on the same machine can measure the way.
Task<BroadcastDone> broadcast(ws::Hub& hub, BroadcastRequest request) {
  constexpr std::int32_t frame_bytes = 120;  // what stands around the padding
  const std::int32_t size = request.size ? request.size->raw() : 256;
  const std::int32_t count = request.count ? request.count->raw() : 1;
  const std::chrono::milliseconds pause{request.interval_ms ? request.interval_ms->raw() : 0};
  const std::string padding(static_cast<std::size_t>(std::max(0, size - frame_bytes)), 'x');
  const std::int64_t start = monotonic_ns();
  for (std::int32_t seq = 0; seq < count; ++seq) {
    hub.publish(std::string{ws::system_channel}, "bench",
                json::text_of(BroadcastMessage{seq, monotonic_ns(), padding}), ws::Delivery::must);
    co_await async::sleep_for(pause);
  }
  co_return BroadcastDone{count, static_cast<double>(monotonic_ns() - start) / 1e6};
}

}  // namespace

std::string metrics_text(const ws::Hub& hub) {
  const ws::Hub::Counts counts = hub.counts();
  metrics::gauge("wildnout_sockets", "Open WebSocket connections")
      .set(static_cast<double>(counts.sockets));
  metrics::gauge("wildnout_socket_users", "Users who hold at least one socket")
      .set(static_cast<double>(counts.users));
  metrics::gauge("wildnout_channels", "Channels with listeners")
      .set(static_cast<double>(counts.channels));
  return metrics::exposition();
}

void Module::mount(api::Router& router) {
  mount_health(router);
  mount_metrics(router);
  if (settings_.is_development) mount_development(router);
}

void Module::mount_health(api::Router& router) {
  router.root_get(
      "/health", [](api::Anyone) -> Task<Alive> { co_return Alive{"ok"}; },
      {.summary = "The process serves", .tag = "operations", .tier = api::Tier::unlimited});
  router.root_get(
      "/health/live", [](api::Anyone) -> Task<Alive> { co_return Alive{"ok"}; },
      {.summary = "The process serves", .tag = "operations", .tier = api::Tier::unlimited});
  router.root_get("/health/ready",
                  [this](api::Anyone) -> Task<api::Answer<Health, ok, not_ready>> {
                    Health health = co_await check(database_, state_, redis_);
                    const std::uint16_t status =
                        health.status == HealthStatus::down ? not_ready : ok;
                    co_return api::Answer<Health, ok, not_ready>{status, health};
                  },
                  {.summary = "Whether requests should be sent here",
                   .tag = "operations",
                   .tier = api::Tier::unlimited});
}

void Module::mount_metrics(api::Router& router) {
  router.root_get("/metrics",
                  [this](api::Anyone, api::Origin origin) -> Task<api::Plain> {
                    api::require(may_read_metrics(origin.remote), api::not_found);
                    co_return api::Plain{metrics_text(hub_), "text/plain; version=0.0.4"};
                  },
                  {.summary = "Metrics for Prometheus",
                   .tag = "operations",
                   .refusals = {&api::not_found},
                   .tier = api::Tier::unlimited,
                   .content_type = "text/plain; version=0.0.4"});
  router.root_get("/api/openapi.json",
                  [this](api::Anyone) -> Task<api::Plain> {
                    co_return api::Plain{document_, "application/json"};
                  },
                  {.summary = "This document",
                   .tag = "operations",
                   .tier = api::Tier::unlimited,
                   .content_type = "application/json"});
}

void Module::mount_development(api::Router& router) {
  router.root_post("/dev/broadcast",
                   [this](api::Anyone, api::Origin origin,
                          api::Body<BroadcastRequest> body) -> Task<BroadcastDone> {
                     api::require(origin.remote.is_loopback(), api::not_found);
                     co_return co_await broadcast(hub_, *body);
                   },
                   {.summary = "Send test messages to every socket (development only)",
                    .tag = "development",
                    .refusals = {&api::not_found},
                    .tier = api::Tier::unlimited});
}

bool Module::may_read_metrics(const boost::asio::ip::address& remote) const {
  if (remote.is_loopback()) return true;
  for (const Network& network : settings_.metrics_allow) {
    if (network.contains(remote)) return true;
  }
  return false;
}

}  // namespace wildnout::ops
