// Looking over a battle's votes: facts in, findings and votes to be voided out, kept or acted on.
#pragma once

#include <vector>

#include "battles/fair_play_repository.hpp"
#include "battles/node.hpp"
#include "platform/db/database.hpp"

namespace wildnout::battles {

// What the detectors made of a battle, ready to be stored.
struct Examination {
  std::vector<FindingRow> findings;
  std::vector<NewVoid> voids;
};

// So many votes are looked at, about 200 MB at once; of a larger battle those of the accounts that
// registered last.
inline constexpr std::size_t most_votes_examined = 2'000'000;
inline constexpr std::size_t most_findings = 200;  // kept of a battle

// Reads the votes page by page on the connection for slow work and judges them on the CPU pool.
// Writes nothing and holds no lock.
[[nodiscard]] Task<Examination> examine(db::Database& database, Node& node, BattleId battle);

// Stores the findings and, where the rules say so, voids votes and counts the result again. In the
// caller's transaction, with the battle's row locked and its result provisional; once a battle.
[[nodiscard]] Task<> apply(db::Session& session, Node& node, BattleId battle, FairPlay mode,
                           Examination examination);

// Takes votes out of the count or puts one back, tells of it, and counts the result again. As
// above. Give how many votes that changed.
[[nodiscard]] Task<std::size_t> take_out(db::Session& session, Node& node, BattleId battle,
                                         std::vector<NewVoid> voids);
[[nodiscard]] Task<bool> put_back(db::Session& session, Node& node, BattleId battle, UserId voter,
                                  EntryId entry);

}  // namespace wildnout::battles
