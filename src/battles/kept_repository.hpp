// The statements on what battles hold about one person: reading all of it, and taking it out.
#pragma once

#include <boost/describe.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "battles/fair_play_model.hpp"
#include "battles/model.hpp"
#include "contracts/ids.hpp"
#include "platform/db/session.hpp"

namespace wildnout::battles {

// ---- reading

struct OwnBattle {
  BattleId id;
  std::string title;
  std::string description;
  BattleType battle_type;
  Status status;
  std::string rules;  // JSON
  Timestamp start_time;
  Timestamp end_time;
  Timestamp voting_start_time;
  Timestamp voting_end_time;
  Timestamp created_at;
  Timestamp updated_at;
};
BOOST_DESCRIBE_STRUCT(OwnBattle, (),
                      (id, title, description, battle_type, status, rules, start_time, end_time,
                       voting_start_time, voting_end_time, created_at, updated_at))

// Its drafts too.
struct OwnEntry {
  EntryId id;
  BattleId battle_id;
  ContentType content_type;
  std::string body;
  EntryStatus status;
  ModerationStatus moderation_status;
  std::optional<std::string> moderation_reason;
  std::int64_t view_count;
  std::int64_t vote_count;
  std::optional<std::int32_t> rank;
  std::optional<Timestamp> submission_time;
  Timestamp created_at;
  Timestamp updated_at;
};
BOOST_DESCRIBE_STRUCT(OwnEntry, (),
                      (id, battle_id, content_type, body, status, moderation_status,
                       moderation_reason, view_count, vote_count, rank, submission_time, created_at,
                       updated_at))

// With its salt: whoever holds this can prove the vote under the battle's root.
struct OwnVote {
  VoteId id;
  BattleId battle_id;
  EntryId entry_id;
  std::int64_t weight;
  Uuid salt;
  bool is_counted;
  bool has_network;  // whether the keyed hash of the network that it came from is kept
  Timestamp created_at;
};
BOOST_DESCRIBE_STRUCT(OwnVote, (),
                      (id, battle_id, entry_id, weight, salt, is_counted, has_network, created_at))

// A vote of theirs that was voided. By what a detector measures others are not told.
struct OwnVoid {
  Uuid id;
  BattleId battle_id;
  VoteId vote_id;
  std::optional<std::string> detector;
  std::string reason;
  Timestamp voided_at;
  std::optional<Timestamp> restored_at;
};
BOOST_DESCRIBE_STRUCT(OwnVoid, (),
                      (id, battle_id, vote_id, detector, reason, voided_at, restored_at))

// What they did as staff.
struct OwnStep {
  BattleId battle_id;
  std::string to_status;
  std::optional<std::string> reason;
  Timestamp at;
};
BOOST_DESCRIBE_STRUCT(OwnStep, (), (battle_id, to_status, reason, at))

struct OwnProposal {
  ProposalId id;
  BattleId battle_id;
  VoteId vote_id;
  ProposalAction action;
  std::string reason;
  ProposalState state;
  Timestamp created_at;
};
BOOST_DESCRIBE_STRUCT(OwnProposal, (), (id, battle_id, vote_id, action, reason, state, created_at))

// How often they voted for another author in certified battles.
struct OwnTie {
  UserId author_id;
  std::int64_t votes;
};
BOOST_DESCRIBE_STRUCT(OwnTie, (), (author_id, votes))

// By id, behind `after`.
[[nodiscard]] Task<std::vector<OwnBattle>> find_own_battles(db::Session& db, UserId user,
                                                            std::optional<BattleId> after,
                                                            std::int32_t limit);
[[nodiscard]] Task<std::vector<OwnEntry>> find_own_entries(db::Session& db, UserId user,
                                                           std::optional<EntryId> after,
                                                           std::int32_t limit);
[[nodiscard]] Task<std::vector<OwnTie>> find_own_ties(db::Session& db, UserId user,
                                                      std::optional<UserId> after,
                                                      std::int32_t limit);

// No table of battles has an index by voter, which every vote would pay for: what a person has done
// is looked for battle by battle, in stretches of ids. The end of the stretch that begins behind
// `after`; nothing behind the last battle.
[[nodiscard]] Task<std::optional<BattleId>> end_of_stretch(db::Session& db,
                                                           std::optional<BattleId> after,
                                                           std::int32_t battles);
struct Stretch {
  std::optional<BattleId> after;
  BattleId last;
};
[[nodiscard]] Task<std::vector<OwnVote>> find_own_votes(db::Session& db, UserId user,
                                                        Stretch stretch);
[[nodiscard]] Task<std::vector<OwnVoid>> find_own_voids(db::Session& db, UserId user,
                                                        Stretch stretch);
[[nodiscard]] Task<std::vector<OwnStep>> find_own_steps(db::Session& db, UserId user,
                                                        Stretch stretch);
[[nodiscard]] Task<std::vector<OwnProposal>> find_own_proposals(db::Session& db, UserId user,
                                                                Stretch stretch);

// ---- taking out

[[nodiscard]] Task<std::vector<BattleId>> find_battles_of(db::Session& db, UserId creator);

// Holds every battle that the person made or entered, in the order of their ids, as whoever changes
// battles does.
[[nodiscard]] Task<> hold_battles_of(db::Session& db, UserId user);

struct WithdrawnEntry {
  EntryId id;
  BattleId battle_id;
};
BOOST_DESCRIBE_STRUCT(WithdrawnEntry, (), (id, battle_id))
// Entries of battles that are still taking some: their places are free again.
[[nodiscard]] Task<std::vector<WithdrawnEntry>> withdraw_entries_of(db::Session& db, UserId user);

// Drafts go; the texts of all other entries do. The rows stay: votes and results hang on them.
[[nodiscard]] Task<> blank_entries_of(db::Session& db, UserId user);
// Titles, descriptions, and what was written about their steps.
[[nodiscard]] Task<> blank_battles_of(db::Session& db, UserId user);
[[nodiscard]] Task<> forget_ties_of(db::Session& db, UserId user);

// Where votes came from, and what the person wrote or was written about them.
[[nodiscard]] Task<> blank_stretch_of(db::Session& db, UserId user, Stretch stretch);

}  // namespace wildnout::battles
