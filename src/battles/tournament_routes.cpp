// Routes of tournaments.
#include "battles/presentation.hpp"
#include "battles/refusals.hpp"
#include "battles/routes.hpp"
#include "platform/api/answers.hpp"
#include "platform/json/json.hpp"

namespace wildnout::battles {

void mount_tournaments(api::Router& router, TournamentService& service) {
  router.get(
      "/battles/{id}/bracket",
      [&service](std::optional<api::Caller>, db::Scope scope, api::Path<BattleId> id)
          -> Task<Bracket> { return service.bracket(scope.session(), *id); },
      {.summary = "The bracket of a tournament: rounds, pairings, who went on", .tag = "battles"});
  router.post(
      "/battles/{id}/entries/{entryId}/disqualify",
      [&service](api::Permitted<"battle:administer"> caller, api::Origin origin, db::Scope scope,
                 api::Path<BattleId> id, api::Path<EntryId> entry,
                 api::Body<Disqualify> body) -> Task<Entry> {
        co_return present(co_await service.disqualify(
            scope, caller, audit::author_of(caller, origin), *id, *entry, std::move(body.value)));
      },
      {.summary = "Put an entrant out of a tournament",
       .tag = "battles",
       .refusals = {&not_a_tournament, &too_late},
       .tier = api::Tier::write});
}

}  // namespace wildnout::battles
