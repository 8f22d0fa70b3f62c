// Whom the limiter takes for whom, and what it gives them.
#include "platform/api/rate_limiter.hpp"

#include <gtest/gtest.h>

#include <array>
#include <span>

namespace wildnout::api {
namespace {

constexpr std::string_view first_user = "0198c0de-0000-7000-8000-0000000000aa";
constexpr std::string_view second_user = "0198c0de-0000-7000-8000-0000000000ab";

RateLimits limits() {
  RateLimits limits;
  limits.roles = {{"creator", 300}, {"moderator", 600}, {"admin", 600}, {"service", 6000}};
  return limits;
}

constexpr std::array<std::string_view, 1> a_user{"user"};
constexpr std::array<std::string_view, 2> a_creator{"user", "creator"};
constexpr std::array<std::string_view, 3> an_admin{"user", "creator", "admin"};
constexpr std::array<std::string_view, 1> a_machine{"service"};

// `roles` outlive the caller.
Caller caller(std::string_view id, std::span<const std::string_view> roles = a_user) {
  Caller made{};
  made.user_id = *Uuid::parse(id);
  made.roles = roles;
  return made;
}

auto address(const char* text) { return boost::asio::ip::make_address(text); }

// How many of `tries` are admitted; in the time that this takes one more may have flowed back.
int admitted(RateLimiter& limiter, const Caller* who, const char* remote, int tries,
             Tier tier = Tier::read) {
  int count = 0;
  for (int i = 0; i < tries; ++i) {
    const auto allowance = limiter.take(who, address(remote), tier);
    count += !allowance || allowance->is_admitted ? 1 : 0;
  }
  return count;
}

void expect_about(int count, int limit) {
  EXPECT_GE(count, limit);
  EXPECT_LE(count, limit + limit / 10 + 1);
}

TEST(RateLimiter, GivesAnonymousCallersAnAllowanceAnAddress) {
  RateLimiter limiter{limits()};
  expect_about(admitted(limiter, nullptr, "192.0.2.1", 200), 60);
  expect_about(admitted(limiter, nullptr, "192.0.2.2", 200), 60);
}

TEST(RateLimiter, TakesTheHostsOfOneIPv6NetworkForOneCaller) {
  RateLimiter limiter{limits()};
  expect_about(admitted(limiter, nullptr, "2001:db8:1:2::1", 200), 60);
  EXPECT_LE(admitted(limiter, nullptr, "2001:db8:1:2:ffff:1:2:3", 10), 1);
  expect_about(admitted(limiter, nullptr, "2001:db8:1:3::1", 200), 60);
  // Its first half as a number is no IPv4 address's.
  expect_about(admitted(limiter, nullptr, "192.0.2.1", 200), 60);
}

TEST(RateLimiter, GivesUsersAnAllowanceWhereverTheyCallFrom) {
  RateLimiter limiter{limits()};
  const Caller first = caller(first_user);
  const Caller second = caller(second_user);
  expect_about(admitted(limiter, &first, "192.0.2.1", 200), 100);
  EXPECT_LE(admitted(limiter, &first, "192.0.2.2", 10), 1);
  expect_about(admitted(limiter, &second, "192.0.2.1", 200), 100);
  expect_about(admitted(limiter, nullptr, "192.0.2.1", 200), 60);
}

TEST(RateLimiter, GivesTheBestOfACallersRoles) {
  RateLimiter limiter{limits()};
  const Caller creator = caller(first_user, a_creator);
  expect_about(admitted(limiter, &creator, "192.0.2.1", 2000), 300);
  const Caller admin = caller(second_user, an_admin);
  expect_about(admitted(limiter, &admin, "192.0.2.1", 2000), 600);
  const Caller machine = caller("0198c0de-0000-7000-8000-0000000000ac", a_machine);
  expect_about(admitted(limiter, &machine, "192.0.2.1", 10'000), 6000);
}

TEST(RateLimiter, CountsHeavyRequestsFiveTimesAndBurstsApart) {
  RateLimiter limiter{limits()};
  const Caller user = caller(first_user);
  expect_about(admitted(limiter, &user, "192.0.2.1", 200, Tier::search), 20);
  expect_about(admitted(limiter, &user, "192.0.2.1", 400, Tier::burst), 120);
  EXPECT_LE(admitted(limiter, &user, "192.0.2.1", 10), 1);
  const Caller other = caller(second_user);
  expect_about(admitted(limiter, &other, "192.0.2.1", 200, Tier::upload), 20);
  EXPECT_FALSE(limiter.take(&other, address("192.0.2.1"), Tier::unlimited));
}

TEST(RateLimiter, TellsWhatIsLeftAndWhenToComeBack) {
  RateLimiter limiter{limits()};
  const auto first = limiter.take(nullptr, address("192.0.2.1"), Tier::read);
  ASSERT_TRUE(first);
  EXPECT_EQ(first->limit, 60U);
  EXPECT_EQ(first->remaining, 59U);
  EXPECT_EQ(first->reset, 1U);
  expect_about(admitted(limiter, nullptr, "192.0.2.1", 100), 59);
  const auto refused = limiter.take(nullptr, address("192.0.2.1"), Tier::search);
  ASSERT_TRUE(refused);
  EXPECT_FALSE(refused->is_admitted);
  EXPECT_GE(refused->retry_after, 4U);
  EXPECT_LE(refused->retry_after, 5U);
  EXPECT_GE(refused->reset, 59U);
}

TEST(RateLimiter, LocksAnAddressAfterFiveBadCredentialsAndNoOther) {
  RateLimiter limiter{limits()};
  for (int i = 0; i < 5; ++i) EXPECT_FALSE(limiter.note_bad_credentials(address("192.0.2.1")));
  const auto locked = limiter.note_bad_credentials(address("192.0.2.1"));
  ASSERT_TRUE(locked);
  EXPECT_GT(*locked, 880U);
  EXPECT_LE(*locked, 900U);
  EXPECT_FALSE(limiter.note_bad_credentials(address("192.0.2.2")));
  EXPECT_FALSE(limiter.note_bad_credentials(address("2001:db8::1")));
}

TEST(RateLimiter, StopsNobodyWhileItObserves) {
  RateLimits observing = limits();
  observing.is_observing = true;
  RateLimiter limiter{observing};
  EXPECT_EQ(admitted(limiter, nullptr, "192.0.2.1", 500), 500);
  EXPECT_FALSE(limiter.take(nullptr, address("192.0.2.1"), Tier::read));
  for (int i = 0; i < 20; ++i) EXPECT_FALSE(limiter.note_bad_credentials(address("192.0.2.1")));
}

}  // namespace
}  // namespace wildnout::api
