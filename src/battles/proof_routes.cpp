// Routes by which a result is checked.
#include "battles/proofs.hpp"
#include "battles/refusals.hpp"
#include "battles/routes.hpp"

namespace wildnout::battles {

struct ProofQuery {
  api::Required<VoteId> vote_id;
};
BOOST_DESCRIBE_STRUCT(ProofQuery, (), (vote_id))

void mount_proofs(api::Router& router, async::CpuPool& cpu_pool) {
  router.get("/battles/{id}/proof",
             [&cpu_pool](api::Caller caller, db::Scope scope, api::Path<BattleId> id,
                         api::Query<ProofQuery> query) -> Task<Proof> {
               return make_proof(scope.session(), cpu_pool, *id, UserId{caller.user_id},
                                 *query->vote_id);
             },
             {.summary = "That the caller's own vote is under the result's root",
              .tag = "votes",
              .refusals = {&results_not_ready, &vote_voided}});
  router.get(
      "/battles/{id}/ballots",
      [](std::optional<api::Caller>, db::Scope scope,
         api::Path<BattleId> id) -> Task<api::Lines<BallotLine>> {
        OpenBallots ballots = co_await open_ballots(scope.database(), *id);
        co_return api::Lines<BallotLine>{std::move(ballots.lines), std::move(ballots.ballots_hash)};
      },
      {.summary = "All ballots without their voters, in tree order, then the voided ones",
       .tag = "votes",
       .refusals = {&results_not_ready},
       .description = "One JSON text a line. The SHA-256 of the body is the result's "
                      "`ballotsHash`. An answer without its last chunk is not whole: the "
                      "battle was counted again meanwhile, ask again."});
}

}  // namespace wildnout::battles
