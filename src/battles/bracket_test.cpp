// Brackets of every size by property: seeds, byes, meetings, times of rounds.
#include "battles/bracket.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>
#include <set>

#include "platform/crypto/digest.hpp"
#include "platform/values/random.hpp"

namespace wildnout::battles {
namespace {

using namespace std::chrono_literals;

constexpr Timestamp noon{1'800'000'000'000ms};

Hash some_secret(std::uint8_t number) {
  Hash secret{};
  secret.fill(number);
  return secret;
}

std::vector<EntryId> some_entries(std::size_t count) {
  std::vector<EntryId> entries;
  for (std::size_t i = 0; i < count; ++i) entries.push_back(EntryId::make());
  return entries;
}

// The round in which two places of the first round meet, when both win until then.
std::int32_t meeting_round(std::int32_t a, std::int32_t b) {
  std::int32_t round = 0;
  while (a != b) {
    a /= 2;
    b /= 2;
    ++round;
  }
  return round;
}

std::vector<std::string> faults_of(const Rules& rules, Schedule times) {
  Faults faults;
  check_rounds(rules, times, 60s, faults);
  std::vector<std::string> paths;
  for (const api::Fault& fault : faults) paths.push_back(fault.path);
  return paths;
}

}  // namespace

TEST(Bracket, has_places_for_the_next_power_of_two) {
  const std::map<std::int32_t, std::int32_t> places{{0, 0},   {1, 1},   {2, 2},   {3, 4},
                                                    {4, 4},   {5, 8},   {8, 8},   {9, 16},
                                                    {13, 16}, {33, 64}, {64, 64}, {-1, 0}};
  for (const auto& [entrants, wanted] : places) EXPECT_EQ(bracket_places(entrants), wanted);
  EXPECT_EQ(round_count(0), 0);
  EXPECT_EQ(round_count(1), 0);
  EXPECT_EQ(round_count(2), 1);
  EXPECT_EQ(round_count(64), 6);
}

TEST(Bracket, keeps_better_seeds_apart_longer) {
  for (std::int32_t places = 2; places <= most_entrants; places *= 2) {
    const auto seeds = seed_places(places);
    std::vector<std::int32_t> sorted = seeds;
    std::sort(sorted.begin(), sorted.end());
    for (std::int32_t seed = 1; seed <= places; ++seed) {
      EXPECT_EQ(sorted[static_cast<std::size_t>(seed - 1)], seed);
    }
    std::map<std::int32_t, std::int32_t> place_of;
    for (std::int32_t at = 0; at < places; ++at) {
      place_of[seeds[static_cast<std::size_t>(at)]] = at;
    }
    // The best 2^k seeds stand in as many different parts of the bracket.
    for (std::int32_t best = 2; best <= places; best *= 2) {
      for (std::int32_t a = 1; a <= best; ++a) {
        for (std::int32_t b = a + 1; b <= best; ++b) {
          EXPECT_GT(meeting_round(place_of[a], place_of[b]),
                    round_count(places) - round_count(best));
        }
      }
    }
  }
}

TEST(Bracket, gives_every_entrant_one_place_and_byes_to_the_best_seeds) {
  for (std::int32_t entrants = 2; entrants <= most_entrants; ++entrants) {
    const std::int32_t places = bracket_places(entrants);
    const auto pairings = draw_pairings(entrants);
    ASSERT_EQ(std::ssize(pairings), places - 1) << entrants;
    std::set<std::int32_t> seen;
    std::set<std::int32_t> with_bye;
    for (const DrawnPairing& pairing : pairings) {
      if (pairing.round != 1) continue;
      ASSERT_TRUE(pairing.seed_a.has_value());
      EXPECT_TRUE(seen.insert(*pairing.seed_a).second);
      if (pairing.seed_b) EXPECT_TRUE(seen.insert(*pairing.seed_b).second);
      EXPECT_EQ(pairing.is_bye, !pairing.seed_b.has_value());
      if (pairing.is_bye) with_bye.insert(*pairing.seed_a);
    }
    EXPECT_EQ(std::ssize(seen), entrants);
    EXPECT_EQ(*seen.begin(), 1);
    EXPECT_EQ(*seen.rbegin(), entrants);
    EXPECT_EQ(std::ssize(with_bye), places - entrants);
    if (!with_bye.empty()) EXPECT_EQ(*with_bye.rbegin(), places - entrants);
    // Exactly those with a bye stand in the second round, each on the side of its position.
    for (const DrawnPairing& pairing : pairings) {
      if (pairing.round != 2) continue;
      for (const auto& seed : {pairing.seed_a, pairing.seed_b}) {
        if (seed) EXPECT_EQ(with_bye.erase(*seed), 1u);
      }
    }
    if (places > 2) EXPECT_TRUE(with_bye.empty()) << entrants;
  }
  EXPECT_TRUE(draw_pairings(0).empty());
  EXPECT_TRUE(draw_pairings(1).empty());
}

TEST(Bracket, ends_with_one_winner_after_as_many_meetings_as_it_must) {
  for (std::int32_t entrants = 2; entrants <= most_entrants; ++entrants) {
    auto pairings = draw_pairings(entrants);
    std::map<std::pair<std::int32_t, std::int32_t>, DrawnPairing*> at;
    for (DrawnPairing& pairing : pairings) at[{pairing.round, pairing.position}] = &pairing;
    std::int32_t meetings = 0;
    std::int32_t champion = 0;
    // The lower number always wins: then seed 1 does, having met each better one in order.
    for (const DrawnPairing& pairing : pairings) {
      ASSERT_TRUE(pairing.seed_a);
      if (!pairing.is_bye) {
        ASSERT_TRUE(pairing.seed_b);
        ++meetings;
      }
      champion = pairing.is_bye ? *pairing.seed_a : std::min(*pairing.seed_a, *pairing.seed_b);
      const auto next = at.find({pairing.round + 1, next_position(pairing.position)});
      if (next == at.end()) continue;
      auto& side = goes_to_side_a(pairing.position) ? next->second->seed_a : next->second->seed_b;
      EXPECT_TRUE(!side || *side == champion);
      side = champion;
    }
    EXPECT_EQ(champion, 1);
    EXPECT_EQ(meetings, entrants - 1);
  }
}

TEST(Seeding, is_the_same_for_any_order_of_entries) {
  std::mt19937 shuffle{7};
  for (std::size_t count = 0; count <= 64; ++count) {
    auto entries = some_entries(count);
    const auto seeded = seed_entries(some_secret(1), entries);
    std::shuffle(entries.begin(), entries.end(), shuffle);
    EXPECT_EQ(seed_entries(some_secret(1), entries), seeded);
    EXPECT_EQ(std::set(seeded.begin(), seeded.end()).size(), count);
  }
}

TEST(Seeding, hangs_on_the_secret_and_on_who_is_in) {
  auto entries = some_entries(16);
  const auto seeded = seed_entries(some_secret(1), entries);
  EXPECT_NE(seed_entries(some_secret(2), entries), seeded);
  // One entrant less changes the order of the others too: 15 of them stay in order by chance once
  // in 15! times.
  const EntryId left = entries.back();
  entries.pop_back();
  auto rest = seeded;
  std::erase(rest, left);
  EXPECT_NE(seed_entries(some_secret(1), entries), rest);
}

TEST(Seeding, puts_an_entry_on_any_place_equally_often) {
  constexpr int draws = 4000;
  const auto entries = some_entries(8);
  std::map<std::size_t, int> places;
  for (int draw = 0; draw < draws; ++draw) {
    Hash secret;
    random_bytes(secret);
    const auto seeded = seed_entries(secret, entries);
    const auto found = std::find(seeded.begin(), seeded.end(), entries[3]);
    ++places[static_cast<std::size_t>(found - seeded.begin())];
  }
  // 500 each, standard deviation 21: six of them.
  for (std::size_t place = 0; place < 8; ++place) EXPECT_NEAR(places[place], draws / 8, 126);
}

TEST(Seeding, is_committed_to_by_the_hash_of_its_secret) {
  // SHA-256 of 32 bytes of zero.
  EXPECT_EQ(crypto::hex(crypto::ByteView{seeding_commitment(some_secret(0))}),
            "66687aadf862bd776c8fc18b8e9f8e20089714856ee233b3902a591d0d5f2925");
}

TEST(Rounds, last_as_asked_for_or_share_the_time_of_voting) {
  Rules rules = default_rules(BattleType::tournament);
  rules.bracket_size = 16;
  const Schedule times{noon, noon + 1h, noon + 2h, noon + 10h};
  EXPECT_EQ(round_length(rules, times), 2h);
  rules.round_hours = 1;
  EXPECT_EQ(round_length(rules, times), 1h);
  rules.round_hours.reset();
  rules.round_seconds = 5;
  EXPECT_EQ(round_length(rules, times), 5s);
}

TEST(Rounds, must_have_room_before_the_end_of_voting) {
  Rules rules = default_rules(BattleType::tournament);
  const Schedule times{noon, noon + 1h, noon + 2h, noon + 10h};
  const std::vector<std::string> too_late{"/votingEndTime"};
  EXPECT_TRUE(faults_of(rules, times).empty());
  for (const auto& [size, rounds] : {std::pair{4, 2}, {8, 3}, {16, 4}, {32, 5}, {64, 6}}) {
    rules.bracket_size = size;
    rules.round_hours = 2;
    EXPECT_EQ(faults_of(rules, {noon, noon + 1h, noon + 2h, noon + 2h + rounds * 2h}).size(), 0u);
    EXPECT_EQ(faults_of(rules, {noon, noon + 1h, noon + 2h, noon + 2h + rounds * 2h - 1ms}),
              too_late);
    rules.round_hours.reset();
    EXPECT_EQ(faults_of(rules, {noon, noon + 1h, noon + 2h, noon + 2h + rounds * 60s}).size(), 0u);
    EXPECT_EQ(faults_of(rules, {noon, noon + 1h, noon + 2h, noon + 2h + rounds * 60s - 1s}),
              too_late);
  }
}

}  // namespace wildnout::battles
