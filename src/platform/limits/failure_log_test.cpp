// The failure log by a clock of the test's own.
#include "platform/limits/failure_log.hpp"

#include <gtest/gtest.h>

namespace wildnout::limits {
namespace {

using namespace std::chrono_literals;

const FailureLog::Clock::time_point start{1h};

TEST(FailureLog, ToleratesAsManyAsItMayInAnyWindow) {
  FailureLog log{5, 900s, 100};
  for (int i = 0; i < 5; ++i) EXPECT_FALSE(log.note(1, start + i * 60s));
  EXPECT_EQ(log.note(1, start + 300s), 600s);
  EXPECT_FALSE(log.note(2, start + 300s));
  EXPECT_FALSE(log.note(1, start + 900s));
  EXPECT_EQ(log.note(1, start + 900s), 60s);
}

TEST(FailureLog, DoesNotProlongTheLockByWhatItRefuses) {
  FailureLog log{2, 60s, 100};
  EXPECT_FALSE(log.note(1, start));
  EXPECT_FALSE(log.note(1, start));
  for (int i = 0; i < 50; ++i) EXPECT_TRUE(log.note(1, start + 59s));
  EXPECT_FALSE(log.note(1, start + 60s));
}

TEST(FailureLog, RemembersABoundedNumberOfCallersTheLatestFirst) {
  FailureLog log{1, 900s, 100};
  for (std::uint64_t i = 0; i < 1000; ++i) {
    EXPECT_FALSE(log.note(i, start + std::chrono::milliseconds{i}));
  }
  EXPECT_LE(log.size(), 100U);
  EXPECT_TRUE(log.note(999, start + 2s));
}

}  // namespace
}  // namespace wildnout::limits
