// The HTTP surface of the watch.
#pragma once

#include "audit/watch/service.hpp"
#include "platform/api/cursor.hpp"
#include "platform/api/router.hpp"

namespace wildnout::audit::watch {

// All outlive the router.
void mount_anomalies(api::Router& router, AnomalyService& service, const api::Cursors& cursors);

}  // namespace wildnout::audit::watch
