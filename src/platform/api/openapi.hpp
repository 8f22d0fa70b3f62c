// The OpenAPI 3.1 document of a router's routes.
#pragma once

#include <string>

#include "platform/api/router.hpp"

namespace wildnout::api {

struct Heading {
  std::string title;
  std::string version;
  std::string description;
  std::string server;  // base address, "/" for the document's own host
};

// Paths, parameters, bodies, answers with the codes of their refusals, security, tags, schemas.
[[nodiscard]] std::string openapi(const Router& router, const Heading& heading);

}  // namespace wildnout::api
