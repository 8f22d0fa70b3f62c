// What lets anybody check a result: a voter's way to the root, and all ballots without the voters.
#pragma once

#include <memory>

#include "battles/repository.hpp"
#include "battles/result_repository.hpp"
#include "platform/async/cpu_pool.hpp"
#include "platform/db/database.hpp"
#include "platform/http/response.hpp"

namespace wildnout::battles {

// Of the voter's own vote. Refuses: not_found (battle, another's vote, a cancelled battle),
// results_not_ready, vote_voided (details: why). Costs one chunk's leaves, however many votes.
[[nodiscard]] Task<Proof> make_proof(db::Session& session, async::CpuPool& cpu_pool,
                                     BattleId battle, UserId voter, VoteId vote);

// All ballots as lines, and the hash of these lines. The source reads a chunk at a time; when the
// battle is counted again meanwhile it throws, and so the answer is cut off.
struct OpenBallots {
  std::unique_ptr<http::BodySource> lines;
  std::string ballots_hash;
};
// Refuses: not_found, results_not_ready. `database` must outlive the source.
[[nodiscard]] Task<OpenBallots> open_ballots(db::Database& database, BattleId battle);

// Refuses a battle that has no result: not_found, results_not_ready with the time when it is due.
[[noreturn]] void refuse_results(const std::optional<BattleRow>& battle);

}  // namespace wildnout::battles
