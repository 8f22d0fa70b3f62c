// The table of routes of one shard: each a method, a pattern and a typed handler.
//
//   router.get("/battles/{id}",
//              [&service](std::optional<api::Caller> caller, api::Path<BattleId> id)
//                  -> Task<api::Ready<Battle>> { return service.battle(caller, *id); },
//              {.summary = "One battle", .tag = "battles"});
//
// Handlers are kept for the life of the router. Patterns are served behind /api/v1 and /api; those
// of root_get and root_post as they stand. HEAD is answered from GET (the server leaves the body
// out), OPTIONS with 204 and Allow.
#pragma once

#include <memory>
#include <string_view>
#include <utility>
#include <vector>

#include "platform/api/access.hpp"
#include "platform/api/binding.hpp"
#include "platform/api/key_gate.hpp"
#include "platform/api/limits.hpp"
#include "platform/api/route.hpp"
#include "platform/async/task.hpp"

namespace wildnout::crypto {
class Vault;
}

namespace wildnout::api {

inline constexpr std::string_view versioned_prefix = "/api/v1";
inline constexpr std::string_view newest_prefix = "/api";

class RouteTree;
struct Match;
class Cors;
class Watch;

// What stands between callers and routes; each may be null: then it is not there.
struct Guards {
  Limiter* limiter = nullptr;
  const Cors* cors = nullptr;
  Watch* watch = nullptr;
  const crypto::Vault* vault =
      nullptr;  // seals the answers kept for Idempotency-Keys; a must for them
  // Whoever holds this permission is told why, if they send X-Explain: 1; empty: nobody is.
  std::string_view explains_to{};
};

class Router {
 public:
  Router(Authenticator& authenticator, db::Database& database, Guards guards = {});
  ~Router();
  Router(const Router&) = delete;
  Router& operator=(const Router&) = delete;

  // Throws std::logic_error when the pattern is taken or does not fit the handler.
  template <class Handler>
  void get(std::string_view pattern, Handler handler, About about = {}) {
    add(http::Method::get, pattern, false, std::move(handler), std::move(about));
  }
  template <class Handler>
  void post(std::string_view pattern, Handler handler, About about = {}) {
    add(http::Method::post, pattern, false, std::move(handler), std::move(about));
  }
  template <class Handler>
  void put(std::string_view pattern, Handler handler, About about = {}) {
    add(http::Method::put, pattern, false, std::move(handler), std::move(about));
  }
  template <class Handler>
  void patch(std::string_view pattern, Handler handler, About about = {}) {
    add(http::Method::patch, pattern, false, std::move(handler), std::move(about));
  }
  template <class Handler>
  void del(std::string_view pattern, Handler handler, About about = {}) {
    add(http::Method::del, pattern, false, std::move(handler), std::move(about));
  }
  template <class Handler>
  void root_get(std::string_view pattern, Handler handler, About about = {}) {
    add(http::Method::get, pattern, true, std::move(handler), std::move(about));
  }
  template <class Handler>
  void root_post(std::string_view pattern, Handler handler, About about = {}) {
    add(http::Method::post, pattern, true, std::move(handler), std::move(about));
  }

  // Never throws: what goes wrong is an answer. `request` must outlive the task.
  [[nodiscard]] Task<http::Response> answer(http::Request& request);

  [[nodiscard]] const std::vector<std::unique_ptr<Route>>& routes() const { return routes_; }

 private:
  template <class Handler>
  void add(http::Method method, std::string_view pattern, bool is_root, Handler handler,
           About about) {
    add_route(method, pattern, is_root, detail::TypesOf<Handler>::signature(), std::move(about),
              std::make_unique<detail::HandlerEndpoint<Handler>>(std::move(handler)));
  }
  void add_route(http::Method method, std::string_view pattern, bool is_root, Signature signature,
                 About about, std::unique_ptr<Endpoint> endpoint);

  void find(const http::Request& request, Match& match) const;
  [[nodiscard]] Task<> tell_denial(const Call& call, std::exception_ptr fault) const;
  void add_cors(const http::Request& request, const Match& match, http::Response& response) const;

  Authenticator& authenticator_;
  db::Database& database_;
  Guards guards_;
  KeyGate gate_;
  std::vector<std::unique_ptr<Route>> routes_;
  std::unique_ptr<RouteTree> versioned_;
  std::unique_ptr<RouteTree> root_;
  RouteMetrics unmatched_;
};

}  // namespace wildnout::api
