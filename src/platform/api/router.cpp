// A request's walk: find the route, tell who calls, count it, run it, answer whatever comes out.
#include "platform/api/router.hpp"

#include <chrono>

#include "platform/api/faults.hpp"
#include "platform/api/idempotency.hpp"
#include "platform/api/route_tree.hpp"
#include "platform/log/log.hpp"

namespace wildnout::api {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::chrono::milliseconds slow_request{500};

void note(const RouteMetrics& metrics, std::string_view route, const http::Request& request,
          const http::Response& response, Clock::time_point started) {
  const Clock::duration taken = Clock::now() - started;
  metrics.by_class[static_cast<std::size_t>(response.status / 100 - 1) % 5]->add();
  metrics.duration->observe(std::chrono::duration<double>(taken).count());
  if (taken < slow_request) return;
  const auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(taken).count();
  log::warn("slow request", {{"requestId", request.request_id},
                             {"route", route},
                             {"status", response.status},
                             {"milliseconds", ms}});
}

void add_limits(const Allowance& allowance, http::Response& response) {
  response.add_header("RateLimit-Limit", std::to_string(allowance.limit));
  response.add_header("RateLimit-Remaining", std::to_string(allowance.remaining));
  response.add_header("RateLimit-Reset", std::to_string(allowance.reset));
}

// No such path, a path without that method, or the question which methods it has.
http::Response answer_unmatched(const http::Request& request, const Match& match) {
  if (match.node == nullptr) return answer_refusal(Refused{not_found}, request.request_id);
  http::Response response;
  if (request.method == http::Method::options) {
    response.status = 204;
    response.content_type = {};
  } else {
    response = answer_refusal(Refused{method_not_allowed}, request.request_id);
  }
  response.add_header("Allow", allowed_methods(*match.node));
  return response;
}

void require_access(const Signature& signature, const std::optional<Caller>& caller) {
  switch (signature.access) {
    case Access::anyone:
    case Access::optional_caller:
      return;
    case Access::caller:
      return require(caller.has_value(), unauthorized);
    case Access::permitted:
      require(caller.has_value(), unauthorized);
      return require(caller->may(signature.permission), forbidden);
  }
}

// Throws 429 when the caller has used up what it may; the allowance is told either way.
void require_allowance(Call& call, Limiter& limiter) {
  const Caller* caller = call.caller ? &*call.caller : nullptr;
  call.allowance = limiter.take(caller, call.request.remote, call.route.about.tier);
  if (!call.allowance || call.allowance->is_admitted) return;
  throw Refused{rate_limit_exceeded,
                R"({"retryAfter":)" + std::to_string(call.allowance->reset) + "}"};
}

}  // namespace

Router::Router(Authenticator& authenticator, db::Database& database, Limiter* limiter)
    : authenticator_{authenticator},
      database_{database},
      limiter_{limiter},
      versioned_{std::make_unique<RouteTree>()},
      root_{std::make_unique<RouteTree>()},
      unmatched_{"", "none"} {}

Router::~Router() = default;

void Router::add_route(http::Method method, std::string_view pattern, bool is_root,
                       Signature signature, About about, std::unique_ptr<Endpoint> endpoint) {
  const std::string_view verb = text_of(method);
  auto route = std::make_unique<Route>(Route{.method = method,
                                             .pattern = std::string{pattern},
                                             .name = std::string{verb} + " " + std::string{pattern},
                                             .is_root = is_root,
                                             .about = std::move(about),
                                             .signature = std::move(signature),
                                             .endpoint = std::move(endpoint),
                                             .metrics = {verb, pattern}});
  (is_root ? *root_ : *versioned_).add(*route);
  routes_.push_back(std::move(route));
}

void Router::find(const http::Request& request, Match& match) const {
  const http::Method method =
      request.method == http::Method::head ? http::Method::get : request.method;
  for (const std::string_view prefix : {versioned_prefix, newest_prefix}) {
    const bool is_behind = request.path.size() > prefix.size() &&
                           request.path.starts_with(prefix) && request.path[prefix.size()] == '/';
    if (!is_behind) continue;
    versioned_->find(request.path.substr(prefix.size()), method, match);
    break;
  }
  if (match.node == nullptr) root_->find(request.path, method, match);
}

Task<http::Response> Router::answer(http::Request& request) {
  const Clock::time_point started = Clock::now();
  Match match;
  find(request, match);
  if (match.route == nullptr) {
    http::Response response = answer_unmatched(request, match);
    note(unmatched_, "none", request, response, started);
    co_return response;
  }
  const Route& route = *match.route;
  Call call{.request = request, .route = route, .database = database_, .path = match.parameters};
  http::Response response;
  std::exception_ptr fault;
  try {
    if (route.signature.access != Access::anyone) {
      call.caller = co_await authenticator_.authenticate(request);
    }
    require_access(route.signature, call.caller);
    const bool is_limited = limiter_ != nullptr && route.about.tier != Tier::unlimited;
    if (is_limited) require_allowance(call, *limiter_);
    response =
        co_await (wants_to_run_once(call) ? run_once(call, gate_) : route.endpoint->run(call));
  } catch (...) {
    fault = std::current_exception();
  }
  if (fault) response = answer_fault(fault, route.name, request.request_id);
  if (call.allowance) add_limits(*call.allowance, response);
  note(route.metrics, route.name, request, response, started);
  co_return response;
}

}  // namespace wildnout::api
