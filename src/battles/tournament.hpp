// The steps of tournaments: the draw, rounds that begin and end, the champion; each once.
#pragma once

#include <optional>
#include <string>

#include "battles/node.hpp"
#include "battles/repository.hpp"

namespace wildnout::battles {

// All run in the caller's transaction and hold the tournament's row first, then its round's: what
// two nodes try at once happens once, and in order. A round is never stepped but through here.

// Takes every step of a tournament, and of its rounds, that is due by database time, and leaves a
// job for the next one.
[[nodiscard]] Task<> advance_tournament(db::Session& session, Node& node, BattleId tournament);

// A step of a tournament, or of a round, now. The round that ends early takes the ones behind it
// forward; a tournament forced to its end ends its rounds one after the other. `battle` is the
// locked row of either, its tournament's row locked before it.
[[nodiscard]] Task<> force_tournament(db::Session& session, Node& node, const BattleRow& battle,
                                      Status to, UserId actor, std::string reason);

// Ends the round that is under way with its cancelled tournament, whose row is locked.
[[nodiscard]] Task<> cancel_rounds(db::Session& session, Node& node, BattleId tournament,
                                   UserId actor, std::string reason);

// Takes an entry out of a tournament that is not over: `removed` or `withdrawn`. In the draw
// already, it forfeits what it still has to meet, the pairing that is voting at once. The
// tournament's row is locked.
[[nodiscard]] Task<> drop_entrant(db::Session& session, Node& node, const BattleRow& tournament,
                                  EntryId entry, UserId user, EntryStatus status);

}  // namespace wildnout::battles
