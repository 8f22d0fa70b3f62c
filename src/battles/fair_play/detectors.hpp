// The detectors: pure functions of a battle's votes, each with its version, and their judgement.
#pragma once

#include <span>
#include <vector>

#include "battles/fair_play/case.hpp"

namespace wildnout::battles::fair_play {

// Every finding of the detectors that are on, in a fixed order: the same facts give the same
// findings, in whatever order the facts came.
[[nodiscard]] std::vector<Finding> detect(const Case& votes, const Detectors& detectors);

// Which votes are to be voided for these findings. No single circumstance is enough: see the table
// in docs/fair-play.md. At most one verdict a vote, in the order of votes.
[[nodiscard]] std::vector<Verdict> judge(std::span<const Finding> findings);

// --- the detectors by themselves; each adds what it finds

// Far more votes in two seconds than the entry's and the battle's own rate make likely.
void find_bursts(const Case& votes, std::vector<Finding>& findings);
// Ten or more voters behind one address who went for one entry, unlike the rest of the battle.
void find_shared_networks(const Case& votes, std::vector<Finding>& findings);
// Groups of the findings so far, and entries, whose voters registered less than a day before. Runs
// behind the two above.
void find_young_accounts(const Case& votes, std::vector<Finding>& findings);
// Votes at equal gaps, or by accounts of equal age, where no one else in the battle votes so.
void find_identical_timing(const Case& votes, std::vector<Finding>& findings);
// Authors who only ever vote for each other though there were others to vote for.
void find_rings(const Case& votes, std::vector<Finding>& findings);

}  // namespace wildnout::battles::fair_play
