// Rules of battles by table and by property: defaults, faults, ranking, trees.
#include "battles/rules.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "platform/crypto/digest.hpp"
#include "platform/json/json.hpp"

namespace wildnout::battles {
namespace {

using namespace std::chrono_literals;

constexpr Timestamp noon{std::chrono::milliseconds{1'800'000'000'000}};

std::vector<std::string> paths_of(const Faults& faults) {
  std::vector<std::string> paths;
  for (const api::Fault& fault : faults) paths.push_back(fault.path);
  return paths;
}

Faults faults_of(BattleType type, std::string_view rules) {
  Faults faults;
  (void)apply_rules(type, default_rules(type), json::read<RulesRequest>(rules), faults);
  return faults;
}

Standing standing(std::uint8_t number, std::int64_t votes) {
  Standing one{};
  one.entry_id.value.bytes[15] = number;
  one.votes = votes;
  one.weighted_votes = votes;
  one.unique_voters = votes;
  one.last_vote_at = noon;
  one.submission_time = noon;
  return one;
}

std::vector<std::uint8_t> order_of(const std::vector<RankedEntry>& ranking) {
  std::vector<std::uint8_t> order;
  for (const RankedEntry& entry : ranking) order.push_back(entry.entry_id.value.bytes[15]);
  return order;
}

}  // namespace

TEST(Rules, take_their_types_defaults_where_nothing_is_said) {
  for (const BattleType type : {BattleType::wild_style, BattleType::r_and_beef}) {
    EXPECT_TRUE(faults_of(type, "{}").empty());
  }
  EXPECT_EQ(default_rules(BattleType::r_and_beef).allowed_content_types,
            (std::vector{ContentType::audio, ContentType::video, ContentType::text}));
  EXPECT_EQ(default_rules(BattleType::wild_style).entries_per_user, 1);
}

TEST(Rules, need_what_their_type_cannot_do_without) {
  EXPECT_EQ(paths_of(faults_of(BattleType::pick_up_kill_it, "{}")),
            std::vector<std::string>{"/rules/requiredWords"});
  EXPECT_EQ(paths_of(faults_of(BattleType::tournament, "{}")),
            std::vector<std::string>{"/rules/bracketSize"});
  EXPECT_TRUE(faults_of(BattleType::tournament, R"({"bracketSize":8})").empty());
  EXPECT_EQ(paths_of(faults_of(BattleType::tournament, R"({"bracketSize":6})")),
            std::vector<std::string>{"/rules/bracketSize"});
}

TEST(Rules, of_a_tournament_have_its_brackets_places_and_one_entry_a_person) {
  Faults faults;
  const Rules rules = apply_rules(BattleType::tournament, default_rules(BattleType::tournament),
                                  json::read<RulesRequest>(R"({"bracketSize":8})"), faults);
  EXPECT_TRUE(faults.empty());
  EXPECT_EQ(rules.max_entries, 8);
  EXPECT_EQ(rules.entries_per_user, 1);
  EXPECT_FALSE(rules.hide_tally_until_end);
  EXPECT_EQ(paths_of(faults_of(BattleType::tournament, R"({"bracketSize":8,"maxEntries":9})")),
            (std::vector<std::string>{"/rules/maxEntries"}));
  EXPECT_EQ(paths_of(faults_of(BattleType::r_and_beef, R"({"bracketSize":8})")),
            (std::vector<std::string>{"/rules/bracketSize"}));
}

TEST(Rules, do_not_ask_for_words_that_nobody_could_say) {
  const auto paths = [](std::string_view rules) {
    return paths_of(faults_of(BattleType::pick_up_kill_it, rules));
  };
  EXPECT_TRUE(paths(R"({"requiredWords":["fire","mic drop","🔥"]})").empty());
  EXPECT_EQ(paths(R"({"requiredWords":["fire","--"]})"),
            (std::vector<std::string>{"/rules/requiredWords/1"}));
  EXPECT_EQ(paths(R"({"requiredWords":["Mic Drop"],"bannedWords":["mic"]})"),
            (std::vector<std::string>{"/rules/requiredWords/0"}));
  EXPECT_EQ(paths(R"({"requiredWords":["a"],"bannedWords":["!"]})"),
            (std::vector<std::string>{"/rules/bannedWords/0"}));
  EXPECT_EQ(paths(R"({"requiredWords":["longer"],"maxTextLength":5})"),
            (std::vector<std::string>{"/rules/requiredWords/0"}));
}

TEST(Rules, report_every_fault_at_once) {
  const auto paths = paths_of(faults_of(BattleType::wild_style, R"({
    "minTextLength": 50, "maxTextLength": 10, "bracketSize": 8, "minTokenToVote": "5",
    "tieBreakers": ["votes", "votes"], "voteWeighting": "token", "allowedContentTypes": []})"));
  for (const char* path :
       {"/rules/minTextLength", "/rules/bracketSize", "/rules/minTokenToVote", "/rules/tieBreakers",
        "/rules/voteWeighting", "/rules/allowedContentTypes"}) {
    EXPECT_NE(std::find(paths.begin(), paths.end(), path), paths.end()) << path;
  }
}

TEST(Rules, go_back_to_the_default_for_null_and_stay_when_absent) {
  Rules base = default_rules(BattleType::wild_style);
  base.max_entries = 7;
  base.votes_per_user = 3;
  Faults faults;
  const Rules changed = apply_rules(BattleType::wild_style, base,
                                    json::read<RulesRequest>(R"({"votesPerUser":null})"), faults);
  EXPECT_EQ(changed.max_entries, 7);
  EXPECT_EQ(changed.votes_per_user, std::nullopt);
}

TEST(Schedule, must_be_in_order_long_enough_and_within_90_days) {
  const auto faults = [](Schedule times) {
    Faults found;
    check_schedule(times, noon, 60s, found);
    return paths_of(found);
  };
  EXPECT_TRUE(faults({noon, noon + 1h, noon + 1h, noon + 2h}).empty());
  EXPECT_TRUE(faults({noon - 5min, noon + 1h, noon + 1h, noon + 2h}).empty());
  EXPECT_EQ(faults({noon - 6min, noon + 1h, noon + 1h, noon + 2h}),
            std::vector<std::string>{"/startTime"});
  EXPECT_EQ(faults({noon, noon + 59s, noon + 1h, noon + 2h}), std::vector<std::string>{"/endTime"});
  EXPECT_EQ(faults({noon, noon + 2h, noon + 1h, noon + 3h}),
            std::vector<std::string>{"/votingStartTime"});
  EXPECT_EQ(faults({noon, noon + 1h, noon + 1h, noon + 1h}),
            std::vector<std::string>{"/votingEndTime"});
  EXPECT_EQ(faults({noon, noon + 1h, noon + 1h, noon + 2161h}),
            std::vector<std::string>{"/votingEndTime"});
  EXPECT_EQ(faults({noon - 1h, noon - 2h, noon - 3h, noon - 4h}).size(), 4u);
}

TEST(Entries, are_checked_against_every_rule_of_the_battle) {
  Rules rules = default_rules(BattleType::pick_up_kill_it);
  rules.required_words = {"mic", "crown"};
  rules.banned_words = {"mom"};
  rules.min_text_length = 10;
  Faults none;
  check_entry(rules, ContentType::text, "Hand me the MIC and the crown.", none);
  EXPECT_TRUE(none.empty());
  Faults all;
  check_entry(rules, ContentType::audio, "your mom", all);
  EXPECT_EQ(all.size(), 5u);  // type, length, two words missing, one banned
}

TEST(Entries, must_have_the_required_words_whole_and_none_of_the_banned) {
  Rules rules = default_rules(BattleType::pick_up_kill_it);
  rules.required_words = {"fire", "don't stop", "🎤"};
  rules.banned_words = {"straße"};
  const auto messages = [&](std::string_view body) {
    Faults faults;
    check_entry(rules, ContentType::text, body, faults);
    std::vector<std::string> found;
    for (const api::Fault& one : faults) found.push_back(one.message);
    return found;
  };
  EXPECT_TRUE(messages("FIRE! I Don\u2019t, STOP 🎤").empty());
  EXPECT_EQ(messages("fireplace, don't ever stop 🎤"),
            (std::vector<std::string>{"must contain the word 'fire'",
                                      "must contain the word 'don't stop'"}));
  EXPECT_EQ(messages("fire on the STRASSE don't stop 🎤"),
            (std::vector<std::string>{"must not contain the word 'straße'"}));
}

TEST(Ranking, does_not_hang_on_the_order_of_rows) {
  std::mt19937 random{7};
  std::vector<Standing> standings;
  for (std::uint8_t i = 0; i < 40; ++i) standings.push_back(standing(i, random() % 5));
  const Hash root = crypto::sha256(std::string_view{"root"});
  const std::vector chain{TieBreaker::unique_voters, TieBreaker::earliest_submission};
  const auto expected = order_of(rank_entries(standings, chain, root));
  for (int round = 0; round < 20; ++round) {
    std::shuffle(standings.begin(), standings.end(), random);
    EXPECT_EQ(order_of(rank_entries(standings, chain, root)), expected);
  }
}

TEST(Ranking, resolves_ties_by_the_declared_chain_and_says_what_decided) {
  std::vector<Standing> standings{standing(1, 5), standing(2, 5), standing(3, 9)};
  standings[1].last_vote_at = noon - 1s;
  const Hash root{};
  const std::vector lead{TieBreaker::votes, TieBreaker::earliest_lead};
  const auto ranking = rank_entries(standings, lead, root);
  EXPECT_EQ(order_of(ranking), (std::vector<std::uint8_t>{3, 2, 1}));
  EXPECT_FALSE(ranking[0].tie_break.has_value());
  ASSERT_TRUE(ranking[1].tie_break.has_value());
  EXPECT_EQ(ranking[1].tie_break->by, "earliestLead");
  EXPECT_EQ(ranking[1].tie_break->value, text_of(noon - 1s));
}

TEST(Ranking, ends_in_a_draw_that_hangs_on_the_root) {
  const std::vector<Standing> standings{standing(1, 5), standing(2, 5)};
  const std::vector chain{TieBreaker::votes};
  bool has_first = false;
  bool has_second = false;
  for (int i = 0; i < 64; ++i) {
    const Hash root = crypto::sha256(std::to_string(i));
    const auto ranking = rank_entries(standings, chain, root);
    EXPECT_EQ(ranking[0].tie_break->by, "draw");
    std::string input{crypto::text_of(crypto::ByteView{root})};
    input.append(crypto::text_of(crypto::ByteView{ranking[0].entry_id.value.bytes}));
    EXPECT_EQ(ranking[0].tie_break->value, crypto::hex(crypto::ByteView{crypto::sha256(input)}));
    (order_of(ranking)[0] == 1 ? has_first : has_second) = true;
  }
  EXPECT_TRUE(has_first && has_second);
}

TEST(Tally, gives_equals_the_same_rank) {
  std::vector<TallyEntry> entries{{EntryId::make(), 3, 0},
                                  {EntryId::make(), 8, 0},
                                  {EntryId::make(), 3, 0},
                                  {EntryId::make(), 1, 0}};
  rank_tally(entries);
  EXPECT_EQ(entries[0].rank, 1);
  EXPECT_EQ(entries[1].rank, 2);
  EXPECT_EQ(entries[2].rank, 2);
  EXPECT_EQ(entries[3].rank, 4);
}

}  // namespace wildnout::battles
