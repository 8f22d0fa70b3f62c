// The HTTP surface of the identity module. Between module.cpp and routes.cpp only.
#pragma once

#include "identity/csrf.hpp"
#include "identity/service.hpp"
#include "platform/api/router.hpp"

namespace wildnout::identity {

void mount_sessions(api::Router& router, Service& service, const CsrfTokens& csrf);
void mount_users(api::Router& router, Service& service);
void mount_dev_issuer(api::Router& router, Service& service);

}  // namespace wildnout::identity
