// The only door of the battles module: builds its parts, mounts its routes.
#pragma once

#include <chrono>
#include <memory>

#include "battles/ballot_service.hpp"
#include "battles/channels.hpp"
#include "battles/dealer.hpp"
#include "battles/entry_service.hpp"
#include "battles/fair_play_service.hpp"
#include "battles/lifecycle.hpp"
#include "battles/node.hpp"
#include "battles/reading.hpp"
#include "battles/service.hpp"
#include "battles/tally_feed.hpp"
#include "battles/tournament_service.hpp"
#include "battles/vote_service.hpp"
#include "battles/vote_writer.hpp"
#include "platform/api/cursor.hpp"
#include "platform/api/router.hpp"
#include "platform/bus/dispatcher.hpp"

namespace wildnout::battles {

// One a shard, made and destroyed on it.
class Module {
 public:
  struct Settings {
    std::chrono::seconds minimum_phase;
    bool allows_round_seconds = false;  // rules.roundSeconds: development alone
    HouseRules house = {};              // where a battle's creator says nothing
  };

  Module(Node& node, unsigned shard, async::Shards& shards, db::Database& database,
         Settings settings);

  void mount(api::Router& router, const api::Cursors& cursors);

  // Work that goes on as long as the shard: sends tallies; writes what was dealt.
  [[nodiscard]] Task<> run() { return feed_.run(); }
  [[nodiscard]] Task<> run_dealer() { return dealer_.run(); }
  void stop() {
    feed_.stop();
    dealer_.stop();
  }

  [[nodiscard]] ChannelSource& battle_channel() { return battle_channel_; }
  [[nodiscard]] ChannelSource& all_battles_channel() { return all_battles_channel_; }
  [[nodiscard]] BattleService& battles() { return battles_; }
  [[nodiscard]] EntryService& entries() { return entries_; }
  [[nodiscard]] VoteService& votes() { return votes_; }

 private:
  async::CpuPool& cpu_pool_;
  Reading reading_;
  TallyFeed feed_;
  VoteWriter writer_;
  Dealer dealer_;
  VotingPlaces places_;
  BattleService battles_;
  EntryService entries_;
  VoteService votes_;
  FairPlayService fair_play_;
  BallotService ballots_;
  TournamentService tournaments_;
  BattleChannel battle_channel_;
  AllBattlesChannel all_battles_channel_;
};

}  // namespace wildnout::battles
