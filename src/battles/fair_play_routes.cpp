// Routes of moderators: findings, proposals, certifying early.
#include "battles/fair_play_service.hpp"
#include "battles/refusals.hpp"
#include "battles/routes.hpp"
#include "platform/api/answers.hpp"

namespace wildnout::battles {

struct ListFairPlay {
  std::optional<std::string> cursor;
  api::Limit limit;
};
BOOST_DESCRIBE_STRUCT(ListFairPlay, (), (cursor, limit))

// Findings and proposals are listed in the order in which they came.
struct FairPlayCursor {
  Uuid id;
};
BOOST_DESCRIBE_STRUCT(FairPlayCursor, (), (id))

namespace {

using Reviewer = api::Permitted<"fairplay:review">;

FindingView present(FindingRow row) {
  return {row.id,
          row.detector,
          row.version,
          row.signal,
          row.entry_id,
          std::move(row.reason),
          json::Raw{std::move(row.evidence)},
          row.vote_count,
          std::move(row.vote_ids),
          row.voided_count,
          row.found_at};
}

// Without the voter: whose vote it is has no part in the decision.
Proposal present(const ProposalRow& row) { return row; }

std::string name_of(const api::Query<ListFairPlay>& query, BattleId battle) {
  return query.list() + battle.text();
}

std::optional<Uuid> opened(const api::Cursors& cursors, const api::Query<ListFairPlay>& query,
                           const std::string& name) {
  if (!query->cursor) return std::nullopt;
  return cursors.open<FairPlayCursor>(*query->cursor, name).id;
}

// `rows` hold one more than the page takes when there is a next one.
template <class Item, class Row>
api::Page<Item> page_of(std::vector<Row> rows, std::int32_t limit, const api::Cursors& cursors,
                        const std::string& name) {
  api::Page<Item> page;
  const bool has_more = rows.size() > static_cast<std::size_t>(limit);
  if (has_more) rows.pop_back();
  for (Row& row : rows) page.items.push_back(present(std::move(row)));
  if (has_more) page.next_cursor = cursors.seal(FairPlayCursor{rows.back().id.value}, name);
  return page;
}

Task<> require_battle(Reading& reading, BattleId battle) {
  api::require((co_await reading.battle(battle)) != nullptr, api::not_found);
}

Task<api::Page<FindingView>> findings_of(db::Scope scope, Reading& reading,
                                         const api::Cursors& cursors, BattleId battle,
                                         api::Query<ListFairPlay> query) {
  co_await require_battle(reading, battle);
  const std::string name = name_of(query, battle);
  std::optional<FindingId> after;
  if (const auto id = opened(cursors, query, name)) after = FindingId{*id};
  const std::int32_t limit = query->limit;
  auto rows = co_await list_findings(scope.session(), battle, after, limit + 1);
  co_return page_of<FindingView>(std::move(rows), limit, cursors, name);
}

Task<api::Page<Proposal>> proposals_of(db::Scope scope, Reading& reading,
                                       const api::Cursors& cursors, BattleId battle,
                                       api::Query<ListFairPlay> query) {
  co_await require_battle(reading, battle);
  const std::string name = name_of(query, battle);
  std::optional<ProposalId> after;
  if (const auto id = opened(cursors, query, name)) after = ProposalId{*id};
  const std::int32_t limit = query->limit;
  auto rows = co_await list_proposals(scope.session(), battle, after, limit + 1);
  co_return page_of<Proposal>(std::move(rows), limit, cursors, name);
}

void mount_lists(api::Router& router, Reading& reading, const api::Cursors& cursors) {
  router.get("/battles/{id}/findings",
             [&reading, &cursors](Reviewer, db::Scope scope, api::Path<BattleId> id,
                                  api::Query<ListFairPlay> query) -> Task<api::Page<FindingView>> {
               return findings_of(scope, reading, cursors, *id, std::move(query));
             },
             {.summary = "What the detectors found in a battle's votes", .tag = "fair play"});
  router.get("/battles/{id}/proposals",
             [&reading, &cursors](Reviewer, db::Scope scope, api::Path<BattleId> id,
                                  api::Query<ListFairPlay> query) -> Task<api::Page<Proposal>> {
               return proposals_of(scope, reading, cursors, *id, std::move(query));
             },
             {.summary = "Proposals to void or restore votes", .tag = "fair play"});
  router.get("/battles/{id}/proposals/{proposalId}",
             [](Reviewer, db::Scope scope, api::Path<BattleId> id,
                api::Path<ProposalId> proposal) -> Task<Proposal> {
               const auto row = co_await find_proposal(scope.session(), *id, *proposal);
               api::require(row.has_value(), api::not_found);
               co_return present(*row);
             },
             {.summary = "One proposal", .tag = "fair play"});
}

void mount_decisions(api::Router& router, FairPlayService& service) {
  router.post(
      "/battles/{id}/proposals",
      [&service](Reviewer caller, api::Origin origin, db::Scope scope, api::Path<BattleId> id,
                 api::Body<CreateProposal> body) -> Task<api::Created<Proposal>> {
        const ProposalRow row = co_await service.propose(
            scope, caller, audit::author_of(caller, origin), *id, std::move(body.value));
        co_return api::Created<Proposal>{present(row),
                                         "/battles/" + id->text() + "/proposals/" + row.id.text()};
      },
      {.summary = "Propose to void or restore a vote; another person confirms",
       .tag = "fair play",
       .refusals = {&results_not_ready, &already_certified, &already_proposed, &vote_is_voided,
                    &vote_counts},
       .tier = api::Tier::write});
  router.post("/battles/{id}/proposals/{proposalId}/confirm",
              [&service](Reviewer caller, api::Origin origin, db::Scope scope,
                         api::Path<BattleId> id, api::Path<ProposalId> proposal) -> Task<Proposal> {
                co_return present(co_await service.confirm(
                    scope, caller, audit::author_of(caller, origin), *id, *proposal));
              },
              {.summary = "Do what somebody else proposed",
               .tag = "fair play",
               .refusals = {&own_proposal, &results_not_ready, &already_certified,
                            &proposal_decided, &vote_is_voided, &vote_counts},
               .tier = api::Tier::write});
  router.post("/battles/{id}/proposals/{proposalId}/decline",
              [&service](Reviewer caller, api::Origin origin, db::Scope scope,
                         api::Path<BattleId> id, api::Path<ProposalId> proposal) -> Task<Proposal> {
                co_return present(co_await service.decline(
                    scope, caller, audit::author_of(caller, origin), *id, *proposal));
              },
              {.summary = "Decline a proposal, or take one's own back",
               .tag = "fair play",
               .refusals = {&results_not_ready, &already_certified, &proposal_decided},
               .tier = api::Tier::write});
}

}  // namespace

void mount_fair_play(api::Router& router, FairPlayService& service, BattleService& battles,
                     Reading& reading, const api::Cursors& cursors) {
  mount_lists(router, reading, cursors);
  mount_decisions(router, service);
  router.post("/battles/{id}/certify",
              [&service, &battles](Reviewer caller, api::Origin origin, db::Scope scope,
                                   api::Path<BattleId> id) -> Task<Results> {
                co_await service.certify_early(scope, audit::author_of(caller, origin), *id);
                co_return co_await battles.results(scope.session(), *id);
              },
              {.summary = "Certify a result before its integrity window ends",
               .tag = "fair play",
               .refusals = {&results_not_ready, &already_certified, &not_examined},
               .tier = api::Tier::write});
}

}  // namespace wildnout::battles
