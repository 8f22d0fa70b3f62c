// How a shard's parts are built, and where a request goes.
#include "app/part.hpp"

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/write.hpp>

#include "app/redis_settings.hpp"
#include "app/surroundings.hpp"
#include "platform/api/openapi.hpp"

namespace wildnout::app {
namespace {

Task<http::Response> ready(http::Response response) { co_return response; }

constexpr std::string_view socket_path = "/ws";

bool is_read(http::Method method) {
  return method == http::Method::get || method == http::Method::head;
}

// There is no WebSocket at that path: said in HTTP, since the handshake has not been answered.
Task<> refuse_upgrade(http::Upgrade upgrade) {
  const std::string body =
      R"({"error":{"code":"not_found","message":"There is no WebSocket at this path",)"
      R"("requestId":")" +
      upgrade.request_id + "\"}}";
  const std::string answer =
      "HTTP/1.1 404 Not Found\r\nAPI-Version: 1\r\nX-Request-Id: " + upgrade.request_id +
      "\r\nContent-Type: application/json\r\nContent-Length: " + std::to_string(body.size()) +
      "\r\nConnection: close\r\n\r\n" + body;
  boost::system::error_code gone;  // the client left: nobody to tell
  co_await boost::asio::async_write(upgrade.socket, boost::asio::buffer(answer),
                                    boost::asio::redirect_error(use_task, gone));
}

// Who may ask why they were refused, in development.
constexpr std::string_view explains_to = "audit:read";

// Paths that the router answers; everything else may be a file of the page.
bool is_routed(std::string_view path) {
  for (const std::string_view prefix : {"/api/", "/health", "/metrics", "/dev/"}) {
    if (path.starts_with(prefix)) return true;
  }
  return false;
}

}  // namespace

// Answers /metrics on a listener of its own, to whoever can reach it.
class Part::MetricsHandler : public http::Handler {
 public:
  explicit MetricsHandler(const ws::Hub& hub) : hub_{hub} {}

  [[nodiscard]] Task<http::Response> answer(http::Request& request) override {
    http::Response response;
    if (request.path != "/metrics") {
      response.status = 404;
      response.content_type = "";
      co_return response;
    }
    response.content_type = "text/plain; version=0.0.4";
    response.body = ops::metrics_text(hub_);
    co_return response;
  }
  void upgrade(http::Upgrade upgrade) override { upgrade.socket.close(); }

 private:
  const ws::Hub& hub_;
};

Part::Part(Process& process, unsigned shard)
    : process_{process},
      shard_{shard},
      database_{process.shards[shard].executor(), database_settings(process.configuration)},
      client_{process.shards[shard].executor()},
      limiter_{make_limiter()},
      profile_{database_},
      identity_{process.identity, shard, database_,
                identity::Neighbours{profile_, {&battle_records_, &audit_records_}}, process.trail},
      battles_{process.battles,
               shard,
               process.shards,
               database_,
               {std::chrono::ceil<std::chrono::seconds>(process.configuration.min_phase),
                process.configuration.is_development(), process.configuration.battle_rules}},
      gate_{identity_.sessions(), process.configuration.socket_reauth, limiter_},
      ops_{database_,
           process.hub,
           process.state,
           redis(),
           {process.configuration.metrics_allow, process.configuration.is_development()}},
      audit_{database_, process.trail, process.configuration.data,
             crypto::NetworkNumbers{process.keys.sign_ins}},
      router_{identity_.authenticator(),
              database_,
              {.limiter = limiter_,
               .cors = &process.cors,
               .watch = &audit_.watch(),
               .vault = &process.vault,
               .explains_to = process.configuration.is_development() ? explains_to : ""}},
      server_{process.shards[shard].executor(), *this, http::Limits{},
              surroundings_of(process.configuration)} {
  gate_.offer(battles_.battle_channel());
  gate_.offer(battles_.all_battles_channel());
  process_.hub.set_gate(shard, gate_);
  identity_.set_sign_ins(audit_.sign_ins());
  identity_.mount(router_, process.cursors);
  battles_.mount(router_, process.cursors);
  ops_.mount(router_);
  audit_.mount(router_, process.cursors);
  ops_.set_document(document_of(router_));
}

Part::~Part() = default;

// The process's own, and beside it what nodes share where there is a Redis.
api::Limiter* Part::make_limiter() {
  const Configuration& configuration = process_.configuration;
  const Executor executor = process_.shards[shard_].executor();
  if (!configuration.redis_url.reveal().empty()) {
    redis_.emplace(executor, redis_settings(configuration));
  }
  if (!process_.limiter) return nullptr;
  if (!redis_) return &*process_.limiter;
  limits::SharedSettings settings;
  settings.deadline = configuration.redis_deadline;
  shared_meter_.emplace(executor, *redis_, std::move(settings));
  shared_limiter_.emplace(*process_.limiter, *shared_meter_);
  return &*shared_limiter_;
}

// No coroutine of its own: every request passes here.
Task<http::Response> Part::answer(http::Request& request) {
  if (!is_routed(request.path) && is_read(request.method)) {
    if (auto file = process_.assets.answer(request.path, request)) return ready(std::move(*file));
  }
  return router_.answer(request);
}

void Part::upgrade(http::Upgrade upgrade) {
  const std::string_view target{upgrade.target};
  if (target.substr(0, target.find('?')) != socket_path) {
    async::spawn(process_.shards[shard_].executor(), "refusal of an upgrade",
                 refuse_upgrade(std::move(upgrade)));
    return;
  }
  process_.hub.accept(shard_, std::move(upgrade));
}

boost::asio::ip::tcp::endpoint Part::listen(const boost::asio::ip::tcp::endpoint& at) {
  server_.listen(at);
  return server_.local_endpoint();
}

void Part::listen_for_metrics(const boost::asio::ip::tcp::endpoint& at) {
  metrics_handler_ = std::make_unique<MetricsHandler>(process_.hub);
  metrics_server_ = std::make_unique<http::Server>(process_.shards[shard_].executor(),
                                                   *metrics_handler_, http::Limits{});
  metrics_server_->listen(at);
}

Task<> Part::drain(std::chrono::steady_clock::time_point deadline) {
  co_await server_.drain(deadline);
  if (metrics_server_) co_await metrics_server_->drain(deadline);
}

std::string document_of(const api::Router& router) {
  return api::openapi(router, {.title = "wildnout",
                               .version = "1",
                               .description = "The backend of the Wild 'n Out battles.",
                               .server = "/"});
}

}  // namespace wildnout::app
