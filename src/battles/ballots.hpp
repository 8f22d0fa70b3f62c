// Ballots as the public sees them, and counting them: pure functions that the server and
// verify-results share. The format is written down in docs/verifiable-results.md.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "battles/rules.hpp"

namespace wildnout::battles {

// A ballot with nothing in it that tells the voter.
struct PublicBallot {
  Hash leaf;
  EntryId entry_id;
  std::int64_t weight;
  Timestamp created_at;  // the server knows milliseconds, the public whole seconds
};

// One line of GET /battles/{id}/ballots with its line feed, in canonical JSON.
void append_line(const PublicBallot& ballot, std::string& out);
void append_line(const PublicBallot& ballot, const VoidGround& ground, std::string& out);

// A counted ballot as battle_ballots keeps it: leaf, entry id, weight, time in milliseconds.
inline constexpr std::size_t record_octets = 64;
inline constexpr std::int32_t ballots_per_chunk = 2048;
// `record` has record_octets.
[[nodiscard]] PublicBallot read_record(std::string_view record);
[[nodiscard]] inline std::string_view leaf_of(std::string_view record) {
  return record.substr(0, sizeof(Hash));
}

// What a count knows of one entry.
struct Count {
  std::int64_t votes = 0;
  std::int64_t weight = 0;
  std::optional<Timestamp> last_vote_at;
};

// Counts ballots. The order in which they come does not matter, nor who counts which part.
class Recount {
 public:
  void add(const PublicBallot& ballot);
  void add(const Recount& part);

  [[nodiscard]] Count of(EntryId entry) const;
  [[nodiscard]] std::int64_t total() const { return total_; }
  [[nodiscard]] const std::unordered_map<EntryId, Count>& entries() const { return entries_; }

 private:
  std::unordered_map<EntryId, Count> entries_;
  std::int64_t total_ = 0;
};

// An entry that takes part in the ranking.
struct Contender {
  EntryId entry_id;
  UserId user_id;
  Timestamp submission_time;
};
BOOST_DESCRIBE_STRUCT(Contender, (), (entry_id, user_id, submission_time))

// What ranking looks at. A voter has one ballot an entry at most: its voters are its ballots.
[[nodiscard]] std::vector<Standing> standings_of(const std::vector<Contender>& contenders,
                                                 const Recount& recount);

// SHA-256 of the canonical form of a battle's `rules` member, in hex.
[[nodiscard]] std::string rules_hash(std::string_view rules);

// The void's reason for votes on an entry that was taken out of the battle.
inline constexpr std::string_view entry_removed = "entryRemoved";

}  // namespace wildnout::battles
