// The SQL of battles: rows, lists, steps.
#pragma once

#include <boost/describe.hpp>
#include <optional>
#include <string>
#include <vector>

#include "battles/model.hpp"
#include "battles/rules.hpp"
#include "contracts/users.hpp"
#include "platform/db/session.hpp"

namespace wildnout::battles {

struct BattleRow {
  BattleId id;
  std::string title;
  std::string description;
  BattleType battle_type;
  std::string rules;  // JSON
  Status status;
  UserId creator_id;
  std::string creator_name;
  std::optional<std::string> creator_avatar;
  Timestamp start_time;
  Timestamp end_time;
  Timestamp voting_start_time;
  Timestamp voting_end_time;
  bool featured;
  bool is_demo;
  std::int32_t participant_count;
  std::int32_t entry_count;
  std::int64_t vote_count;
  std::int64_t listed_vote_count;
  double trend;
  std::int32_t version;
  Timestamp created_at;
  Timestamp updated_at;
};
BOOST_DESCRIBE_STRUCT(BattleRow, (),
                      (id, title, description, battle_type, rules, status, creator_id, creator_name,
                       creator_avatar, start_time, end_time, voting_start_time, voting_end_time,
                       featured, is_demo, participant_count, entry_count, vote_count,
                       listed_vote_count, trend, version, created_at, updated_at))

// A battle as it is written: rules and times checked, everything decided.
struct NewBattle {
  BattleId id;
  UserId creator_id;
  std::string title;
  std::string description;
  BattleType battle_type;
  Rules rules;
  Schedule schedule;
  bool featured;
  bool is_demo;
};

struct BattleFilter {
  std::vector<Status> statuses;  // none: every one
  std::optional<BattleType> battle_type;
  std::optional<UserId> creator_id;
  std::optional<bool> featured;
  std::optional<std::string> text;  // part of the title, any case
};

// Where the page before ended. The key's member is the sort's.
struct BattlePosition {
  std::optional<Timestamp> time;
  std::optional<std::int64_t> count;
  std::optional<double> trend;
  BattleId id;
};

[[nodiscard]] Task<> insert_battle(db::Session& session, const NewBattle& battle);
[[nodiscard]] Task<std::optional<BattleRow>> find_battle(db::Session& session, BattleId id);
// Holds the row until the transaction ends: whoever changes a battle or its counters does this
// first.
[[nodiscard]] Task<std::optional<BattleRow>> lock_battle(db::Session& session, BattleId id);
[[nodiscard]] Task<std::vector<BattleRow>> list_battles(db::Session& session, BattleSort sort,
                                                        BattleFilter filter,
                                                        std::optional<BattlePosition> after,
                                                        std::int32_t limit);
[[nodiscard]] Task<> rewrite_battle(db::Session& session, const NewBattle& battle);
[[nodiscard]] Task<BattleRecord> find_battle_record(db::Session& session, UserId user);

// When an account is old enough for a battle.
struct AgeRow {
  std::int32_t hours;  // that it must have
  Timestamp eligible_at;
};
BOOST_DESCRIBE_STRUCT(AgeRow, (), (hours, eligible_at))
[[nodiscard]] Task<std::optional<AgeRow>> find_age(db::Session& session, BattleId battle,
                                                   UserId user);
[[nodiscard]] Task<Timestamp> database_now(db::Session& session);

// --- steps

struct StepRow {
  Status status;  // the new one
  std::string title;
  std::optional<Timestamp> ends_at;
};
BOOST_DESCRIBE_STRUCT(StepRow, (), (status, title, ends_at))

// Takes the step that is due by database time, if one is.
[[nodiscard]] Task<std::optional<StepRow>> take_due_step(db::Session& session, BattleId id);
// Takes a step now whatever the schedule says; the times that it passes over become now.
[[nodiscard]] Task<StepRow> force_step(db::Session& session, BattleId id, Status to);
[[nodiscard]] Task<Timestamp> add_history(db::Session& session, BattleId id,
                                          std::optional<Status> from, Status to, StepCause cause,
                                          std::optional<UserId> actor,
                                          std::optional<std::string> reason);
[[nodiscard]] Task<std::vector<HistoryStep>> find_history(db::Session& session, BattleId id);
// When the next step is due.
[[nodiscard]] Task<std::optional<Timestamp>> next_step_at(db::Session& session, BattleId id);
[[nodiscard]] Task<std::vector<BattleId>> overdue_battles(db::Session& session, std::int32_t limit);
// Carries vote counts and trends over to the columns that lists sort by.
[[nodiscard]] Task<> refresh_lists(db::Session& session);
// The same for a battle that is over.
[[nodiscard]] Task<> list_with_final_count(db::Session& session, BattleId id);

}  // namespace wildnout::battles
