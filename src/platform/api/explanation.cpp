// Putting the decision into words. All texts are ASCII: they go into a header field.
#include "platform/api/explanation.hpp"

#include <boost/describe/class.hpp>
#include <string>
#include <vector>

#include "platform/json/json.hpp"
#include "platform/values/spelling.hpp"

namespace wildnout::api {

struct ExplainedFacts {
  Uuid user_id;
  std::vector<std::string> roles;
  std::vector<std::string> permissions;
  std::string credentials;              // bearer or cookie
  std::optional<std::string> acted_by;  // who acts in the caller's name
  Timestamp expires_at;
  std::optional<std::uint32_t> requests_left;  // of the caller's rate limit
};
BOOST_DESCRIBE_STRUCT(ExplainedFacts, (),
                      (user_id, roles, permissions, credentials, acted_by, expires_at,
                       requests_left))

struct Explanation {
  std::string route;
  std::string decision;
  std::string rule;
  ExplainedFacts facts;
};
BOOST_DESCRIBE_STRUCT(Explanation, (), (route, decision, rule, facts))

namespace {

constexpr std::string_view header = "x-explain";
constexpr std::string_view wish = "1";

std::string rule_of_route(const Route& route) {
  switch (route.signature.access) {
    case Access::anyone:
      return "anyone may";
    case Access::optional_caller:
      return "anyone may, signed in or not";
    case Access::caller:
      return "whoever is signed in may";
    case Access::permitted:
      return "who holds " + std::string{route.signature.permission} + " may";
  }
  return {};
}

// Who refused, as far as it can be told: the router itself, or the route's own rules.
std::string rule_of_refusal(const Call& call, const Refusal& refusal) {
  const Route& route = call.route;
  if (call.has_reached_service) return "the route's own rules: " + std::string{refusal.code};
  if (refusal.code != forbidden.code) return std::string{refusal.code};
  if (call.caller->is_impersonated() && is_destructive(route)) {
    return "nobody may do this in another's name";
  }
  return "who holds " + std::string{route.signature.permission} + " may, the caller does not";
}

ExplainedFacts facts_of(const Call& call) {
  const Caller& caller = *call.caller;
  ExplainedFacts facts{.user_id = caller.user_id,
                       .roles = {caller.roles.begin(), caller.roles.end()},
                       .permissions = {caller.permissions.begin(), caller.permissions.end()},
                       .credentials = caller.is_by_cookie ? "cookie" : "bearer",
                       .acted_by = std::nullopt,
                       .expires_at = caller.expires_at,
                       .requests_left = std::nullopt};
  if (caller.is_impersonated()) facts.acted_by = caller.actor;
  if (call.allowance) facts.requests_left = call.allowance->remaining;
  return facts;
}

}  // namespace

bool is_explained(const Call& call, std::string_view permission) {
  return !permission.empty() && call.caller && call.request.header(header) == wish &&
         call.caller->may(permission);
}

void add_explanation(const Call& call, const std::exception_ptr& fault, http::Response& response) {
  Explanation explanation{call.route.name, "allowed", rule_of_route(call.route), facts_of(call)};
  if (fault) {
    explanation.decision = "refused";
    try {
      std::rethrow_exception(fault);
    } catch (const Refused& refused) {
      explanation.rule = rule_of_refusal(call, refused.refusal());
    } catch (...) {
      explanation.rule = std::string{internal_error.code};
    }
  }
  response.add_header("X-Explain", json::text_of(explanation));
}

}  // namespace wildnout::api
