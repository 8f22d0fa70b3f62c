// One line of the route table: what was declared, what the handler's types say, and how to run it.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "platform/api/access.hpp"
#include "platform/api/limits.hpp"
#include "platform/api/refusal.hpp"
#include "platform/async/task.hpp"
#include "platform/db/session.hpp"
#include "platform/http/request.hpp"
#include "platform/http/response.hpp"
#include "platform/json/codec.hpp"
#include "platform/metrics/metrics.hpp"

namespace wildnout::db {
class Database;
}

namespace wildnout::api {

inline constexpr std::size_t max_path_parameters = 4;
inline constexpr std::size_t max_path_segments = 16;

// What is said about a route beside its handler. Refusals that follow from the handler's types
// (401, 403, 400, 415, 404 of an id …) need not be named.
struct About {
  std::string_view summary{};
  std::string_view tag{};
  std::vector<const Refusal*> refusals{};
  Tier tier = Tier::read;
  std::string_view description{};
  std::string_view content_type{};  // of what a Plain or OrPlain answers, for the document
  // Refused to who acts in the caller's name, as is every DELETE.
  bool is_destructive = false;
};

enum class Access : std::uint8_t { anyone, optional_caller, caller, permitted };

enum class Form : std::uint8_t { value, page, lines, none, plain };

// What the handler's parameter and result types say.
struct Signature {
  Access access = Access::anyone;
  std::string_view permission;           // of Access::permitted
  std::vector<const json::Codec*> path;  // in the pattern's order
  const json::Codec* query = nullptr;
  std::string query_defaults;  // JSON of a default-made query
  const json::Codec* body = nullptr;
  bool has_conditions = false;
  Form answer = Form::none;
  const json::Codec* answer_type = nullptr;
  std::vector<std::uint16_t> statuses;  // of success
  bool has_location = false;
  bool has_etag = false;
};

struct Route;

// One request on its way through one route. Path texts are percent-decoded and live as long.
struct Call {
  http::Request& request;
  const Route& route;
  db::Database& database;
  std::array<std::string_view, max_path_parameters> path{};
  std::optional<Caller> caller{};
  db::Session* ambient = nullptr;    // the transaction of an Idempotency-Key
  std::size_t next_path = 0;         // while parameters are taken
  bool has_reached_service = false;  // every parameter was taken and the handler was called
  std::optional<Allowance> allowance{};
};

class Endpoint {
 public:
  virtual ~Endpoint() = default;
  // Takes the parameters, runs the handler, encodes its answer. Throws what any of these throw.
  [[nodiscard]] virtual Task<http::Response> run(Call& call) const = 0;
};

// Of one route and method; resolved when the route is made, since asking takes a lock.
struct RouteMetrics {
  RouteMetrics(std::string_view method, std::string_view pattern);
  std::array<metrics::Counter*, 5> by_class{};  // 1xx to 5xx
  metrics::Histogram* duration = nullptr;
};

struct Route {
  http::Method method;
  std::string pattern;  // "/battles/{id}", behind the prefix unless is_root
  std::string name;     // "GET /battles/{id}"
  bool is_root;
  About about;
  Signature signature;
  std::unique_ptr<Endpoint> endpoint;
  RouteMetrics metrics;
  bool has_search;  // takes the parameter `q`
};

[[nodiscard]] inline bool is_destructive(const Route& route) {
  return route.method == http::Method::del || route.about.is_destructive;
}

// Methods that change something (RFC 9110 section 9.2.1).
[[nodiscard]] inline bool is_unsafe(http::Method method) {
  return method != http::Method::get && method != http::Method::head &&
         method != http::Method::options;
}

// "GET"; empty for Method::other.
[[nodiscard]] std::string_view text_of(http::Method method);

}  // namespace wildnout::api
