// Routes of votes.
#include "battles/presentation.hpp"
#include "battles/refusals.hpp"
#include "battles/routes.hpp"
#include "platform/api/answers.hpp"

namespace wildnout::battles {

struct ListVotes {
  std::optional<std::string> cursor;
  api::Limit limit;
};
BOOST_DESCRIBE_STRUCT(ListVotes, (), (cursor, limit))

struct VoteCursor {
  VoteId id;
};
BOOST_DESCRIBE_STRUCT(VoteCursor, (), (id))

namespace {

Task<api::Page<Vote>> list(db::Session& session, Reading& reading, const api::Cursors& cursors,
                           api::Caller caller, BattleId battle, api::Query<ListVotes> query) {
  api::require((co_await reading.battle(battle)) != nullptr, api::not_found);
  const std::string name = query.list() + battle.text() + caller.user_id.text();
  std::optional<VoteId> after;
  if (query->cursor) after = cursors.open<VoteCursor>(*query->cursor, name).id;
  const std::int32_t limit = query->limit;
  const auto rows = co_await find_votes(session, battle, UserId{caller.user_id}, after, limit + 1);
  api::Page<Vote> page;
  for (const VoteRow& row : rows) {
    if (page.items.size() == static_cast<std::size_t>(limit)) break;
    page.items.push_back(present(row));
  }
  if (rows.size() > page.items.size()) {
    page.next_cursor = cursors.seal(VoteCursor{page.items.back().id}, name);
  }
  co_return page;
}

}  // namespace

void mount_votes(api::Router& router, VoteService& service, Reading& reading,
                 const api::Cursors& cursors) {
  router.post(
      "/battles/{id}/votes",
      [&service](api::Permitted<"battle:vote"> caller, db::Scope scope, api::Path<BattleId> id,
                 api::Body<CastVote> body, api::Origin origin) -> Task<api::Created<Vote>> {
        Vote vote = co_await service.cast(scope, caller, *id, body->entry_id, origin.remote);
        std::string location = "/battles/" + id->text() + "/votes/" + vote.entry_id.text();
        co_return api::Created<Vote>{std::move(vote), std::move(location)};
      },
      {.summary = "Vote for an entry; answered once the vote is durable",
       .tag = "votes",
       .refusals = {&battle_not_voting, &own_entry, &already_voted, &vote_limit_reached,
                    &account_too_young},
       .tier = api::Tier::burst});
  router.del("/battles/{id}/votes/{entryId}",
             [&service](api::Caller caller, db::Scope scope, api::Path<BattleId> id,
                        api::Path<EntryId> entry) -> Task<api::NoContent> {
               co_await service.retract(scope, caller, *id, *entry);
               co_return api::NoContent{};
             },
             {.summary = "Take a vote back, where the rules allow",
              .tag = "votes",
              .refusals = {&retraction_forbidden, &battle_not_voting, &vote_voided},
              .tier = api::Tier::burst});
  router.get("/battles/{id}/votes/me",
             [&reading, &cursors](api::Caller caller, db::Scope scope, api::Path<BattleId> id,
                                  api::Query<ListVotes> query) -> Task<api::Page<Vote>> {
               return list(scope.session(), reading, cursors, std::move(caller), *id,
                           std::move(query));
             },
             {.summary = "The caller's votes in a battle", .tag = "votes"});
}

}  // namespace wildnout::battles
