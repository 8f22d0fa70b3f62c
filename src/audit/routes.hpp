// The HTTP surface of the trail.
#pragma once

#include <filesystem>

#include "audit/report.hpp"
#include "platform/api/cursor.hpp"
#include "platform/api/router.hpp"
#include "platform/audit/trail.hpp"

namespace wildnout::audit {

// All but `folder` outlive the router.
void mount_trail(api::Router& router, db::Database& database, const Trail& trail,
                 const api::Cursors& cursors, std::filesystem::path folder);

// `reports` outlives the router.
void mount_reports(api::Router& router, Reports& reports);

}  // namespace wildnout::audit
