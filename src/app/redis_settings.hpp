// REDIS_URL as the server uses it.
#pragma once

#include <string>

#include "app/configuration.hpp"
#include "platform/redis/client.hpp"

namespace wildnout::app {

// Gives the URL back. Throws BadValue.
[[nodiscard]] std::string redis_url_of(const std::string& text);

// Only where a Redis is configured.
[[nodiscard]] redis::Settings redis_settings(const Configuration& configuration);

}  // namespace wildnout::app
