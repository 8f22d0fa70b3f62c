// Turns stay equal whoever is dealt to; votes neither show in them nor steer them.
#include "battles/rotation.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <map>
#include <set>

namespace wildnout::battles {
namespace {

std::vector<Candidate> candidates(std::size_t count) {
  std::vector<Candidate> made;
  for (std::size_t i = 0; i < count; ++i) made.push_back({EntryId::make(), UserId::make(), 0, {}});
  return made;
}

std::map<EntryId, std::int64_t> impressions_of(const Rotation& rotation) {
  std::map<EntryId, std::int64_t> counts;
  for (const auto& count : rotation.unwritten(100000))
    counts[count.id] = count.exposure.impressions;
  return counts;
}

struct Spread {
  std::int64_t least;
  std::int64_t most;
};

Spread spread_of(const std::map<EntryId, std::int64_t>& counts) {
  Spread spread{INT64_MAX, 0};
  for (const auto& [id, count] : counts) {
    spread = {std::min(spread.least, count), std::max(spread.most, count)};
  }
  return spread;
}

constexpr std::uint64_t seed = 42;

}  // namespace

TEST(Rotation, keeps_entries_within_one_impression_of_each_other) {
  rc::check([] {
    const auto count = *rc::gen::inRange<std::size_t>(1, 60);
    const auto size = *rc::gen::inRange<std::size_t>(1, 11);
    const auto ballots = *rc::gen::inRange<int>(1, 300);
    Rotation rotation{*rc::gen::arbitrary<std::uint64_t>()};
    const auto entries = candidates(count);
    rotation.refill(entries);
    std::map<EntryId, std::int64_t> seen;
    for (const Candidate& entry : entries) seen[entry.id] = 0;
    for (int i = 0; i < ballots; ++i) {
      const auto dealt = rotation.deal({UserId::make(), {}}, size, false);
      RC_ASSERT(dealt.size() == std::min(size, count));
      RC_ASSERT((std::set<EntryId>{dealt.begin(), dealt.end()}.size() == dealt.size()));
      for (const EntryId id : dealt) ++seen[id];
    }
    const Spread spread = spread_of(seen);
    RC_ASSERT(spread.most - spread.least <= 1);
  });
}

TEST(Rotation, deals_nobody_their_own_entry_nor_one_they_voted_for_while_there_are_others) {
  Rotation rotation{seed};
  auto entries = candidates(6);
  entries[1].author_id = entries[0].author_id;
  rotation.refill(entries);
  Voter voter{entries[0].author_id, {entries[2].id, entries[3].id}};
  std::sort(voter.voted.begin(), voter.voted.end());
  for (int i = 0; i < 50; ++i) {
    for (const EntryId id : rotation.deal(voter, 3, false)) {
      EXPECT_TRUE(id == entries[4].id || id == entries[5].id);
    }
  }
  voter.voted.push_back(entries[4].id);
  voter.voted.push_back(entries[5].id);
  std::sort(voter.voted.begin(), voter.voted.end());
  EXPECT_EQ(rotation.deal(voter, 3, false).size(), 3u);  // judged all: any but their own
}

TEST(Rotation, deals_each_entry_as_often_in_each_place_of_the_ballot) {
  Rotation rotation{seed};
  rotation.refill(candidates(4));
  std::map<EntryId, int> first;
  constexpr int ballots = 8000;
  for (int i = 0; i < ballots; ++i) ++first[rotation.deal({UserId::make(), {}}, 4, false).front()];
  for (const auto& [id, count] : first) EXPECT_NEAR(count, ballots / 4, 250);
}

TEST(Rotation, lets_an_entry_that_joins_late_catch_up) {
  Rotation rotation{seed};
  auto entries = candidates(5);
  rotation.refill(entries);
  for (int i = 0; i < 100; ++i) (void)rotation.deal({UserId::make(), {}}, 2, false);
  entries.push_back({EntryId::make(), UserId::make(), 0, {}});
  rotation.refill(entries);
  for (int i = 0; i < 100; ++i) (void)rotation.deal({UserId::make(), {}}, 2, false);
  const Spread spread = spread_of(impressions_of(rotation));
  EXPECT_LE(spread.most - spread.least, 1);
}

TEST(Rotation, balances_with_what_other_processes_have_dealt) {
  Rotation rotation{seed};
  auto entries = candidates(3);
  entries[0].turns_elsewhere = 30;
  entries[1].turns_elsewhere = 20;
  rotation.refill(entries);
  for (int i = 0; i < 40; ++i) (void)rotation.deal({UserId::make(), {}}, 1, false);
  auto seen = impressions_of(rotation);
  EXPECT_EQ(seen[entries[0].id], 0);
  EXPECT_EQ(seen[entries[1].id], 10);
  EXPECT_EQ(seen[entries[2].id], 30);
}

TEST(Rotation, keeps_entries_equal_though_all_vote_for_the_same_one) {
  Rotation rotation{seed};
  const auto entries = candidates(20);
  rotation.refill(entries);
  for (int person = 0; person < 400; ++person) {
    Voter voter{UserId::make(), {}};
    for (int ballot = 0; ballot < 4; ++ballot) {
      const auto dealt = rotation.deal(voter, 3, false);
      if (std::find(dealt.begin(), dealt.end(), entries[0].id) != dealt.end()) {
        voter.voted = {entries[0].id};
      }
    }
  }
  const Spread spread = spread_of(impressions_of(rotation));
  EXPECT_LE(spread.most - spread.least, 2);
}

TEST(Rotation, lets_nobody_hide_an_entry_from_others_by_voting_for_all_the_rest) {
  Rotation rotation{seed};
  const auto entries = candidates(10);
  rotation.refill(entries);
  Voter hostile{UserId::make(), {}};
  for (std::size_t i = 1; i < entries.size(); ++i) hostile.voted.push_back(entries[i].id);
  std::sort(hostile.voted.begin(), hostile.voted.end());
  for (int i = 0; i < 1000; ++i) {
    EXPECT_EQ(rotation.deal(hostile, 3, false), std::vector<EntryId>{entries[0].id});
  }
  int seen_by_others = 0;
  for (int i = 0; i < 100; ++i) {
    const auto dealt = rotation.deal({UserId::make(), {}}, 3, false);
    seen_by_others += std::find(dealt.begin(), dealt.end(), entries[0].id) != dealt.end();
  }
  EXPECT_NEAR(seen_by_others, 30, 1);
}

// Every other voter has voted for the first entry and is shown others; who has not voted is shown
// it as often as the rest all the same. Without secrecy it would be dealt to them twice as often.
TEST(Rotation, does_not_show_secret_votes_in_what_others_are_dealt) {
  const auto entries = candidates(8);
  const auto seen_by_others = [&entries](bool is_secret) {
    Rotation rotation{seed};
    rotation.refill(entries);
    int seen = 0;
    for (int i = 0; i < 4000; ++i) {
      (void)rotation.deal({UserId::make(), {entries[0].id}}, 3, is_secret);
      const auto dealt = rotation.deal({UserId::make(), {}}, 3, is_secret);
      seen += std::find(dealt.begin(), dealt.end(), entries[0].id) != dealt.end();
    }
    return seen;
  };
  EXPECT_NEAR(seen_by_others(true), 4000 * 3 / 8, 120);
  EXPECT_GT(seen_by_others(false), 4000 * 5 / 8);
}

TEST(Rotation, tells_what_is_not_written_yet_and_forgets_nothing_in_a_refill) {
  Rotation rotation{seed};
  auto entries = candidates(3);
  rotation.refill(entries);
  (void)rotation.deal({UserId::make(), {}}, 2, false);
  const auto counts = rotation.unwritten(10);
  EXPECT_EQ(counts.size(), 2u);
  (void)rotation.deal({UserId::make(), {}}, 3, false);
  rotation.mark_written(counts);
  EXPECT_TRUE(rotation.has_unwritten());
  rotation.refill(entries);  // as stored before the write
  std::int64_t all = 0;
  for (const auto& count : rotation.unwritten(10)) all += count.exposure.impressions;
  EXPECT_EQ(all, 5);
  rotation.mark_written(rotation.unwritten(10));
  EXPECT_FALSE(rotation.has_unwritten());
}

}  // namespace wildnout::battles
