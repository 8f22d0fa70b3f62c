// Findings, voided votes and proposals, as they are stored and shown to moderators.
#pragma once

#include <boost/describe.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "battles/fair_play/facts.hpp"
#include "contracts/ids.hpp"
#include "platform/json/coding.hpp"
#include "platform/values/constraints.hpp"
#include "platform/values/time.hpp"

namespace wildnout::battles {

using FindingId = Id<struct FindingTag>;
using ProposalId = Id<struct ProposalTag>;

inline constexpr std::size_t votes_kept_of_finding = 10000;
inline constexpr std::size_t votes_shown_of_finding = 100;

struct FindingView {
  FindingId id;
  fair_play::Detector detector;
  std::int32_t version;
  fair_play::Signal signal;
  std::optional<EntryId> entry_id;  // that all of its votes are for
  std::string reason;
  json::Raw evidence;            // an object: what was measured, against which thresholds
  std::int64_t vote_count;       // that it points at
  std::vector<VoteId> vote_ids;  // the first 100 of them
  std::int64_t voided_count;     // of those kept with it (10,000), not counted now
  Timestamp found_at;
};
BOOST_DESCRIBE_STRUCT(FindingView, (),
                      (id, detector, version, signal, entry_id, reason, evidence, vote_count,
                       vote_ids, voided_count, found_at))

enum class ProposalAction { void_, restore };
BOOST_DESCRIBE_ENUM(ProposalAction, void_, restore)

// `lapsed`: the result was certified before anybody decided.
enum class ProposalState { open, confirmed, declined, lapsed };
BOOST_DESCRIBE_ENUM(ProposalState, open, confirmed, declined, lapsed)

struct CreateProposal {
  VoteId vote_id;
  ProposalAction action;
  Text<3, 500> reason;
};
BOOST_DESCRIBE_STRUCT(CreateProposal, (), (vote_id, action, reason))

struct Proposal {
  ProposalId id;
  BattleId battle_id;
  VoteId vote_id;
  EntryId entry_id;
  ProposalAction action;
  std::string reason;
  ProposalState state;
  UserId proposed_by;
  std::optional<UserId> decided_by;
  Timestamp created_at;
  std::optional<Timestamp> decided_at;
};
BOOST_DESCRIBE_STRUCT(Proposal, (),
                      (id, battle_id, vote_id, entry_id, action, reason, state, proposed_by,
                       decided_by, created_at, decided_at))

}  // namespace wildnout::battles
