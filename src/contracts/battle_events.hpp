// What the battles module tells the rest of the house (contract, section 4).
#pragma once

#include <boost/describe.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "contracts/ids.hpp"
#include "platform/values/constraints.hpp"
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
  Omittable<BattleId> parent_id{};  // of a round: its tournament
};
BOOST_DESCRIBE_STRUCT(BattleStep, (), (battle_id, title, status, at, ends_at, parent_id))

// The names that BattleStep goes by.
inline constexpr std::string_view battle_activated = "battle.activated";
inline constexpr std::string_view battle_voting_started = "battle.votingStarted";
inline constexpr std::string_view battle_completed = "battle.completed";
inline constexpr std::string_view battle_cancelled = "battle.cancelled";

// A round of a tournament begins to vote; its battle is told of as a battle too.
struct RoundStarted {
  static constexpr std::string_view type = "battle.roundStarted";
  BattleId battle_id;  // the tournament
  BattleId round_battle_id;
  std::int32_t round;
  std::int32_t rounds;
  Timestamp at;
  std::optional<Timestamp> ends_at;
};
BOOST_DESCRIBE_STRUCT(RoundStarted, (), (battle_id, round_battle_id, round, rounds, at, ends_at))

// The round has its result, and the winners stand in the next one.
struct RoundCompleted {
  static constexpr std::string_view type = "battle.roundCompleted";
  BattleId battle_id;
  BattleId round_battle_id;
  std::int32_t round;
  std::int32_t rounds;
  Timestamp at;
};
BOOST_DESCRIBE_STRUCT(RoundCompleted, (), (battle_id, round_battle_id, round, rounds, at))

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
