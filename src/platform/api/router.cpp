// A request's walk: find the route, tell who calls, count it, run it, answer whatever comes out.
#include "platform/api/router.hpp"

#include <charconv>
#include <chrono>
#include <stdexcept>

#include "platform/api/cors.hpp"
#include "platform/api/explanation.hpp"
#include "platform/api/faults.hpp"
#include "platform/api/idempotency.hpp"
#include "platform/api/route_tree.hpp"
#include "platform/api/watch.hpp"
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
                             {"client", request.remote.to_string()},
                             {"status", response.status},
                             {"milliseconds", ms}});
}

void append(std::string& out, std::string_view text, std::uint32_t number) {
  char digits[10];
  const auto end = std::to_chars(std::begin(digits), std::end(digits), number).ptr;
  out.append(text).append(digits, end);
}

void add_limits(const Allowance& allowance, http::Response& response) {
  constexpr std::size_t lines_bytes = 100;
  std::string& out = response.headers;
  out.reserve(out.size() + lines_bytes);
  append(out, "RateLimit-Limit: ", allowance.limit);
  append(out, "\r\nRateLimit-Remaining: ", allowance.remaining);
  append(out, "\r\nRateLimit-Reset: ", allowance.reset);
  out.append("\r\n");
}

Refused too_often(std::uint32_t retry_after) {
  return Refused{rate_limit_exceeded, R"({"retryAfter":)" + std::to_string(retry_after) + "}"};
}

// A search costs more than the list that it is made on: told by the parameter `q`.
Tier tier_of(const Call& call) {
  const Tier tier = call.route.about.tier;
  if (tier != Tier::read || !call.route.has_search) return tier;
  const std::string_view query = call.request.query;
  const bool is_search = query.starts_with("q=") || query.find("&q=") != std::string_view::npos;
  return is_search ? Tier::search : tier;
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

// Throws 429 when the caller has used up what it may; the allowance is told either way.
void require_admitted(const Call& call) {
  if (call.allowance && !call.allowance->is_admitted) throw too_often(call.allowance->retry_after);
}

// False: a caller without the permission. Throws 401 where somebody must be signed in and is not.
bool has_access(const Route& route, const std::optional<Caller>& caller) {
  const Signature& signature = route.signature;
  if (caller && caller->is_impersonated() && is_destructive(route)) return false;
  switch (signature.access) {
    case Access::anyone:
    case Access::optional_caller:
      return true;
    case Access::caller:
      require(caller.has_value(), unauthorized);
      return true;
    case Access::permitted:
      require(caller.has_value(), unauthorized);
      return caller->may(signature.permission);
  }
  return false;
}

bool has_code(const std::exception_ptr& fault, std::string_view code) {
  try {
    std::rethrow_exception(fault);
  } catch (const Refused& refused) {
    return refused.refusal().code == code;
  } catch (...) {
    return false;
  }
}

// What to answer credentials that were refused. Wrong ones count against their address; those that
// were right once (expired, revoked) do not: their holder is a client that has yet to renew them.
Task<std::exception_ptr> fault_of_credentials(std::exception_ptr fault,
                                              const http::Request& request, Guards guards) {
  if (!has_code(fault, unauthorized.code)) co_return fault;
  if (guards.watch != nullptr) guards.watch->refused_credentials(request);
  if (guards.limiter == nullptr) co_return fault;
  const auto locked_for = co_await count_bad_credentials(*guards.limiter, request.remote);
  co_return locked_for ? std::make_exception_ptr(too_often(*locked_for)) : fault;
}

// Throws std::logic_error: rather no answer than one that is kept in clear, or not kept.
const crypto::Vault& vault_of(const Guards& guards) {
  if (guards.vault == nullptr) throw std::logic_error{"a router without a vault keeps no answers"};
  return *guards.vault;
}

}  // namespace

Router::Router(Authenticator& authenticator, db::Database& database, Guards guards)
    : authenticator_{authenticator},
      database_{database},
      guards_{guards},
      versioned_{std::make_unique<RouteTree>()},
      root_{std::make_unique<RouteTree>()},
      unmatched_{"", "none"} {}

Router::~Router() = default;

void Router::add_route(http::Method method, std::string_view pattern, bool is_root,
                       Signature signature, About about, std::unique_ptr<Endpoint> endpoint) {
  const std::string_view verb = text_of(method);
  const bool has_search =
      signature.query != nullptr && signature.query->shape->find(search_member) != nullptr;
  auto route = std::make_unique<Route>(Route{.method = method,
                                             .pattern = std::string{pattern},
                                             .name = std::string{verb} + " " + std::string{pattern},
                                             .is_root = is_root,
                                             .about = std::move(about),
                                             .signature = std::move(signature),
                                             .endpoint = std::move(endpoint),
                                             .metrics = {verb, pattern},
                                             .has_search = has_search});
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
    add_cors(request, match, response);
    note(unmatched_, "none", request, response, started);
    co_return response;
  }
  const Route& route = *match.route;
  Call call{.request = request, .route = route, .database = database_, .path = match.parameters};
  http::Response response;
  std::exception_ptr fault;
  bool is_known = route.signature.access == Access::anyone;
  try {
    if (!is_known) call.caller = co_await authenticator_.authenticate(request);
    is_known = true;
    const bool is_limited = guards_.limiter != nullptr && route.about.tier != Tier::unlimited;
    if (is_limited) {
      const Caller* caller = call.caller ? &*call.caller : nullptr;
      Limiter& limiter = *guards_.limiter;
      call.allowance = limiter.is_shared()
                           ? co_await limiter.take_shared(caller, request.remote, tier_of(call))
                           : limiter.take(caller, request.remote, tier_of(call));
      require_admitted(call);
    }
    require(has_access(route, call.caller), forbidden);
    if (call.caller && call.caller->is_impersonated() && guards_.watch != nullptr) {
      co_await guards_.watch->impersonated(*call.caller, request, route);
    }
    response = co_await (wants_to_run_once(call) ? run_once(call, gate_, vault_of(guards_))
                                                 : route.endpoint->run(call));
  } catch (...) {
    fault = std::current_exception();
  }
  if (fault && !is_known) fault = co_await fault_of_credentials(fault, request, guards_);
  if (fault && call.caller && guards_.watch != nullptr) co_await tell_denial(call, fault);
  if (fault) response = answer_fault(fault, route.name, request.request_id);
  if (is_explained(call, guards_.explains_to)) add_explanation(call, fault, response);
  if (call.allowance) add_limits(*call.allowance, response);
  add_cors(request, match, response);
  note(route.metrics, route.name, request, response, started);
  co_return response;
}

Task<> Router::tell_denial(const Call& call, std::exception_ptr fault) const {
  if (!has_code(fault, forbidden.code)) co_return;
  co_await guards_.watch->denied(*call.caller, call.request, call.route);
}

void Router::add_cors(const http::Request& request, const Match& match,
                      http::Response& response) const {
  if (guards_.cors == nullptr || !guards_.cors->is_on()) return;
  const bool is_question = request.method == http::Method::options && match.node != nullptr;
  guards_.cors->add_headers(request, is_question ? allowed_methods(*match.node) : std::string{},
                            response);
}

}  // namespace wildnout::api
