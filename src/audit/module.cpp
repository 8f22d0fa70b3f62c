// Recording what happens at the door, and mounting the routes.
#include "audit/module.hpp"

#include "audit/routes.hpp"
#include "audit/watch/routes.hpp"
#include "platform/json/json.hpp"
#include "platform/log/log.hpp"

namespace wildnout::audit {

// What a denial row tells beside who and when. No permission: the route's own rules refused.
struct Denial {
  std::string permission;
  std::string route;
  std::optional<std::string> acted_by;  // who asked in the caller's name
};
BOOST_DESCRIBE_STRUCT(Denial, (), (permission, route, acted_by))

// The same of a request in another's name.
struct Impersonation {
  std::string acted_by;
  std::string route;
};
BOOST_DESCRIBE_STRUCT(Impersonation, (), (acted_by, route))

Task<> RequestRecorder::record(const api::Caller& caller, const http::Request& request, Fact fact) {
  const api::Origin origin{request.remote,
                           request.header("User-Agent").value_or(std::string_view{}),
                           request.request_id};
  fact.subject_type = "user";
  fact.subject_id = caller.user_id.text();
  fact.severity = Severity::warning;
  co_await database_.transact([&](db::Session& session) -> Task<> {
    return trail_.record(session, author_of(caller, origin), fact);
  });
}

// A refusal is answered also when it cannot be written down: it is one either way.
Task<> RequestRecorder::denied(const api::Caller& caller, const http::Request& request,
                               const api::Route& route) {
  const api::Signature& signature = route.signature;
  const bool has_permission =
      signature.access != api::Access::permitted || caller.may(signature.permission);
  Denial denial{has_permission ? std::string{} : std::string{signature.permission}, route.name, {}};
  if (caller.is_impersonated()) denial.acted_by = caller.actor;
  try {
    co_await record(caller, request,
                    {.action = "permission.denied", .metadata = json::text_of(denial)});
  } catch (const std::exception& fault) {
    log::error("a denied permission could not be recorded", {{"userId", caller.user_id.text()},
                                                             {"permission", denial.permission},
                                                             {"requestId", request.request_id},
                                                             {"what", fault.what()}});
  }
}

Task<> RequestRecorder::impersonated(const api::Caller& caller, const http::Request& request,
                                     const api::Route& route) {
  const Impersonation impersonation{caller.actor, route.name};
  co_await record(caller, request,
                  {.action = "user.impersonated", .metadata = json::text_of(impersonation)});
}

void RequestRecorder::refused_credentials(const http::Request& request) noexcept {
  book_.failed(request.remote);
}

void Module::mount(api::Router& router, const api::Cursors& cursors) {
  mount_trail(router, database_, trail_, cursors, folder_);
  watch::mount_anomalies(router, anomalies_, cursors);
  mount_reports(router, reports_);
}

}  // namespace wildnout::audit
