// What the detectors find, and what honest people do without being found.
#include "audit/watch/rules.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

namespace wildnout::audit::watch {
namespace {

using namespace std::chrono_literals;

const Timestamp noon{std::chrono::sys_days{std::chrono::year{2026} / 11 / 22} + 12h};
const Judged nothing_judged;

Act act(Uuid actor, Timestamp at, std::string action, std::string route = {}) {
  Act made{Uuid::make(), at, actor, std::move(action), std::nullopt};
  if (!route.empty()) made.route = std::move(route);
  return made;
}

std::vector<Act> acts_of(Uuid actor, const std::string& action, int count,
                         std::chrono::milliseconds apart, int routes = 1) {
  std::vector<Act> acts;
  for (int i = 0; i < count; ++i) {
    acts.push_back(act(actor, noon + i * apart, action, "GET /" + std::to_string(i % routes)));
  }
  return acts;
}

template <class Fact>
std::vector<Finding> found(const std::vector<Fact>& facts) {
  return detect(facts, Detectors{}, nothing_judged);
}

TEST(WatchRules, FiftyBadCredentialsOfOneNetworkInTenMinutesAreACase) {
  std::vector<FailedSignIns> facts;
  for (int minute = 0; minute < 10; ++minute) facts.push_back({noon + minute * 1min, 7, 5});
  const auto findings = found(facts);
  ASSERT_EQ(findings.size(), 1U);
  EXPECT_EQ(findings[0].kind, AnomalyKind::failed_sign_ins);
  EXPECT_EQ(findings[0].subject_type, SubjectType::network);
  EXPECT_EQ(findings[0].subject_id, "7");
  EXPECT_EQ(findings[0].evidence.facts, 50);
  EXPECT_EQ(findings[0].first_at, noon);
  facts[3].failures = 4;
  EXPECT_TRUE(found(facts).empty());
}

TEST(WatchRules, TheSameBadCredentialsOverADayAreNone) {
  std::vector<FailedSignIns> facts;
  for (int i = 0; i < 100; ++i) facts.push_back({noon + i * 10min, 7, 40});
  EXPECT_TRUE(found(facts).empty());
}

TEST(WatchRules, AnAttackFromManyNetworksIsOneCaseOfEverybody) {
  std::vector<FailedSignIns> facts;
  for (int minute = 0; minute < 5; ++minute) {
    for (int network = 1; network <= 50; ++network) {
      facts.push_back({noon + minute * 1min, network, 9});
    }
    facts.push_back({noon + minute * 1min, 0, 10});
  }
  const auto findings = found(facts);
  ASSERT_EQ(findings.size(), 1U);
  EXPECT_EQ(findings[0].kind, AnomalyKind::spread_sign_ins);
  EXPECT_EQ(findings[0].subject_id, "*");
}

TEST(WatchRules, ANetworkWithItsOwnCaseIsNotCountedForEverybody) {
  const std::vector<FailedSignIns> facts{{noon, 7, 5'000}, {noon, 8, 3}};
  const auto findings = found(facts);
  ASSERT_EQ(findings.size(), 1U);
  EXPECT_EQ(findings[0].kind, AnomalyKind::failed_sign_ins);
}

TEST(WatchRules, EightNetworksOfOneAccountWithinAnHourAreACase) {
  const Uuid user = Uuid::make();
  std::vector<NetworkUse> facts;
  for (int i = 0; i < 8; ++i) facts.push_back({noon + (i / 2) * 10min, user, i + 1});
  const auto findings = found(facts);
  ASSERT_EQ(findings.size(), 1U);
  EXPECT_EQ(findings[0].kind, AnomalyKind::many_networks);
  EXPECT_EQ(findings[0].subject_id, user.text());
  EXPECT_EQ(findings[0].evidence.facts, 8);
}

TEST(WatchRules, ATravellerWhoChangesNetworkEveryQuarterOfAnHourIsNone) {
  const Uuid user = Uuid::make();
  std::vector<NetworkUse> facts;
  for (int i = 0; i < 60; ++i) facts.push_back({noon + i * 20min, user, i + 1});
  EXPECT_TRUE(found(facts).empty());
}

TEST(WatchRules, StaffAtAnUnusualRateIsACaseWithItsRows) {
  const Uuid admin = Uuid::make();
  const auto acts = acts_of(admin, "user.suspended", 60, 5s);
  const auto findings = found(acts);
  ASSERT_EQ(findings.size(), 1U);
  EXPECT_EQ(findings[0].kind, AnomalyKind::staff_rate);
  EXPECT_EQ(findings[0].severity, Severity::critical);
  EXPECT_EQ(findings[0].evidence.rows.size(), 60U);
  EXPECT_EQ(findings[0].evidence.rows.front(), acts.front().row_id);
  EXPECT_TRUE(found(acts_of(admin, "user.suspended", 600, 11s)).empty());
}

TEST(WatchRules, ManyExportsAndManyReadsAreCasesOfTheirOwn) {
  const Uuid person = Uuid::make();
  auto findings = found(acts_of(person, "user.exportRequested", 5, 1min));
  ASSERT_EQ(findings.size(), 1U);
  EXPECT_EQ(findings[0].kind, AnomalyKind::mass_export);
  findings = found(acts_of(person, "user.personalDataRead", 100, 10s));
  ASSERT_EQ(findings.size(), 1U);
  EXPECT_EQ(findings[0].kind, AnomalyKind::mass_reading);
  EXPECT_EQ(findings[0].evidence.rows.size(), most_rows_of_evidence);
}

TEST(WatchRules, WhoTriesManyForbiddenRoutesProbesAndWhoReloadsOneDoesNot) {
  const Uuid person = Uuid::make();
  const auto findings = found(acts_of(person, "permission.denied", 10, 2s, 4));
  ASSERT_EQ(findings.size(), 1U);
  EXPECT_EQ(findings[0].kind, AnomalyKind::permission_probing);
  EXPECT_EQ(findings[0].evidence.routes.size(), 4U);
  EXPECT_TRUE(found(acts_of(person, "permission.denied", 200, 1s, 2)).empty());
}

TEST(WatchRules, OneLongAttackIsOneFinding) {
  const auto findings = found(acts_of(Uuid::make(), "user.suspended", 5'000, 1s));
  ASSERT_EQ(findings.size(), 1U);
  EXPECT_EQ(findings[0].evidence.facts, 5'000);
}

TEST(WatchRules, WhatAPersonHasJudgedIsNotFoundAgainButWhatComesAfterIs) {
  const Uuid admin = Uuid::make();
  const auto acts = acts_of(admin, "user.suspended", 100, 5s);
  Judged judged{{{AnomalyKind::staff_rate, admin.text()}, acts[49].created_at}};
  EXPECT_TRUE(detect(acts, Detectors{}, judged).empty());
  const auto longer = acts_of(admin, "user.suspended", 120, 5s);
  const auto findings = detect(longer, Detectors{}, judged);
  ASSERT_EQ(findings.size(), 1U);
  EXPECT_EQ(findings[0].first_at, longer[50].created_at);
  EXPECT_EQ(findings[0].evidence.facts, 70);
}

TEST(WatchRules, ADetectorThatIsOffFindsNothing) {
  Detectors detectors;
  detectors.staff_rate.mode = DetectorMode::off;
  detectors.failed_sign_ins.mode = DetectorMode::off;
  detectors.spread_sign_ins.mode = DetectorMode::off;
  detectors.many_networks.mode = DetectorMode::off;
  EXPECT_TRUE(
      detect(acts_of(Uuid::make(), "user.suspended", 100, 1s), detectors, nothing_judged).empty());
  EXPECT_TRUE(
      detect(std::vector<FailedSignIns>{{noon, 7, 99'999}}, detectors, nothing_judged).empty());
}

// A day of a busy house: 2,000 people with a typing mistake now and then and a phone that moves
// between networks, 20 moderators at work, some who click on what they may not see.
TEST(WatchRules, ADayOfHonestPeopleHasNoCase) {
  std::mt19937 dice{2026};
  const auto any = [&dice](int below) {
    return static_cast<int>(std::uniform_int_distribution<>{0, below - 1}(dice));
  };
  std::map<std::pair<Timestamp, std::int64_t>, std::int64_t> failures;
  std::vector<NetworkUse> uses;
  std::vector<Act> acts;
  for (int person = 0; person < 2'000; ++person) {
    const Uuid user = Uuid::make();
    const int network = 1 + any(1'500);  // some share one
    for (int i = any(6); i > 0; --i) ++failures[{noon + any(1'440) * 1min, network}];
    for (int slot = 0; slot < 144; ++slot) {
      if (any(4) > 0) continue;
      const int place = any(3) == 0 ? network : 10'000 + person * 3 + any(3);
      uses.push_back({noon + slot * 10min, user, place});
    }
    for (int i = any(4); i > 0; --i) {
      acts.push_back(act(user, noon + any(1'440) * 1min, "permission.denied",
                         "GET /" + std::to_string(any(5))));
    }
    if (any(10) == 0) acts.push_back(act(user, noon + any(1'440) * 1min, "user.exportRequested"));
  }
  for (int moderator = 0; moderator < 20; ++moderator) {
    const Uuid user = Uuid::make();
    for (Timestamp at = noon; at < noon + 8h; at += (15 + any(60)) * 1s) {
      acts.push_back(act(user, at, any(2) == 0 ? "proposal.confirmed" : "user.suspended"));
      if (any(3) == 0) acts.push_back(act(user, at, "user.personalDataRead"));
    }
  }
  std::vector<FailedSignIns> counted;
  for (const auto& [at, count] : failures) counted.push_back({at.first, at.second, count});
  std::ranges::sort(acts, {}, &Act::created_at);
  std::ranges::stable_sort(uses, {}, &NetworkUse::slot);
  EXPECT_TRUE(found(counted).empty());
  EXPECT_TRUE(found(uses).empty());
  EXPECT_TRUE(found(acts).empty());
}

}  // namespace
}  // namespace wildnout::audit::watch
