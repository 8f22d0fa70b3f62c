// Ballots through the router on two shards: dealt evenly, stored cheaply, shown with the results.
#include <map>
#include <set>

#include "battles/fixture.hpp"

namespace wildnout::battles {
namespace {

using namespace std::chrono_literals;
using http::Method;
using test::Reply;

const db::Query<std::int64_t(BattleId)> impressions_stored{
    "test_impressions_stored",
    "SELECT coalesce(sum(impressions), 0)::bigint FROM battle_impressions WHERE battle_id = $1"};

class Ballots : public test::House {
 protected:
  struct Voting {
    BattleId id;
    std::vector<EntryId> entries;
    std::vector<UserId> authors;
  };
  Voting voting(std::size_t entries, const std::string& rules = "{}") {
    Voting made{battle(1h, 2h, rules), {}, {}};
    for (std::size_t i = 0; i < entries; ++i) {
      made.authors.push_back(person());
      made.entries.push_back(entered(made.id, made.authors.back()));
    }
    EXPECT_EQ(force(made.id, "voting").status, 200);
    return made;
  }
  static std::string path(BattleId id, const std::string& query = "") {
    return "/battles/" + id.text() + "/ballot" + query;
  }
  static std::vector<std::string> ids_of(const Reply& reply) {
    std::vector<std::string> ids;
    for (const auto& item : reply.body.at("items").as_array()) {
      ids.emplace_back(item.at("id").as_string());
    }
    return ids;
  }
  void write(BattleId id) {
    on(0, [this, id]() -> Task<> { co_await node.write_impressions(id); });
  }
};

}  // namespace

TEST_F(Ballots, show_the_entries_of_a_battle_equally_often_on_all_shards) {
  const Voting battle = voting(20);
  constexpr int ballots = 5000;
  constexpr int at_once = 50;
  std::vector<UserId> voters;
  for (int i = 0; i < at_once; ++i) voters.push_back(person());
  std::map<std::string, int> seen;
  for (int round = 0; round < ballots / at_once; ++round) {
    std::vector<std::future<Reply>> replies;
    for (int i = 0; i < at_once; ++i) {
      replies.push_back(begin(static_cast<unsigned>(i) % 2,
                              {Method::get, path(battle.id), {}, voters[static_cast<size_t>(i)]}));
    }
    for (auto& reply : replies) {
      const Reply ballot = reply.get();
      ASSERT_EQ(ballot.status, 200);
      const auto ids = ids_of(ballot);
      ASSERT_EQ(ids.size(), 3u);
      for (const auto& id : ids) ++seen[id];
    }
  }
  ASSERT_EQ(seen.size(), 20u);
  int least = INT32_MAX;
  int most = 0;
  for (const auto& [id, count] : seen) {
    least = std::min(least, count);
    most = std::max(most, count);
  }
  EXPECT_LE(most - least, 1);  // the contract allows 5 % of 750
  write(battle.id);
  EXPECT_EQ(ask(impressions_stored, battle.id), ballots * 3);
}

TEST_F(Ballots, are_dealt_while_the_battle_takes_votes_to_who_is_signed_in) {
  const BattleId open = battle(1h, 2h);
  const UserId author = person();
  const EntryId entry = entered(open, author);
  const UserId voter = person();
  EXPECT_EQ(get(path(open), voter).code(), "battle_not_voting");
  ASSERT_EQ(force(open, "voting").status, 200);
  const Reply ballot = get(path(open), voter);
  EXPECT_EQ(ids_of(ballot), std::vector<std::string>{entry.text()});
  EXPECT_EQ(ballot.text("battleId"), open.text());
  EXPECT_TRUE(ballot.body.at("items").at(0).at("metrics").at("voteCount").is_null());
  EXPECT_TRUE(ids_of(get(path(open), author)).empty());  // their own alone
  EXPECT_EQ(get(path(open)).status, 401);
  EXPECT_EQ(get(path(BattleId::make()), voter).status, 404);
  for (const char* size : {"0", "11", "x"}) {
    EXPECT_EQ(get(path(open, std::string{"?size="} + size), voter).code(), "validation_error");
  }
  ASSERT_EQ(force(open, "completed").status, 200);
  EXPECT_EQ(get(path(open), voter).code(), "battle_not_voting");
}

TEST_F(Ballots, leave_out_what_the_voter_has_voted_for_until_nothing_else_is_left) {
  const Voting battle = voting(5);
  const UserId voter = person();
  std::set<std::string> voted;
  for (int i = 0; i < 5; ++i) {
    const auto ids = ids_of(get(path(battle.id, "?size=10"), voter));
    ASSERT_EQ(ids.size(), 5 - voted.size());
    for (const auto& id : ids) EXPECT_FALSE(voted.contains(id));
    ASSERT_EQ(vote(battle.id, EntryId{*Uuid::parse(ids.front())}, voter).status, 201);
    voted.insert(ids.front());
  }
  EXPECT_EQ(ids_of(get(path(battle.id, "?size=10"), voter)).size(), 5u);
}

TEST_F(Ballots, are_counted_once_however_often_the_counts_are_written) {
  const Voting battle = voting(4);
  for (int i = 0; i < 10; ++i) ASSERT_EQ(get(path(battle.id), person()).status, 200);
  std::vector<std::future<void>> writes;
  for (unsigned i = 0; i < 8; ++i) {
    writes.push_back(
        start(i % 2, [this, id = battle.id]() -> Task<> { co_await node.write_impressions(id); }));
  }
  for (auto& one : writes) one.get();
  EXPECT_EQ(ask(impressions_stored, battle.id), 30);
}

TEST_F(Ballots, of_two_processes_even_out_when_they_learn_of_each_other) {
  const Voting battle = voting(4);
  on(0, [&]() -> Task<> {
    Dealer one{parts[0]->database};
    Dealer other{parts[0]->database};
    std::map<EntryId, int> seen;
    const auto deal = [&](Dealer& dealer, Voter voter) -> Task<> {
      const auto dealt = co_await dealer.deal(battle.id, std::move(voter), 1);
      EXPECT_EQ(dealt.outcome, Dealer::Outcome::dealt);
      for (const EntryId id : dealt.entries) ++seen[id];
    };
    // The first is asked by an author, so one of the four falls behind.
    for (int i = 0; i < 10; ++i) co_await deal(one, {battle.authors[0], {}});
    co_await one.write(battle.id);
    for (int i = 0; i < 30; ++i) co_await deal(other, {UserId::make(), {}});
    int least = INT32_MAX;
    int most = 0;
    for (const auto& [id, count] : seen) {
      least = std::min(least, count);
      most = std::max(most, count);
    }
    EXPECT_EQ(seen.size(), 4u);
    EXPECT_LE(most - least, 1);
  });
}

TEST_F(Ballots, are_shown_with_the_results) {
  const Voting battle = voting(3);
  const Voting untouched = voting(1);
  for (int i = 0; i < 7; ++i) {
    const UserId voter = person();
    ASSERT_EQ(get(path(battle.id, "?size=2"), voter).status, 200);
    if (i < 5) ASSERT_EQ(vote(battle.id, battle.entries[0], voter).status, 201);
  }
  for (const BattleId id : {battle.id, untouched.id}) {
    ASSERT_EQ(force(id, "completed").status, 200);
  }
  const Reply results = get("/battles/" + battle.id.text() + "/results");
  std::int64_t all = 0;
  for (const auto& entry : results.body.at("ranking").as_array()) {
    const std::int64_t seen = entry.at("impressions").as_int64();
    all += seen;
    EXPECT_NEAR(entry.at("votesPerImpression").to_number<double>(),
                entry.at("votes").to_number<double>() / static_cast<double>(seen), 0.00006);
  }
  EXPECT_EQ(all, 14);
  const Reply none = get("/battles/" + untouched.id.text() + "/results");
  EXPECT_TRUE(none.body.at("ranking").at(0).at("impressions").is_null());
  EXPECT_TRUE(none.body.at("ranking").at(0).at("votesPerImpression").is_null());
}

TEST_F(Ballots, of_a_process_that_stops_are_written) {
  const Voting battle = voting(2);
  const UserId voter = person();
  std::vector<std::future<void>> running;
  for (unsigned shard = 0; shard < 2; ++shard) {
    running.push_back(
        start(shard, [this, shard]() -> Task<> { co_await parts[shard]->module.run_dealer(); }));
  }
  for (int i = 0; i < 3; ++i) ASSERT_EQ(get(path(battle.id), voter).status, 200);
  for (unsigned shard = 0; shard < 2; ++shard) {
    on(shard, [this, shard]() -> Task<> {
      parts[shard]->module.stop();
      co_return;
    });
  }
  for (auto& one : running) one.get();
  EXPECT_EQ(ask(impressions_stored, battle.id), 6);
}

}  // namespace wildnout::battles
