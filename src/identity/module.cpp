// Mounts the identity module's routes.
#include "identity/module.hpp"

#include "identity/routes.hpp"

namespace wildnout::identity {

void Module::mount(api::Router& router) {
  mount_sessions(router, service_, node_.csrf());
  mount_users(router, service_);
  // In production the issuer is not there at all, nor in the served document.
  if (node_.dev_issuer() != nullptr) mount_dev_issuer(router, service_);
}

}  // namespace wildnout::identity
