// The whole trail, checked page by page.
#pragma once

#include <optional>

#include "audit/rules.hpp"
#include "platform/db/session.hpp"

namespace wildnout::audit {

// How far behind the last seal a row may still be committed and sealed.
inline constexpr std::chrono::hours sealing_reach{1};

// The time from which rows without a seal are looked for.
[[nodiscard]] Timestamp sealing_horizon(const std::optional<Seal>& last);

// Stops at the first fault. `keys` outlives the task.
[[nodiscard]] Task<Verification> check_trail(db::Session& db, const crypto::DerivedKeys& keys,
                                             std::optional<Head> kept);

}  // namespace wildnout::audit
