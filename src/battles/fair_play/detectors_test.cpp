// Detectors by scenes: what organised voting looks like, and what merely resembles it.
#include "battles/fair_play/detectors.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>
#include <set>

#include "battles/fair_play/chance.hpp"
#include "platform/values/spelling.hpp"

namespace wildnout::battles::fair_play {
namespace {

using namespace std::chrono_literals;

constexpr Timestamp noon{std::chrono::milliseconds{1'800'000'000'000}};

// A battle put together vote by vote; everything hangs on the seed.
class Scene {
 public:
  explicit Scene(std::size_t entries, std::uint64_t seed = 1) : random_{seed} {
    for (std::size_t i = 0; i < entries; ++i) {
      facts.entries.push_back({EntryId{make_id()}, UserId{make_id()}});
    }
  }

  std::int64_t below(std::int64_t limit) {
    return static_cast<std::int64_t>(random_() % static_cast<std::uint64_t>(limit));
  }
  void vote(std::uint32_t entry, std::chrono::milliseconds at, std::chrono::milliseconds age,
            std::optional<std::int64_t> network = {}, std::optional<UserId> voter = {}) {
    facts.votes.push_back({VoteId{make_id()}, voter.value_or(UserId{make_id()}), noon + at,
                           noon + at - age, network, entry});
  }
  // Old accounts, each with an address of its own, at any time within an hour.
  void honest(std::size_t votes) {
    for (std::size_t i = 0; i < votes; ++i) {
      vote(static_cast<std::uint32_t>(below(static_cast<std::int64_t>(facts.entries.size()))),
           std::chrono::milliseconds{below(3'600'000)}, 48h + 1min * below(100'000),
           1000 + below(1'000'000'000));
    }
  }
  // Fresh accounts behind one address, within two seconds, for one entry.
  std::set<UserId> ring(std::size_t size, std::uint32_t entry = 0, std::int64_t network = 7) {
    std::set<UserId> members;
    for (std::size_t i = 0; i < size; ++i) {
      const UserId member{make_id()};
      members.insert(member);
      vote(entry, 30min + std::chrono::milliseconds{below(2000)},
           5min + std::chrono::milliseconds{below(3'600'000)}, network, member);
    }
    return members;
  }

  BattleFacts facts;

 private:
  Uuid make_id() {
    Uuid id;
    for (auto& byte : id.bytes) byte = static_cast<std::uint8_t>(random_());
    return id;
  }
  std::mt19937_64 random_;
};

std::set<UserId> voided(const BattleFacts& facts, Detectors on = Detectors::all()) {
  const Case votes{facts};
  std::set<UserId> voters;
  for (const Verdict& verdict : judge(detect(votes, on))) {
    voters.insert(votes.votes()[verdict.vote].voter);
  }
  return voters;
}

bool has_signal(const BattleFacts& facts, Signal signal) {
  const auto findings = detect(Case{facts}, Detectors::all());
  return std::any_of(findings.begin(), findings.end(),
                     [&](const Finding& finding) { return finding.signal == signal; });
}

}  // namespace

TEST(FairPlay, finds_fifty_fresh_accounts_behind_one_address_and_none_of_500_honest_voters) {
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    Scene scene{4, seed};
    scene.honest(500);
    EXPECT_TRUE(voided(scene.facts).empty());
    const auto ring = scene.ring(50);
    EXPECT_EQ(voided(scene.facts), ring);
  }
}

TEST(FairPlay, finds_the_ring_where_every_account_is_new) {
  Scene scene{3};
  scene.honest(500);
  for (Fact& fact : scene.facts.votes) fact.account_made = fact.at - 10min;
  const auto ring = scene.ring(50);
  EXPECT_EQ(voided(scene.facts), ring);
}

TEST(FairPlay, leaves_a_campus_that_votes_as_everyone_does) {
  Scene scene{4};
  scene.honest(400);
  for (int i = 0; i < 100; ++i) {  // a shared address, many new accounts, favourites of their own
    scene.vote(static_cast<std::uint32_t>(scene.below(4)), 1ms * scene.below(3'600'000),
               1min * scene.below(3000), 42);
  }
  EXPECT_TRUE(voided(scene.facts).empty());
}

TEST(FairPlay, leaves_a_class_that_signs_up_for_its_friend) {
  Scene scene{4};
  scene.honest(400);
  for (int i = 0; i < 30; ++i) {  // found, since they are conspicuous; but over minutes, as people
    scene.vote(2, 20min + 1ms * scene.below(300'000), 30s + 1ms * scene.below(240'000), 42);
  }
  EXPECT_TRUE(has_signal(scene.facts, Signal::shared_network));
  EXPECT_TRUE(voided(scene.facts).empty());
}

TEST(FairPlay, leaves_a_lecture_hall_that_counts_down_with_the_accounts_it_has) {
  Scene scene{4};
  scene.honest(400);
  for (int i = 0; i < 40; ++i) {
    const auto age =
        scene.below(100) < 20 ? 1min * (60 + scene.below(600)) : 24h * (3 + scene.below(300));
    scene.vote(2, 20min + 1ms * scene.below(2500), age, 42);
  }
  EXPECT_TRUE(has_signal(scene.facts, Signal::network_burst));
  EXPECT_TRUE(voided(scene.facts).empty());
}

TEST(FairPlay, leaves_a_crowd_that_a_streamer_sends) {
  Scene scene{4};
  scene.honest(300);
  for (int i = 0; i < 400; ++i) {  // up within 20 s, down over a minute; half of them new
    const auto at = 20min + 1ms * (scene.below(10'000) + scene.below(10'000) + scene.below(40'000));
    const auto age = scene.below(2) == 0 ? 1s * (20 + scene.below(600)) : 24h * scene.below(300);
    scene.vote(1, at, age, scene.below(100) < 30 ? scene.below(5) : 1000 + scene.below(1'000'000));
  }
  EXPECT_TRUE(voided(scene.facts).empty());
}

TEST(FairPlay, leaves_votes_that_a_stall_wrote_at_one_instant) {
  Scene scene{4};
  scene.honest(4000);
  for (Fact& fact : scene.facts.votes) {
    if (fact.at > noon + 30min && fact.at < noon + 30min + 20s) fact.at = noon + 30min + 20s;
    if (scene.below(3) == 0) fact.account_made = fact.at - 1h;
  }
  EXPECT_TRUE(voided(scene.facts).empty());
}

TEST(FairPlay, finds_fresh_accounts_with_an_address_each_where_such_are_rare) {
  Scene scene{4};
  scene.honest(500);
  std::set<UserId> farm;
  for (int i = 0; i < 60; ++i) {
    const UserId member = UserId::make();
    farm.insert(member);
    scene.vote(3, 10min + 1ms * scene.below(2000), 1h, 5000 + i, member);
  }
  EXPECT_EQ(voided(scene.facts), farm);
}

TEST(FairPlay, finds_a_drip_of_votes_at_equal_gaps_behind_one_address) {
  Scene scene{4};
  scene.honest(500);
  std::set<UserId> drip;
  for (int i = 0; i < 40; ++i) {
    const UserId member = UserId::make();
    drip.insert(member);
    scene.vote(3, 5min + 15s * i + 1ms * scene.below(50), 100h + 1h * i, 9, member);
  }
  EXPECT_EQ(voided(scene.facts), drip);
}

TEST(FairPlay, finds_accounts_that_vote_at_the_same_age_behind_one_address) {
  Scene scene{4};
  scene.honest(500);
  std::set<UserId> made;
  for (int i = 0; i < 30; ++i) {
    const UserId member = UserId::make();
    made.insert(member);
    scene.vote(3, 1ms * scene.below(3'600'000), 4200ms + 1ms * scene.below(300), 9, member);
  }
  EXPECT_EQ(voided(scene.facts), made);
}

TEST(FairPlay, leaves_a_script_in_which_everyone_is_of_the_same_age) {
  Scene scene{2};  // as in a load test: all accounts made in a row, all voting in that row
  for (int i = 0; i < 500; ++i) {
    scene.vote(static_cast<std::uint32_t>(i % 2), 20ms * i, 60s + 1ms * scene.below(500),
               i % 10 == 0 ? 42 : 1000 + i);
  }
  EXPECT_TRUE(voided(scene.facts).empty());
}

TEST(FairPlay, finds_authors_who_only_ever_vote_for_each_other) {
  Scene scene{40};
  scene.honest(800);
  std::set<UserId> members;
  for (std::uint32_t i = 0; i < 5; ++i) members.insert(scene.facts.entries[i].author);
  for (std::uint32_t i = 0; i < 5; ++i) {
    for (std::uint32_t j = 0; j < 5; ++j) {
      if (i == j) continue;
      scene.vote(j, 1s * scene.below(3600), 500h, {}, scene.facts.entries[i].author);
    }
  }
  EXPECT_EQ(voided(scene.facts), members);
  // One of them who also votes for somebody else is no member, and takes the ring down to four.
  scene.vote(20, 1min, 500h, {}, scene.facts.entries[0].author);
  EXPECT_FALSE(voided(scene.facts).contains(scene.facts.entries[0].author));
}

TEST(FairPlay, remembers_a_ring_from_battle_to_battle) {
  Scene scene{12};
  scene.honest(200);
  std::set<UserId> members;
  for (std::uint32_t i = 0; i < 3; ++i) {
    const UserId voter = scene.facts.entries[i].author;
    members.insert(voter);
    scene.vote((i + 1) % 3, 1s * scene.below(3600), 500h, {}, voter);
  }
  EXPECT_TRUE(voided(scene.facts).empty()) << "three votes are little";
  for (std::uint32_t i = 0; i < 3; ++i) {
    scene.facts.ties.push_back(
        {scene.facts.entries[i].author, scene.facts.entries[(i + 1) % 3].author, 6, 6.2});
  }
  EXPECT_EQ(voided(scene.facts), members);
}

TEST(FairPlay, leaves_four_entrants_who_vote_for_all_that_there_is) {
  Scene scene{4};
  scene.honest(50);
  for (std::uint32_t i = 0; i < 4; ++i) {
    for (std::uint32_t j = 0; j < 4; ++j) {
      if (i != j) scene.vote(j, 1s * scene.below(3600), 500h, {}, scene.facts.entries[i].author);
    }
  }
  EXPECT_TRUE(voided(scene.facts).empty());
}

TEST(FairPlay, finds_nothing_with_a_detector_that_is_switched_off) {
  Scene scene{4};
  scene.honest(500);
  scene.ring(50);
  EXPECT_TRUE(detect(Case{scene.facts}, Detectors{}).empty());
  Detectors networks;
  networks.add(Detector::shared_network);
  EXPECT_FALSE(detect(Case{scene.facts}, networks).empty());
  EXPECT_TRUE(voided(scene.facts, networks).empty()) << "one circumstance is never enough";
}

TEST(FairPlay, does_not_hang_on_the_order_of_rows) {
  Scene scene{6};
  scene.honest(600);
  scene.ring(50);
  const auto print = [](const BattleFacts& facts) {
    const Case votes{facts};
    std::string text;
    for (const Finding& finding : detect(votes, Detectors::all())) {
      text += std::string{spelled(finding.signal)} + finding.evidence;
      for (const std::uint32_t vote : finding.votes) text += votes.votes()[vote].id.text();
    }
    return text;
  };
  const std::string expected = print(scene.facts);
  std::mt19937 random{3};
  for (int round = 0; round < 5; ++round) {
    std::shuffle(scene.facts.votes.begin(), scene.facts.votes.end(), random);
    EXPECT_EQ(print(scene.facts), expected);
  }
}

TEST(FairPlay, has_nothing_to_say_of_small_and_empty_battles) {
  EXPECT_TRUE(detect(Case{BattleFacts{}}, Detectors::all()).empty());
  Scene scene{2};
  scene.honest(5);
  EXPECT_TRUE(detect(Case{scene.facts}, Detectors::all()).empty());
}

TEST(Chance, is_never_below_the_true_probability) {
  EXPECT_NEAR(log_chance_binomial(50, 50, 0.1), -50, 1e-9);
  EXPECT_EQ(log_chance_binomial(5, 50, 0.1), 0);
  // P(X >= 9 | 10, 1/2) = 11/1024.
  EXPECT_GE(log_chance_binomial(9, 10, 0.5), std::log10(11.0 / 1024));
  // P(X >= 20 | Poisson 5) = 8.1e-8.
  EXPECT_GE(log_chance_poisson(20, 5), std::log10(8.1e-8));
  EXPECT_LT(log_chance_poisson(20, 5), -5);
}

}  // namespace wildnout::battles::fair_play
