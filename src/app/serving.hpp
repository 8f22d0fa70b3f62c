// `wildnout serve` and the document that it serves.
#pragma once

#include <map>
#include <string>

namespace wildnout::app {

struct ServeOptions {
  bool no_migrate = false;
};

// Serves until SIGINT or SIGTERM; then drains within the grace and returns 0. A second signal ends
// the process at once (130). Throws ConfigurationError, or what starting throws.
[[nodiscard]] int run_server(const std::map<std::string, std::string>& flags,
                             const ServeOptions& options);

// Prints the OpenAPI document of a development server; needs no database.
[[nodiscard]] int print_document();

}  // namespace wildnout::app
