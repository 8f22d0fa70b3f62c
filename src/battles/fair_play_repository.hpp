// The SQL of fair play: a battle's facts, findings, voided votes, proposals, certification.
#pragma once

#include <boost/describe.hpp>
#include <optional>
#include <string>
#include <vector>

#include "battles/fair_play_model.hpp"
#include "battles/model.hpp"
#include "platform/db/session.hpp"

namespace wildnout::battles {

// --- facts

struct FactRow {
  VoteId id;
  UserId voter;
  EntryId entry_id;
  Timestamp at;
  std::optional<Timestamp> account_made;
  std::optional<std::int64_t> network;
};
BOOST_DESCRIBE_STRUCT(FactRow, (), (id, voter, entry_id, at, account_made, network))

// A page of the counted votes, newest accounts first: ids of users begin with their time.
[[nodiscard]] Task<std::vector<FactRow>> find_facts(db::Session& session, BattleId battle,
                                                    std::optional<FactRow> after,
                                                    std::int32_t limit);

struct TieRow {
  UserId voter;
  UserId target;
  std::int64_t votes;
  double choices;
};
BOOST_DESCRIBE_STRUCT(TieRow, (), (voter, target, votes, choices))

// What is remembered of this battle's voters.
[[nodiscard]] Task<std::vector<TieRow>> find_ties(db::Session& session, BattleId battle,
                                                  std::int32_t limit);
// Adds a certified battle's votes of authors to the memory; once a battle.
[[nodiscard]] Task<> remember_ties(db::Session& session, BattleId battle);

// --- certification

struct IntegrityRow {
  ResultsState state;
  FairPlay fair_play;
  std::optional<Timestamp> certifies_at;
  std::optional<Timestamp> examined_at;
  bool is_due;  // certifies_at has come, by database time
};
BOOST_DESCRIBE_STRUCT(IntegrityRow, (), (state, fair_play, certifies_at, examined_at, is_due))

// Nothing before voting has ended.
[[nodiscard]] Task<std::optional<IntegrityRow>> find_integrity(db::Session& session,
                                                               BattleId battle);
[[nodiscard]] Task<> mark_examined(db::Session& session, BattleId battle);
// Provisional results whose time came five seconds ago or more.
[[nodiscard]] Task<std::vector<BattleId>> overdue_certifications(db::Session& session,
                                                                 std::int32_t limit);

// --- findings

struct FindingRow {
  FindingId id;
  fair_play::Detector detector;
  std::int32_t version;
  fair_play::Signal signal;
  std::optional<EntryId> entry_id;
  std::string reason;
  std::string evidence;  // JSON
  std::int64_t vote_count;
  std::vector<VoteId> vote_ids;
  std::int64_t voided_count;
  Timestamp found_at;
};
BOOST_DESCRIBE_STRUCT(FindingRow, (),
                      (id, detector, version, signal, entry_id, reason, evidence, vote_count,
                       vote_ids, voided_count, found_at))

// `voided_count` and `found_at` are the database's.
[[nodiscard]] Task<> insert_finding(db::Session& session, BattleId battle,
                                    const FindingRow& finding);
[[nodiscard]] Task<std::vector<FindingRow>> list_findings(db::Session& session, BattleId battle,
                                                          std::optional<FindingId> after,
                                                          std::int32_t limit);

// --- voided votes

// A vote on its way out of the count.
struct NewVoid {
  UserId voter;
  EntryId entry_id;
  std::optional<fair_play::Detector> detector;  // none: two moderators
  std::string reason;
  std::string evidence;  // JSON
};

struct ChangedVote {
  VoteId vote_id;
  EntryId entry_id;
  UserId user_id;
  std::optional<std::string> detector;
};
BOOST_DESCRIBE_STRUCT(ChangedVote, (), (vote_id, entry_id, user_id, detector))

inline constexpr std::size_t most_voids_at_once = 1000;

// Voids those that count, counters included; gives the votes that it changed. The battle's row is
// locked. At most most_voids_at_once.
[[nodiscard]] Task<std::vector<ChangedVote>> void_votes(db::Session& session, BattleId battle,
                                                        const std::vector<NewVoid>& voids);
// The exact reverse for one vote; nothing where it counts.
[[nodiscard]] Task<std::optional<ChangedVote>> restore_vote(db::Session& session, BattleId battle,
                                                            UserId voter, EntryId entry);

struct VotePlace {
  UserId voter;
  EntryId entry_id;
  bool is_voided;
};
BOOST_DESCRIBE_STRUCT(VotePlace, (), (voter, entry_id, is_voided))

// Looks through the battle's votes: for moderators, not for requests of the many.
[[nodiscard]] Task<std::optional<VotePlace>> find_vote_place(db::Session& session, BattleId battle,
                                                             VoteId vote);

// --- proposals

struct ProposalRow : Proposal {
  UserId voter_id;
};
BOOST_DESCRIBE_STRUCT(ProposalRow, (Proposal), (voter_id))

// False when another one is open for the vote.
[[nodiscard]] Task<bool> insert_proposal(db::Session& session, const ProposalRow& proposal);
[[nodiscard]] Task<std::optional<ProposalRow>> find_proposal(db::Session& session, BattleId battle,
                                                             ProposalId id);
[[nodiscard]] Task<std::vector<ProposalRow>> list_proposals(db::Session& session, BattleId battle,
                                                            std::optional<ProposalId> after,
                                                            std::int32_t limit);
// Of all who decide at once, one does: the rest gets false.
[[nodiscard]] Task<bool> decide_proposal(db::Session& session, ProposalId id, ProposalState to,
                                         UserId by);
[[nodiscard]] Task<> lapse_proposals(db::Session& session, BattleId battle);

}  // namespace wildnout::battles
