// Messages between the shards' parts.
#include "battles/node.hpp"

#include <algorithm>

#include "battles/reading.hpp"
#include "battles/tally_feed.hpp"
#include "battles/vote_writer.hpp"
#include "platform/log/log.hpp"

namespace wildnout::battles {

// The drops are dispatched, not posted: the shard that wrote must not answer a reader from its
// cache before its own message arrives.
void Node::battle_changed(BattleId battle) {
  for (unsigned shard = 0; shard < shards_.size(); ++shard) {
    shards_.dispatch(shard, [part = parts_[shard], battle] { part.reading->drop_battle(battle); });
  }
  shards_.dispatch(home_of(battle), [part = parts_[home_of(battle)], battle] {
    part.feed->mark(battle);
    part.dealer->battle_changed(battle);
  });
  background_.wake();
}

void Node::votes_changed(std::vector<std::pair<BattleId, UserId>> votes) {
  // Shared by the shards' messages, read only.
  const auto shared = std::make_shared<const decltype(votes)>(std::move(votes));
  for (unsigned shard = 0; shard < shards_.size(); ++shard) {
    shards_.dispatch(shard, [part = parts_[shard], shared] { part.reading->drop_votes(*shared); });
  }
  std::vector<BattleId> battles;
  for (const auto& [battle, user] : *shared) battles.push_back(battle);
  std::sort(battles.begin(), battles.end());
  battles.erase(std::unique(battles.begin(), battles.end()), battles.end());
  for (const BattleId battle : battles) {
    const unsigned home = home_of(battle);
    shards_.dispatch(home, [part = parts_[home], battle] { part.feed->mark(battle); });
  }
}

Task<Decision> Node::decide(unsigned origin, Ballot ballot) {
  const unsigned home = home_of(ballot.battle_id);
  VoteWriter::Waiting waiting{.ballot = ballot, .origin = origin};
  co_await async::suspend([&](async::Resume resume) {
    waiting.resume.emplace(std::move(resume));
    if (home == origin) {
      parts_[home].writer->add(waiting);
    } else {
      shards_.post(home, [part = parts_[home], &waiting] { part.writer->add(waiting); });
    }
  });
  if (waiting.fault) std::rethrow_exception(waiting.fault);
  co_return waiting.decision;
}

Task<Dealer::Dealt> Node::deal(unsigned origin, BattleId battle, Voter voter, std::size_t size) {
  const unsigned home = home_of(battle);
  Dealer& dealer = *parts_[home].dealer;
  if (home == origin) co_return co_await dealer.deal(battle, std::move(voter), size);
  co_return co_await shards_.on(home, [&dealer, &voter, battle, size] {
    return dealer.deal(battle, std::move(voter), size);
  });
}

Task<> Node::write_impressions(BattleId battle) {
  const unsigned home = home_of(battle);
  Dealer& dealer = *parts_[home].dealer;
  try {
    co_await shards_.on(home, [&dealer, battle] { return dealer.write(battle); });
  } catch (const std::exception& fault) {
    log::warn("impressions wait", {{"what", fault.what()}});
  }
}

}  // namespace wildnout::battles
