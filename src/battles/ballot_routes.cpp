// The route that deals ballots.
#include "battles/refusals.hpp"
#include "battles/routes.hpp"
#include "platform/api/answers.hpp"

namespace wildnout::battles {

struct DealBallot {
  Number<1, 10> size = Number<1, 10>::of(3);  // entries: what a voter can hold in mind
};
BOOST_DESCRIBE_STRUCT(DealBallot, (), (size))

void mount_ballots(api::Router& router, BallotService& service) {
  router.get("/battles/{id}/ballot",
             [&service](api::Caller caller, api::Path<BattleId> id,
                        api::Query<DealBallot> query) -> Task<api::Ready<DealtBallot>> {
               const auto size = static_cast<std::size_t>(query->size.raw());
               co_return api::Ready<DealtBallot>{co_await service.deal(caller, *id, size), ""};
             },
             {.summary = "A few entries to judge, dealt so that all are seen equally often",
              .tag = "votes",
              .refusals = {&battle_not_voting}});
}

}  // namespace wildnout::battles
