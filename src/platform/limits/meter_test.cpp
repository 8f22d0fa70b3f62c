// The meter by a clock of the test's own, and under several threads at once.
#include "platform/limits/meter.hpp"

#include <gtest/gtest.h>

#include <thread>
#include <vector>

namespace wildnout::limits {
namespace {

using namespace std::chrono_literals;

constexpr Rate sixty{60, 60s};
constexpr Key anyone{1, 0, 7};

int admitted(Meter& meter, const Key& key, Rate rate, int tries, Microseconds at,
             std::uint32_t cost = 1) {
  int count = 0;
  for (int i = 0; i < tries; ++i) count += meter.take(key, rate, cost, at).is_admitted ? 1 : 0;
  return count;
}

TEST(Meter, AdmitsTheWholeLimitAtOnceAndThenWhatFlowsBack) {
  Meter meter{64};
  EXPECT_EQ(admitted(meter, anyone, sixty, 100, 5s), 60);
  EXPECT_EQ(admitted(meter, anyone, sixty, 100, 15s), 10);
  EXPECT_EQ(admitted(meter, anyone, sixty, 100, 15s + 999ms), 0);
  EXPECT_EQ(admitted(meter, anyone, sixty, 100, 10min), 60);
}

TEST(Meter, SaysWhatRemainsAndWhenThereIsRoom) {
  Meter meter{64};
  const Verdict first = meter.take(anyone, sixty, 1, 5s);
  EXPECT_TRUE(first.is_admitted);
  EXPECT_EQ(first.remaining, 59U);
  EXPECT_EQ(first.until_full, 1s);
  EXPECT_EQ(admitted(meter, anyone, sixty, 59, 5s), 59);
  const Verdict refused = meter.take(anyone, sixty, 5, 5s + 500ms);
  EXPECT_FALSE(refused.is_admitted);
  EXPECT_EQ(refused.remaining, 0U);
  EXPECT_EQ(refused.until_room, 4s + 500ms);
  EXPECT_TRUE(meter.take(anyone, sixty, 5, 10s).is_admitted);
}

TEST(Meter, TakesWhatARequestCosts) {
  Meter meter{64};
  EXPECT_EQ(admitted(meter, anyone, sixty, 100, 5s, 5), 12);
  EXPECT_EQ(admitted(meter, anyone, {3, 60s}, 10, 1h, 5), 1);  // beyond the limit: the limit
}

TEST(Meter, CountsEachCallerAndKindApart) {
  Meter meter{1024};
  EXPECT_EQ(admitted(meter, {1, 0, 7}, sixty, 100, 5s), 60);
  EXPECT_EQ(admitted(meter, {1, 0, 8}, sixty, 100, 5s), 60);
  EXPECT_EQ(admitted(meter, {1, 1, 7}, sixty, 100, 5s), 60);
  EXPECT_EQ(admitted(meter, {2, 0, 7}, sixty, 100, 5s), 60);
}

TEST(Meter, RefusedRequestsUseNothing) {
  Meter meter{64};
  EXPECT_EQ(admitted(meter, anyone, sixty, 100'000, 5s), 60);
  EXPECT_EQ(admitted(meter, anyone, sixty, 100, 65s), 60);
}

TEST(Meter, GoesOnWhenItsClockComesRound) {
  Meter meter{64};
  const Microseconds round{std::int64_t{1} << 38};
  EXPECT_EQ(admitted(meter, anyone, sixty, 100, round - 10s), 60);
  EXPECT_EQ(admitted(meter, anyone, sixty, 100, round + 20s), 30);
  EXPECT_EQ(admitted(meter, anyone, sixty, 100, 3 * round + 5min), 60);
}

TEST(Meter, ForgetsTheIdleBeforeTheBusyWhenItIsFull) {
  Meter meter{64};
  EXPECT_EQ(admitted(meter, anyone, sixty, 100, 5s), 60);
  for (std::uint64_t i = 0; i < 10'000; ++i) (void)meter.take({1, 9, i}, sixty, 1, 5s);
  EXPECT_EQ(admitted(meter, anyone, sixty, 100, 5s), 0);
}

TEST(Meter, NeverRefusesAStrangerForAnothersUse) {
  Meter meter{64};
  for (std::uint64_t i = 0; i < 2'000; ++i) {
    ASSERT_EQ(admitted(meter, {1, 5, i}, {3, 60s}, 3, 5s), 3) << i;
  }
}

TEST(Meter, AdmitsNoMoreThanTheLimitHoweverManyThreadsAskAtOnce) {
  Meter meter{1024};
  constexpr int threads = 4;
  constexpr Rate thousand{1000, 60s};
  std::vector<int> counts(threads);
  std::vector<std::thread> running;
  for (int t = 0; t < threads; ++t) {
    running.emplace_back([&, t] { counts[t] = admitted(meter, anyone, thousand, 20'000, 5s); });
  }
  for (std::thread& thread : running) thread.join();
  EXPECT_EQ(counts[0] + counts[1] + counts[2] + counts[3], 1000);
}

}  // namespace
}  // namespace wildnout::limits
