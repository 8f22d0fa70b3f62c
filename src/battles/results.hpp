// From the stored votes to a result: counted when voting ends, counted again while it is
// provisional, then certified for good.
#pragma once

#include "battles/node.hpp"
#include "battles/repository.hpp"
#include "battles/result_repository.hpp"

namespace wildnout::battles {

// All three run in the caller's transaction, with the battle's row locked.

// The first count, when voting has ended. The result is provisional until certify_results, which
// the caller calls in the same transaction where there is no integrity window (`certifies_at` is
// `completed_at` then).
[[nodiscard]] Task<> settle_results(db::Session& session, Node& node, BattleId battle,
                                    Timestamp completed_at, Timestamp certifies_at);

// Counts again and replaces a provisional result; readers of the ballots of the one before are cut
// off. Whoever sets or clears `void_id` of a completed battle's votes, or takes one of its entries
// out, calls this in the same transaction, once for all that they change: ballots, tree and ranking
// are of one state then, always. Throws std::logic_error when the result is certified.
[[nodiscard]] Task<> recount_results(db::Session& session, Node& node, BattleId battle);

// Makes the result final and tells it: one battle.result an entry. Does nothing when it is already.
[[nodiscard]] Task<> certify_results(db::Session& session, BattleId battle);

}  // namespace wildnout::battles
