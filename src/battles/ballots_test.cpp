// Counting and ranking for any ballots, in any order, by any number of threads.
#include "battles/ballots.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <random>
#include <thread>

#include "battles/verification.hpp"
#include "platform/json/json.hpp"

namespace wildnout::battles {
namespace {

using namespace std::chrono_literals;

const Timestamp noon = *parse_timestamp("2026-11-22T12:00:00Z");

EntryId entry_of(std::uint8_t number) {
  EntryId id;
  id.value.bytes[15] = number;
  return id;
}

// Few entries, times and weights, so that ties are the rule.
std::vector<PublicBallot> some_ballots() {
  const auto count = *rc::gen::inRange<std::size_t>(0, 120);
  std::vector<PublicBallot> ballots;
  for (std::size_t i = 0; i < count; ++i) {
    ballots.push_back({crypto::sha256(std::to_string(i)),
                       entry_of(*rc::gen::inRange<std::uint8_t>(0, 6)),
                       *rc::gen::inRange<std::int64_t>(1, 3),
                       noon + std::chrono::seconds{*rc::gen::inRange(0, 4)}});
  }
  return ballots;
}

std::vector<Contender> some_contenders() {
  std::vector<Contender> contenders;
  for (std::uint8_t i = 0; i < 6; ++i) {
    contenders.push_back(
        {entry_of(i), UserId{}, noon + std::chrono::seconds{*rc::gen::inRange(0, 2)}});
  }
  return contenders;
}

std::vector<TieBreaker> some_chain() {
  return *rc::gen::unique<std::vector<TieBreaker>>(
      rc::gen::element(TieBreaker::votes, TieBreaker::weighted_votes, TieBreaker::unique_voters,
                       TieBreaker::earliest_lead, TieBreaker::earliest_submission));
}

// Each thread counts its part of the ballots.
Recount counted_by(unsigned threads, const std::vector<PublicBallot>& ballots) {
  std::vector<Recount> parts(threads);
  std::vector<std::thread> crew;
  for (unsigned number = 0; number < threads; ++number) {
    crew.emplace_back([&ballots, &part = parts[number], number, threads] {
      for (std::size_t i = number; i < ballots.size(); i += threads) part.add(ballots[i]);
    });
  }
  for (std::thread& one : crew) one.join();
  Recount whole;
  for (const Recount& part : parts) whole.add(part);
  return whole;
}

std::string ranking_text(const std::vector<Contender>& contenders, const Recount& recount,
                         const std::vector<TieBreaker>& chain, const Hash& root) {
  return json::text_of(rank_entries(standings_of(contenders, recount), chain, root));
}

}  // namespace

RC_GTEST_PROP(Ranking, is_the_same_for_any_order_of_rows_and_any_number_of_threads, ()) {
  auto ballots = some_ballots();
  auto contenders = some_contenders();
  const auto chain = some_chain();
  const Hash root = crypto::sha256(std::string_view{"root"});
  const std::string expected = ranking_text(contenders, counted_by(1, ballots), chain, root);
  std::mt19937 random{*rc::gen::arbitrary<std::uint32_t>()};
  std::shuffle(ballots.begin(), ballots.end(), random);
  std::shuffle(contenders.begin(), contenders.end(), random);
  const unsigned threads = *rc::gen::inRange(1U, 6U);
  RC_ASSERT(ranking_text(contenders, counted_by(threads, ballots), chain, root) == expected);
}

RC_GTEST_PROP(Ranking, puts_equals_in_the_order_of_the_first_step_that_tells_them_apart, ()) {
  const auto recount = counted_by(1, some_ballots());
  const auto chain = some_chain();
  const auto ranking = rank_entries(standings_of(some_contenders(), recount), chain, Hash{});
  for (std::size_t i = 0; i + 1 < ranking.size(); ++i) {
    const RankedEntry& a = ranking[i];
    const RankedEntry& b = ranking[i + 1];
    RC_ASSERT(a.rank == static_cast<std::int32_t>(i + 1));
    RC_ASSERT(a.votes >= b.votes);
    if (a.votes != b.votes) continue;
    RC_ASSERT(a.tie_break && b.tie_break);
    for (const TieBreaker step : chain) {
      const auto lead = [](const RankedEntry& one) {
        return one.last_vote_at.value_or(Timestamp::max());
      };
      std::int64_t order = 0;  // above zero: `a` comes first by this step
      if (step == TieBreaker::weighted_votes) order = a.weighted_votes - b.weighted_votes;
      if (step == TieBreaker::earliest_lead)
        order = lead(a) < lead(b) ? 1 : lead(b) < lead(a) ? -1 : 0;
      if (step == TieBreaker::earliest_submission) {
        order = (b.submission_time - a.submission_time).count();
      }
      RC_ASSERT(order >= 0);
      if (order > 0) break;
    }
  }
}

RC_GTEST_PROP(Recount, is_as_before_when_a_ballot_is_voided_and_restored, ()) {
  const auto ballots = some_ballots();
  RC_PRE(!ballots.empty());
  const auto voided = *rc::gen::inRange<std::size_t>(0, ballots.size());
  auto without = ballots;
  without.erase(without.begin() + static_cast<std::ptrdiff_t>(voided));
  RC_ASSERT(counted_by(1, without).total() == counted_by(1, ballots).total() - 1);
  without.push_back(ballots[voided]);
  const auto contenders = some_contenders();
  RC_ASSERT(ranking_text(contenders, counted_by(1, without), {}, Hash{}) ==
            ranking_text(contenders, counted_by(1, ballots), {}, Hash{}));
}

TEST(BallotLines, are_canonical_json_with_nothing_of_the_voter) {
  PublicBallot ballot{crypto::sha256(std::string_view{"x"}), entry_of(7), 1, noon + 123ms};
  std::string line;
  append_line(ballot, line);
  EXPECT_EQ(line, R"({"createdAt":"2026-11-22T12:00:00.000Z",)"
                  R"("entryId":"00000000-0000-0000-0000-000000000007",)"
                  R"("leaf":"2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881",)"
                  R"("weight":1})"
                  "\n");
  line.clear();
  VoidGround ground{"burst", {}};
  ground.detector = std::string{"bursts/1"};
  append_line(ballot, ground, line);
  EXPECT_NE(line.find(R"("voided":{"detector":"bursts/1","reason":"burst"},"weight":1})"),
            std::string::npos);
}

TEST(RulesHash, does_not_hang_on_the_order_of_members_nor_on_absent_ones) {
  EXPECT_EQ(rules_hash(R"({"b":[1,{"z":null,"y":"ü\n"}],"a":null})"),
            rules_hash(R"({ "b" : [1, {"y":"\u00fc\u000a"}] })"));
  EXPECT_NE(rules_hash(R"({"b":1})"), rules_hash(R"({"b":2})"));
}

TEST(Verification, refuses_what_it_cannot_judge) {
  EXPECT_THROW(Verification{"not JSON"}, Uncheckable);
  EXPECT_THROW(Verification{R"({"algorithm":"another/1"})"}, Uncheckable);
  EXPECT_THROW(Verification{R"({"algorithm":"wildnout-results/1"})"}, Uncheckable);
}

}  // namespace wildnout::battles
