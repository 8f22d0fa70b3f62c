// Who keeps a record of what happens at the door: the router tells, this writes down.
#pragma once

#include "platform/api/access.hpp"
#include "platform/async/task.hpp"
#include "platform/http/request.hpp"

namespace wildnout::api {

struct Route;

class Watch {
 public:
  virtual ~Watch() = default;
  // A caller asked for what they may not do: the route's permission is missing, or the route itself
  // refused with 403 `forbidden`. Must not throw; the refusal is answered when the task has ended.
  [[nodiscard]] virtual Task<> denied(const Caller& caller, const http::Request& request,
                                      const Route& route) = 0;
  // Somebody is about to act in the caller's name. What this throws is the answer: a request that
  // cannot be written down is not served.
  [[nodiscard]] virtual Task<> impersonated(const Caller& caller, const http::Request& request,
                                            const Route& route) = 0;
  // Credentials were refused that were never good. No caller waits for it.
  virtual void refused_credentials(const http::Request& request) noexcept = 0;
};

}  // namespace wildnout::api
