// A vote's way to its verdict.
#include "battles/vote_service.hpp"

#include "battles/account_age.hpp"
#include "battles/presentation.hpp"
#include "battles/refusals.hpp"
#include "battles/repository.hpp"
#include "platform/values/random.hpp"

namespace wildnout::battles {
namespace {

void require_counted(VoteVerdict verdict) {
  switch (verdict) {
    case VoteVerdict::counted:
      return;
    case VoteVerdict::not_found:
      throw api::Refused{api::not_found};
    case VoteVerdict::not_voting:
      throw api::Refused{battle_not_voting};
    case VoteVerdict::own_entry:
      throw api::Refused{own_entry};
    case VoteVerdict::too_young:
      throw api::Refused{account_too_young};
    case VoteVerdict::already_voted:
      throw api::Refused{already_voted};
    case VoteVerdict::limit_reached:
      throw api::Refused{vote_limit_reached};
  }
}

Uuid make_salt() {
  Uuid salt;
  random_bytes(salt.bytes);
  return salt;
}

constexpr std::int64_t equal_weight = 1;

}  // namespace

Task<Vote> VoteService::cast(db::Scope scope, api::Caller caller, BattleId battle, EntryId entry,
                             Address address) {
  const Ballot ballot{VoteId::make(),         battle,      entry,
                      UserId{caller.user_id}, make_salt(), node_.networks().of(address)};
  Decision decision{};
  if (scope.is_ambient()) {
    decision = co_await scope.transact(
        [&](db::Session& session) { return decide_alone(session, ballot); });
  } else {
    decision = co_await node_.decide(shard_, ballot);
  }
  if (decision.verdict == VoteVerdict::too_young) {
    co_await refuse_too_young(scope.session(), battle, ballot.user_id);
  }
  require_counted(decision.verdict);
  co_return present(VoteRow{ballot.id, battle, entry, equal_weight, decision.at, ballot.salt});
}

Task<Decision> VoteService::decide_alone(db::Session& session, Ballot ballot) {
  const std::vector<Ballot> alone{ballot};
  const auto decisions = co_await count_ballots(session, alone);
  if (decisions.empty()) co_return Decision{ballot.id, VoteVerdict::already_voted, {}};
  session.after_commit([this, ballot] {
    node_.votes_changed({{ballot.battle_id, ballot.user_id}});
    node_.background().wake();
  });
  co_return decisions.front();
}

Task<> VoteService::retract(db::Scope scope, api::Caller caller, BattleId battle, EntryId entry) {
  const UserId user{caller.user_id};
  co_await scope.transact([&](db::Session& session) -> Task<> {
    api::require((co_await lock_battle(session, battle)).has_value(), api::not_found);
    switch (co_await retract_vote(session, battle, entry, user)) {
      case Retraction::done:
        break;
      case Retraction::not_found:
        throw api::Refused{api::not_found};
      case Retraction::forbidden:
        throw api::Refused{retraction_forbidden};
      case Retraction::not_voting:
        throw api::Refused{battle_not_voting};
      case Retraction::voided:
        throw api::Refused{vote_voided};
    }
    session.after_commit([this, battle, user] { node_.votes_changed({{battle, user}}); });
  });
}

}  // namespace wildnout::battles
