// What the battles module tells the rest of the house (contract, section 4).
#pragma once

#include <boost/describe.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "contracts/ids.hpp"
#include "platform/values/time.hpp"

namespace wildnout {

struct BattleCreated {
  static constexpr std::string_view type = "battle.created";
  BattleId battle_id;
  UserId creator_id;
};
BOOST_DESCRIBE_STRUCT(BattleCreated, (), (battle_id, creator_id))

struct BattleUpdated {
  static constexpr std::string_view type = "battle.updated";
  BattleId battle_id;
};
BOOST_DESCRIBE_STRUCT(BattleUpdated, (), (battle_id))

// A step of the lifecycle. `at` is database time of the step, `ends_at` when the new phase is due
// to end (absent after the last).
struct BattleStep {
  BattleId battle_id;
  std::string title;
  std::string status;
  Timestamp at;
  std::optional<Timestamp> ends_at;
};
BOOST_DESCRIBE_STRUCT(BattleStep, (), (battle_id, title, status, at, ends_at))

// The names that BattleStep goes by.
inline constexpr std::string_view battle_activated = "battle.activated";
inline constexpr std::string_view battle_voting_started = "battle.votingStarted";
inline constexpr std::string_view battle_completed = "battle.completed";
inline constexpr std::string_view battle_cancelled = "battle.cancelled";

// One a ranked entry, the winner first.
struct BattleResult {
  static constexpr std::string_view type = "battle.result";
  BattleId battle_id;
  EntryId entry_id;
  UserId user_id;
  std::int32_t position;
  std::int64_t votes;
};
BOOST_DESCRIBE_STRUCT(BattleResult, (), (battle_id, entry_id, user_id, position, votes))

// The result is final: no vote is voided or restored any more.
struct BattleCertified {
  static constexpr std::string_view type = "battle.certified";
  BattleId battle_id;
  Timestamp certified_at;
  std::int64_t total_votes;
  std::int64_t voided_votes;
  std::string merkle_root;
};
BOOST_DESCRIBE_STRUCT(BattleCertified, (),
                      (battle_id, certified_at, total_votes, voided_votes, merkle_root))

// A vote that was voided or restored. `detector`: absent where two moderators voided it.
struct ChangedVoteFact {
  VoteId vote_id;
  EntryId entry_id;
  UserId user_id;
  std::optional<std::string> detector;
};
BOOST_DESCRIBE_STRUCT(ChangedVoteFact, (), (vote_id, entry_id, user_id, detector))

// Gathered: at most 1,000 votes of one battle that do not count any more. Only before it is
// certified; what was given for such a vote is to be taken back.
struct VoteVoided {
  static constexpr std::string_view type = "vote.voided";
  BattleId battle_id;
  std::vector<ChangedVoteFact> votes;
};
BOOST_DESCRIBE_STRUCT(VoteVoided, (), (battle_id, votes))

// Votes that count again after they had been voided.
struct VoteRestored {
  static constexpr std::string_view type = "vote.restored";
  BattleId battle_id;
  std::vector<ChangedVoteFact> votes;
};
BOOST_DESCRIBE_STRUCT(VoteRestored, (), (battle_id, votes))

struct EntryCreated {
  static constexpr std::string_view type = "entry.created";
  BattleId battle_id;
  EntryId entry_id;
  UserId user_id;
};
BOOST_DESCRIBE_STRUCT(EntryCreated, (), (battle_id, entry_id, user_id))

struct EntryWithdrawn {
  static constexpr std::string_view type = "entry.withdrawn";
  BattleId battle_id;
  EntryId entry_id;
  UserId user_id;
};
BOOST_DESCRIBE_STRUCT(EntryWithdrawn, (), (battle_id, entry_id, user_id))

// Gathered: the votes of one transaction on one entry. The votes themselves are rows.
struct VotesCounted {
  BattleId battle_id;
  EntryId entry_id;
  std::vector<UserId> user_ids;
};
BOOST_DESCRIBE_STRUCT(VotesCounted, (), (battle_id, entry_id, user_ids))

struct VoteCreated {
  static constexpr std::string_view type = "vote.created";
  std::vector<VotesCounted> entries;
};
BOOST_DESCRIBE_STRUCT(VoteCreated, (), (entries))

}  // namespace wildnout
