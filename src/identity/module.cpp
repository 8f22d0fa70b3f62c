// Mounts the identity module's routes.
#include "identity/module.hpp"

#include "identity/routes.hpp"

namespace wildnout::identity {

void Module::mount(api::Router& router, const api::Cursors& cursors) {
  mount_sessions(router, service_, book_, node_.csrf(), cursors);
  mount_webhooks(router, webhooks_);
  mount_users(router, service_);
  mount_people(router, people_, service_, cursors);
  mount_administration(router, administration_);
  mount_personal_records(router, records_);
  mount_erasure(router, erasures_, service_);
  mount_exports(router, exports_);
  // In production the issuer is not there at all, nor in the served document.
  if (node_.dev_issuer() != nullptr) mount_dev_issuer(router, service_);
}

}  // namespace wildnout::identity
