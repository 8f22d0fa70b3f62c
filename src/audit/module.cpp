// Recording denials, and mounting the routes.
#include "audit/module.hpp"

#include "audit/routes.hpp"
#include "platform/json/json.hpp"
#include "platform/log/log.hpp"

namespace wildnout::audit {

// What a denial row tells beside who and when.
struct Denial {
  std::string permission;
  std::string route;
};
BOOST_DESCRIBE_STRUCT(Denial, (), (permission, route))

// A refusal is answered also when it cannot be written down: it is one either way.
Task<> DenialRecorder::denied(const api::Caller& caller, const http::Request& request,
                              const api::Route& route) {
  const Denial denial{std::string{route.signature.permission}, route.name};
  try {
    const api::Origin origin{request.remote,
                             request.header("User-Agent").value_or(std::string_view{}),
                             request.request_id};
    co_await database_.transact([&](db::Session& session) -> Task<> {
      return trail_.record(session, author_of(caller, origin),
                           {.action = "permission.denied",
                            .subject_type = "user",
                            .subject_id = caller.user_id.text(),
                            .severity = Severity::warning,
                            .metadata = json::text_of(denial)});
    });
  } catch (const std::exception& fault) {
    log::error("a denied permission could not be recorded", {{"userId", caller.user_id.text()},
                                                             {"permission", denial.permission},
                                                             {"requestId", request.request_id},
                                                             {"what", fault.what()}});
  }
}

void Module::mount(api::Router& router, const api::Cursors& cursors) {
  mount_trail(router, database_, trail_, cursors, folder_);
}

}  // namespace wildnout::audit
