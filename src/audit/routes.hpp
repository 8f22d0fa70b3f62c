// The HTTP surface of the trail.
#pragma once

#include <filesystem>

#include "platform/api/cursor.hpp"
#include "platform/api/router.hpp"
#include "platform/audit/trail.hpp"

namespace wildnout::audit {

// All but `folder` outlive the router.
void mount_trail(api::Router& router, db::Database& database, const Trail& trail,
                 const api::Cursors& cursors, std::filesystem::path folder);

}  // namespace wildnout::audit
