// A tournament's result: from the results of its rounds.
#pragma once

#include "battles/repository.hpp"

namespace wildnout::battles {

// Stores and certifies the result of a tournament whose last round has ended: the ranking of
// rank_finishes, all rounds' votes together, and the Merkle root over the rounds' roots, which are
// its leaves in order. In the caller's transaction, the tournament's row locked; once.
[[nodiscard]] Task<> settle_tournament(db::Session& session, BattleId tournament,
                                       Timestamp completed_at);

}  // namespace wildnout::battles
