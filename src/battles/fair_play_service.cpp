// Proposals, their decision by a second person, and certifying early.
#include "battles/fair_play_service.hpp"

#include "battles/certification.hpp"
#include "battles/examination.hpp"
#include "battles/refusals.hpp"
#include "platform/json/json.hpp"

namespace wildnout::battles {

// The evidence of a void that two moderators agreed on.
struct ProposalOfVoid {
  ProposalId proposal;
};
BOOST_DESCRIBE_STRUCT(ProposalOfVoid, (), (proposal))

// What the audit trail keeps of a proposal; the voter is left out, as in what moderators see.
struct ProposalRecorded {
  ProposalId proposal;
  VoteId vote_id;
  ProposalAction action;
  std::string reason;
};
BOOST_DESCRIBE_STRUCT(ProposalRecorded, (), (proposal, vote_id, action, reason))

namespace {

audit::Fact fact_of(std::string action, const ProposalRow& row) {
  const ProposalRecorded recorded{row.id, row.vote_id, row.action, row.reason};
  return {.action = std::move(action),
          .subject_type = "battle",
          .subject_id = row.battle_id.text(),
          .severity = audit::Severity::warning,
          .metadata = json::text_of(recorded)};
}

std::string_view word_of(ProposalAction action) {
  return action == ProposalAction::void_ ? "vote.voided" : "vote.restored";
}

Task<ProposalRow> find_existing(db::Session& session, BattleId battle, ProposalId id) {
  auto proposal = co_await find_proposal(session, battle, id);
  api::require(proposal.has_value(), api::not_found);
  co_return std::move(*proposal);
}

Task<> take(db::Session& session, Node& node, const ProposalRow& proposal) {
  if (proposal.action == ProposalAction::restore) {
    const bool is_done =
        co_await put_back(session, node, proposal.battle_id, proposal.voter_id, proposal.entry_id);
    api::require(is_done, vote_counts);
    co_return;
  }
  std::vector<NewVoid> one{{proposal.voter_id, proposal.entry_id, std::nullopt, proposal.reason,
                            json::text_of(ProposalOfVoid{proposal.id})}};
  const std::size_t taken = co_await take_out(session, node, proposal.battle_id, std::move(one));
  api::require(taken == 1, vote_is_voided);
}

}  // namespace

Task<ProposalRow> FairPlayService::propose(db::Scope scope, api::Caller caller,
                                           audit::Author author, BattleId battle,
                                           CreateProposal request) {
  co_return co_await scope.transact([&](db::Session& session) -> Task<ProposalRow> {
    (void)co_await hold_window(session, battle);
    const auto place = co_await find_vote_place(session, battle, request.vote_id);
    api::require(place.has_value(), api::not_found);
    const bool is_to_void = request.action == ProposalAction::void_;
    api::require(!is_to_void || !place->is_voided, vote_is_voided);
    api::require(is_to_void || place->is_voided, vote_counts);
    ProposalRow proposal{};
    proposal.id = ProposalId::make();
    proposal.battle_id = battle;
    proposal.vote_id = request.vote_id;
    proposal.entry_id = place->entry_id;
    proposal.voter_id = place->voter;
    proposal.action = request.action;
    proposal.reason = request.reason.raw();
    proposal.proposed_by = UserId{caller.user_id};
    const bool is_first = co_await insert_proposal(session, proposal);
    api::require(is_first, already_proposed);
    co_await node_.trail().record(session, author, fact_of("proposal.made", proposal));
    co_return co_await find_existing(session, battle, proposal.id);
  });
}

Task<ProposalRow> FairPlayService::confirm(db::Scope scope, api::Caller caller,
                                           audit::Author author, BattleId battle, ProposalId id) {
  co_return co_await scope.transact([&](db::Session& session) -> Task<ProposalRow> {
    (void)co_await hold_window(session, battle);
    const ProposalRow proposal = co_await find_existing(session, battle, id);
    api::require(proposal.state == ProposalState::open, proposal_decided);
    api::require(proposal.proposed_by.value != caller.user_id, own_proposal);
    const bool is_mine =
        co_await decide_proposal(session, id, ProposalState::confirmed, UserId{caller.user_id});
    api::require(is_mine, proposal_decided);
    co_await take(session, node_, proposal);
    co_await node_.trail().record(session, author, fact_of("proposal.confirmed", proposal));
    co_await node_.trail().record(session, author,
                                  fact_of(std::string{word_of(proposal.action)}, proposal));
    co_return co_await find_existing(session, battle, id);
  });
}

Task<ProposalRow> FairPlayService::decline(db::Scope scope, api::Caller caller,
                                           audit::Author author, BattleId battle, ProposalId id) {
  co_return co_await scope.transact([&](db::Session& session) -> Task<ProposalRow> {
    (void)co_await hold_window(session, battle);
    const ProposalRow proposal = co_await find_existing(session, battle, id);
    const bool is_mine =
        co_await decide_proposal(session, id, ProposalState::declined, UserId{caller.user_id});
    api::require(is_mine, proposal_decided);
    co_await node_.trail().record(session, author, fact_of("proposal.declined", proposal));
    co_return co_await find_existing(session, battle, id);
  });
}

Task<> FairPlayService::certify_early(db::Scope scope, audit::Author author, BattleId battle) {
  co_await scope.transact([&](db::Session& session) -> Task<> {
    const IntegrityRow window = co_await hold_window(session, battle);
    api::require(window.examined_at.has_value(), not_examined);
    co_await certify(session, node_, battle);
    co_await node_.trail().record(session, author,
                                  {.action = "battle.certifiedEarly",
                                   .subject_type = "battle",
                                   .subject_id = battle.text(),
                                   .severity = audit::Severity::warning});
    session.after_commit([this] { node_.background().wake(); });
  });
}

// Holds the battle's row: certification and every void wait for each other there.
Task<IntegrityRow> FairPlayService::hold_window(db::Session& session, BattleId battle) {
  const auto row = co_await lock_battle(session, battle);
  api::require(row && row->status != Status::cancelled, api::not_found);
  const auto window = co_await find_integrity(session, battle);
  api::require(window.has_value(), results_not_ready);
  api::require(window->state == ResultsState::provisional, already_certified);
  co_return *window;
}

}  // namespace wildnout::battles
