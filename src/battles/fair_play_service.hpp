// What moderators do in a battle's integrity window. No HTTP, no SQL text.
#pragma once

#include <optional>

#include "battles/fair_play_repository.hpp"
#include "battles/node.hpp"
#include "battles/repository.hpp"
#include "platform/api/access.hpp"
#include "platform/audit/trail.hpp"
#include "platform/db/database.hpp"

namespace wildnout::battles {

// One a shard. Each command is in the audit trail, in its own transaction. All refuse: not_found;
// results_not_ready before voting has ended; already_certified afterwards.
class FairPlayService {
 public:
  explicit FairPlayService(Node& node) : node_{node} {}

  // Refuses: already_proposed, vote_is_voided, vote_counts.
  [[nodiscard]] Task<ProposalRow> propose(db::Scope scope, api::Caller caller, audit::Author author,
                                          BattleId battle, CreateProposal request);
  // Does what was proposed, in one transaction with the counters, the result and the event.
  // Refuses: own_proposal, proposal_decided, vote_is_voided, vote_counts.
  [[nodiscard]] Task<ProposalRow> confirm(db::Scope scope, api::Caller caller, audit::Author author,
                                          BattleId battle, ProposalId id);
  // By anyone who may review, its proposer too. Refuses: proposal_decided.
  [[nodiscard]] Task<ProposalRow> decline(db::Scope scope, api::Caller caller, audit::Author author,
                                          BattleId battle, ProposalId id);

  // Ends the window before its time. Refuses: not_examined while the detectors are at work.
  [[nodiscard]] Task<> certify_early(db::Scope scope, audit::Author author, BattleId battle);

 private:
  [[nodiscard]] Task<IntegrityRow> hold_window(db::Session& session, BattleId battle);

  Node& node_;
};

}  // namespace wildnout::battles
