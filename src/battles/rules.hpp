// The rules of battles as pure functions: defaults, validation, steps, words, ranking, leaves.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "battles/model.hpp"
#include "platform/api/refusal.hpp"

namespace wildnout::battles {

using Faults = std::vector<api::Fault>;

// A battle's times, [start, end) for entries and [voting_start, voting_end) for votes.
struct Schedule {
  Timestamp start_time;
  Timestamp end_time;
  Timestamp voting_start_time;
  Timestamp voting_end_time;
};

inline constexpr std::chrono::minutes late_start_allowance{5};
inline constexpr std::chrono::days longest_battle{90};
inline constexpr std::string_view results_algorithm = "wildnout-results/1";

// What a house prescribes where a battle's creator says nothing.
struct HouseRules {
  FairPlay fair_play = FairPlay::off;
  std::int32_t integrity_minutes = 0;
};

// What a battle type prescribes where its creator says nothing.
[[nodiscard]] Rules default_rules(BattleType type, const HouseRules& house = {});

// `base` changed by what was sent (null: the default of the type again), with every fault found.
// Pointers begin with "/rules".
[[nodiscard]] Rules apply_rules(BattleType type, Rules base, const RulesRequest& sent,
                                Faults& faults, const HouseRules& house = {});

// Adds a fault for everything wrong with the times. `minimum_phase` is the shortest phase allowed.
void check_schedule(const Schedule& schedule, Timestamp now, std::chrono::seconds minimum_phase,
                    Faults& faults);

// Text of an entry against the battle's rules. Lengths in code points after NFC; words are found at
// ICU word boundaries after case folding. Pointers begin with "/content".
void check_entry(const Rules& rules, ContentType type, std::string_view body, Faults& faults);

// The step after a status, nothing after the last.
[[nodiscard]] std::optional<Status> next_status(Status status);

// Everything about an entry that ranking looks at.
struct Standing {
  EntryId entry_id;
  UserId user_id;
  std::int64_t votes;
  std::int64_t weighted_votes;
  std::int64_t unique_voters;
  std::optional<Timestamp> last_vote_at;  // when the entry reached its final count
  Timestamp submission_time;
};

using Hash = std::array<std::uint8_t, 32>;

// Places entries by votes, equals by the declared chain, then by the draw: ascending SHA-256(merkle
// root ‖ entry id), contract section 6 "Ties". A pure function: the order of `standings` does not
// matter.
[[nodiscard]] std::vector<RankedEntry> rank_entries(std::vector<Standing> standings,
                                                    std::span<const TieBreaker> chain,
                                                    const Hash& merkle_root);

// Ranks by votes alone, equals sharing a rank: what a tally shows.
void rank_tally(std::vector<TallyEntry>& entries);

// The leaf of a vote: SHA-256(0x00 ‖ 0x01 ‖ vote id ‖ entry id ‖ weight ‖ created at ‖ salt),
// numbers as 64 bits big endian, the time in milliseconds. Contract section 6 "Proofs".
[[nodiscard]] Hash vote_leaf(VoteId vote, EntryId entry, std::int64_t weight, Timestamp created_at,
                             const Uuid& salt);

}  // namespace wildnout::battles
