// A ballot's way: who the voter has voted for, what the home shard deals, the entries' ready bytes.
#include "battles/ballot_service.hpp"

#include <algorithm>

#include "battles/refusals.hpp"

namespace wildnout::battles {

Task<std::string> BallotService::deal(api::Caller caller, BattleId battle, std::size_t size) {
  // Strangers to the cache are not looked up as voters of a battle that does not exist.
  api::require((co_await reading_.battle(battle)) != nullptr, api::not_found);
  battle = co_await places_.voting_now(battle);
  const UserId user{caller.user_id};
  const auto viewer = co_await reading_.viewer(battle, user);
  Voter voter{user, viewer->row.voted_entry_ids};
  std::sort(voter.voted.begin(), voter.voted.end());
  const auto dealt = co_await node_.deal(shard_, battle, std::move(voter), size);
  switch (dealt.outcome) {
    case Dealer::Outcome::dealt:
      break;
    case Dealer::Outcome::not_found:
      throw api::Refused{api::not_found};
    case Dealer::Outcome::not_voting:
      throw api::Refused{battle_not_voting};
  }
  std::string json = R"({"battleId":")" + battle.text() + R"(","items":[)";
  bool is_first = true;
  for (const EntryId id : dealt.entries) {
    const auto entry = co_await reading_.blind_entry(id);
    if (!entry) continue;
    if (!is_first) json += ',';
    is_first = false;
    json += *entry;
  }
  json += "]}";
  co_return json;
}

}  // namespace wildnout::battles
