// The statements on sign-in facts, and on the part of the trail that the watch looks at.
#pragma once

#include <optional>
#include <vector>

#include "audit/watch/rules.hpp"
#include "platform/db/session.hpp"

namespace wildnout::audit::watch {

// A minute has about so many rows of networks; what comes from further ones is counted together.
inline constexpr std::int64_t most_networks_a_minute = 1'000;

// ---- writing

// Each network once. In a transaction: the minute and the hour are counted together, or neither is.
[[nodiscard]] Task<> add_failures(db::Session& db, std::vector<std::int64_t> networks,
                                  std::vector<std::int64_t> counts);
// Each pair once.
[[nodiscard]] Task<> add_uses(db::Session& db, std::vector<Uuid> users,
                              std::vector<std::int64_t> networks);
// What no window reaches any more: counts by the minute after two days, uses after one; at most
// 50,000 rows of each at a time.
[[nodiscard]] Task<> forget_old_facts(db::Session& db);

// ---- reading; each list in the order of its time

[[nodiscard]] Task<std::vector<FailedSignIns>> find_failures(db::Session& db, Timestamp from);
// Of accounts that were used from `least` networks or more since then.
[[nodiscard]] Task<std::vector<NetworkUse>> find_uses(db::Session& db, Timestamp from,
                                                      std::int64_t least);

// Who did something of these kinds in the rows of these seals, and when.
struct Touched {
  Uuid actor_id;
  Timestamp first_at;
  Timestamp last_at;
};
BOOST_DESCRIBE_STRUCT(Touched, (), (actor_id, first_at, last_at))
[[nodiscard]] Task<std::vector<Touched>> find_touched(db::Session& db, std::int64_t after_seal,
                                                      std::int64_t through_seal,
                                                      std::vector<std::string> actions);
// What they did of these kinds, in rows that are sealed; at most 50,000.
[[nodiscard]] Task<std::vector<Act>> find_acts(db::Session& db, std::vector<Uuid> actors,
                                               std::vector<std::string> actions, Timestamp from,
                                               Timestamp to);

}  // namespace wildnout::audit::watch
