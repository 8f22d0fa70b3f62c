// Steps that no job takes, lists that go stale, and what a profile says of a person's battles.
#include <thread>

#include "battles/fixture.hpp"
#include "battles/lifecycle.hpp"
#include "battles/profile.hpp"

namespace wildnout::battles {
namespace {

using namespace std::chrono_literals;
using test::Reply;

constexpr auto patience = 30s;

class BattlesSweeper : public test::House {
 protected:
  // One node's sweeper, working on a shard until its end.
  class Sweeping {
   public:
    Sweeping(BattlesSweeper& house, unsigned shard) : house_{house}, shard_{shard} {
      house.on(shard, [this]() -> Task<> {
        sweeper_ = std::make_unique<Sweeper>(house_.parts[shard_]->database, house_.node);
        co_return;
      });
      running_ = house.start(shard, [this]() -> Task<> { co_await sweeper_->run(); });
    }
    ~Sweeping() {
      house_.on(shard_, [this]() -> Task<> {
        sweeper_->stop();
        co_return;
      });
      running_.get();
    }
    Sweeping(const Sweeping&) = delete;
    Sweeping& operator=(const Sweeping&) = delete;

   private:
    BattlesSweeper& house_;
    unsigned shard_;
    std::unique_ptr<Sweeper> sweeper_;
    std::future<void> running_;
  };

  template <class Condition>
  static bool comes_true(Condition condition) {
    const auto deadline = std::chrono::steady_clock::now() + patience;
    while (!condition()) {
      if (std::chrono::steady_clock::now() > deadline) return false;
      std::this_thread::sleep_for(20ms);
    }
    return true;
  }

  std::string status_of(BattleId id) { return get("/battles/" + id.text()).text("status"); }

  std::vector<std::string> steps_of(BattleId id) {
    const Reply history = get("/battles/" + id.text() + "/history");
    std::vector<std::string> steps;
    for (const auto& step : history.body.at("items").as_array()) {
      steps.emplace_back(step.at("to").as_string());
    }
    return steps;
  }

  BattleRecord record_of(UserId user) {
    return on(0, [this, user]() -> Task<BattleRecord> {
      Profile profile{parts[0]->database};
      co_return co_await profile.battle_record(user);
    });
  }
};

TEST_F(BattlesSweeper, battles_whose_jobs_were_lost_are_taken_through_their_steps_once) {
  std::vector<BattleId> overdue;
  for (int i = 0; i < 5; ++i) {
    overdue.push_back(battle(1h, 2h));
    ask(test::let_all_fall_due, overdue.back());
  }
  const BattleId ahead = battle(1h, 2h);
  const Sweeping one{*this, 0};
  const Sweeping another{*this, 1};
  for (const BattleId id : overdue) {
    EXPECT_TRUE(comes_true([&] { return status_of(id) == "completed"; }));
    EXPECT_EQ(steps_of(id),
              (std::vector<std::string>{"upcoming", "active", "voting", "completed"}));
  }
  EXPECT_EQ(status_of(ahead), "active");
}

TEST_F(BattlesSweeper, a_list_by_votes_follows_the_votes) {
  const BattleId popular = battle(1h, 2h);
  const BattleId newer = battle(1h, 2h);
  const EntryId entry = entered(popular, person());
  ASSERT_EQ(force(popular, "voting").status, 200);
  for (int i = 0; i < 3; ++i) ASSERT_EQ(vote(popular, entry, person()).status, 201);
  const auto first = [&] {
    const Reply list = get("/battles?sort=mostVotes&creatorId=" + creator.text());
    return std::string{list.body.at("items").at(0).at("id").as_string()};
  };
  EXPECT_EQ(first(), newer.text()) << "the order is refreshed by the sweeper alone";
  const Sweeping one{*this, 0};
  EXPECT_TRUE(comes_true([&] { return first() == popular.text(); }));
}

TEST_F(BattlesSweeper, a_profile_counts_battles_entered_and_battles_won) {
  const UserId winner = person();
  const UserId loser = person();
  const BattleId won = battle(1h, 2h);
  const EntryId best = entered(won, winner);
  (void)entered(won, loser);
  ASSERT_EQ(force(won, "voting").status, 200);
  ASSERT_EQ(vote(won, best, person()).status, 201);
  EXPECT_EQ(record_of(winner).wins, 0) << "not before it is over";
  ASSERT_EQ(force(won, "completed").status, 200);
  const BattleId left = battle(1h, 2h);
  const EntryId withdrawn = entered(left, winner);
  ASSERT_EQ(call({http::Method::del, "/entries/" + withdrawn.text(), {}, winner}).status, 204);
  const BattleRecord record = record_of(winner);
  EXPECT_EQ(record.battles, 1) << "a withdrawn entry does not count";
  EXPECT_EQ(record.wins, 1);
  EXPECT_EQ(record_of(loser).battles, 1);
  EXPECT_EQ(record_of(loser).wins, 0);
  EXPECT_EQ(record_of(person()).battles, 0);
}

}  // namespace
}  // namespace wildnout::battles
