// What each answer tells browsers besides: the security headers, put together once.
#pragma once

#include "app/configuration.hpp"
#include "platform/http/server.hpp"

namespace wildnout::app {

// Each header and its reason: docs/security.md.
[[nodiscard]] http::Surroundings surroundings_of(const Configuration& configuration);

}  // namespace wildnout::app
