// Counts that nodes share, on a real Redis.
#include "platform/limits/shared_meter.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <deque>
#include <utility>
#include <vector>

#include "support/redis.hpp"
#include "support/run.hpp"

namespace wildnout::limits {
namespace {

using namespace std::chrono_literals;
using testing::RedisServer;

constexpr auto patience = 10s;
constexpr Rate hundred{100, 60s};
constexpr Rate half_a_minute_each{2, 60s};
constexpr Key anyone{1, 0, 7};

redis::Settings settings_for(const RedisServer& server) {
  redis::Settings settings;
  settings.target = redis::parse_url(server.url());
  settings.probe_every = 20ms;
  settings.probe_limit = patience;
  settings.shortest_pause = 5ms;
  settings.longest_pause = 20ms;
  return settings;
}

// Nodes with a client and a meter each, on one loop.
class Nodes {
 public:
  Nodes(const RedisServer& server, std::size_t count, std::chrono::milliseconds deadline) {
    for (std::size_t i = 0; i < count; ++i) {
      redis::Client& client = clients_.emplace_back(loop.executor(), settings_for(server));
      boost::asio::co_spawn(loop.executor(), client.run(),
                            [this](std::exception_ptr) { ++ended_; });
      meters.emplace_back(loop.executor(), client, SharedSettings{.deadline = deadline});
    }
    wait_until_ready(true);
  }
  ~Nodes() {
    for (redis::Client& client : clients_) client.stop();
    loop.turn_until([this] { return ended_ == clients_.size(); });
  }
  Nodes(const Nodes&) = delete;
  Nodes& operator=(const Nodes&) = delete;

  void wait_until_ready(bool is_ready) {
    loop.turn_until([&] {
      return std::ranges::all_of(
          clients_, [&](const redis::Client& client) { return client.is_ready() == is_ready; });
    });
  }

  std::optional<Verdict> take(Key key, Rate rate, std::uint32_t cost = 1, std::size_t node = 0) {
    return loop.run([&]() -> Task<std::optional<Verdict>> {
      co_return co_await meters[node].take(key, rate, cost);
    });
  }

  // `tries` requests at once, spread over the nodes.
  std::vector<std::optional<Verdict>> take_at_once(Key key, Rate rate, std::size_t tries) {
    std::vector<std::optional<Verdict>> verdicts;
    for (std::size_t i = 0; i < tries; ++i) {
      boost::asio::co_spawn(
          loop.executor(), meters[i % meters.size()].take(key, rate, 1),
          [&](std::exception_ptr, std::optional<Verdict> verdict) { verdicts.push_back(verdict); });
    }
    loop.turn_until([&] { return verdicts.size() == tries; });
    return verdicts;
  }

  std::optional<Microseconds> fail(Key key, std::size_t node = 0) {
    return loop.run([&]() -> Task<std::optional<Microseconds>> {
      co_return co_await meters[node].note_failure(key, 3, 900s);
    });
  }

  redis::Outcome ask(redis::Command command) {
    return loop.run(
        [&]() -> Task<redis::Outcome> { co_return co_await clients_[0].ask(command, patience); });
  }

  testing::Loop loop;

 private:
  std::deque<redis::Client> clients_;
  std::size_t ended_ = 0;

 public:
  std::deque<SharedMeter> meters;  // ends before the clients do
};

std::size_t admitted(const std::vector<std::optional<Verdict>>& verdicts) {
  return static_cast<std::size_t>(
      std::ranges::count_if(verdicts, [](const auto& one) { return one && one->is_admitted; }));
}

TEST(SharedMeter, AdmitsTheLimitOnceHoweverManyNodesAreAskedAtOnce) {
  const RedisServer server;
  Nodes nodes{server, 3, patience};
  const auto began = std::chrono::steady_clock::now();
  const auto verdicts = nodes.take_at_once(anyone, hundred, 1'000);
  const auto flowed = (std::chrono::steady_clock::now() - began) / 600ms;  // a unit's time
  EXPECT_TRUE(std::ranges::all_of(verdicts, [](const auto& one) { return one.has_value(); }));
  EXPECT_GE(admitted(verdicts), 100U);
  EXPECT_LE(admitted(verdicts), 101U + static_cast<std::size_t>(flowed));
}

TEST(SharedMeter, ReckonsAsTheMeterInMemoryDoes) {
  const RedisServer server;
  Nodes nodes{server, 2, patience};
  const auto first = nodes.take(anyone, hundred);
  ASSERT_TRUE(first && first->is_admitted);
  EXPECT_EQ(first->remaining, 99U);
  EXPECT_EQ(first->until_full, 600ms);
  const auto heavy = nodes.take(anyone, hundred, 500, 1);  // beyond the limit: the limit
  ASSERT_TRUE(heavy && !heavy->is_admitted);
  EXPECT_GT(heavy->until_room, 0us);
  EXPECT_LE(heavy->until_room, 600ms);
  const auto fifty = nodes.take(anyone, hundred, 50, 1);
  ASSERT_TRUE(fifty && fifty->is_admitted);
  EXPECT_GE(fifty->remaining, 49U);
}

TEST(SharedMeter, CountsEachCallerAndKindApart) {
  const RedisServer server;
  Nodes nodes{server, 1, patience};
  for (const Key key : {Key{1, 0, 7}, Key{1, 0, 8}, Key{1, 1, 7}, Key{2, 0, 7}}) {
    EXPECT_TRUE(nodes.take(key, half_a_minute_each)->is_admitted);
    EXPECT_TRUE(nodes.take(key, half_a_minute_each)->is_admitted);
    EXPECT_FALSE(nodes.take(key, half_a_minute_each)->is_admitted);
  }
}

TEST(SharedMeter, AsksRedisNoMoreAboutACallerWhoMustBeRefusedStill) {
  const RedisServer server;
  Nodes nodes{server, 1, patience};
  EXPECT_TRUE(nodes.take(anyone, half_a_minute_each, 2)->is_admitted);
  const auto refused = nodes.take(anyone, half_a_minute_each);
  ASSERT_TRUE(refused && !refused->is_admitted);
  EXPECT_TRUE(nodes.ask(redis::Command{"FLUSHALL"}).is_good());
  const auto again = nodes.take(anyone, half_a_minute_each);
  ASSERT_TRUE(again && !again->is_admitted);
  EXPECT_LE(again->until_room, refused->until_room);
  EXPECT_TRUE(nodes.take({1, 0, 8}, half_a_minute_each)->is_admitted);
}

TEST(SharedMeter, AdmitsAgainWhenEnoughHasFlowedBack) {
  const RedisServer server;
  Nodes nodes{server, 1, patience};
  constexpr Rate ten_a_second{10, 1s};
  EXPECT_GE(admitted(nodes.take_at_once(anyone, ten_a_second, 20)), 10U);
  bool is_admitted = false;
  while (!is_admitted) is_admitted = nodes.take(anyone, ten_a_second)->is_admitted;
}

TEST(SharedMeter, LeavesOnlyKeysThatExpire) {
  const RedisServer server;
  Nodes nodes{server, 1, patience};
  (void)nodes.take(anyone, hundred);
  (void)nodes.fail({4, 0, 1});
  for (const auto& [pattern, longest] :
       {std::pair{"wildnout:limit:1:*", 600}, std::pair{"wildnout:limit:4:*", 900'000}}) {
    const auto found = nodes.ask(redis::Command{"KEYS"}.add(pattern));
    ASSERT_EQ(found.reply.size(), 1U);
    const auto life = nodes.ask(redis::Command{"PTTL"}.add(found.reply[0].text()));
    EXPECT_GT(life.reply.integer(), 0);
    EXPECT_LE(life.reply.integer(), longest);
  }
  EXPECT_EQ(nodes.ask(redis::Command{"DBSIZE"}).reply.integer(), 2);
}

TEST(SharedMeter, SharesFailuresAndSaysHowLongTheLockHolds) {
  const RedisServer server;
  Nodes nodes{server, 2, patience};
  EXPECT_EQ(nodes.fail({4, 0, 1}, 0), 0us);
  EXPECT_EQ(nodes.fail({4, 0, 1}, 1), 0us);
  EXPECT_EQ(nodes.fail({4, 0, 1}, 0), 0us);
  for (const std::size_t node : {std::size_t{0}, std::size_t{1}}) {
    const auto locked = nodes.fail({4, 0, 1}, node);
    ASSERT_TRUE(locked);
    EXPECT_GT(*locked, 800s);
    EXPECT_LE(*locked, 900s);
  }
  EXPECT_EQ(nodes.fail({4, 0, 2}, 1), 0us);
}

TEST(SharedMeter, LeavesTheVerdictToOthersWhenRedisIsLateOrLost) {
  RedisServer server;
  Nodes nodes{server, 1, 30ms};
  server.hang();
  // More than the calls that may be under way at once can carry.
  const auto late = nodes.take_at_once(anyone, hundred, 1'000);
  EXPECT_TRUE(std::ranges::none_of(late, [](const auto& one) { return one.has_value(); }));
  EXPECT_FALSE(nodes.meters[0].is_ready());
  EXPECT_FALSE(nodes.fail({4, 0, 1}));
  server.go_on();
  nodes.wait_until_ready(true);
  EXPECT_TRUE(nodes.take(anyone, hundred));
  server.kill();
  nodes.wait_until_ready(false);
  EXPECT_FALSE(nodes.take(anyone, hundred));
  server.start();
  nodes.wait_until_ready(true);
  EXPECT_TRUE(nodes.take(anyone, hundred));
}

TEST(SharedMeter, LeavesTheVerdictToOthersWhenRedisRefuses) {
  const RedisServer server{{"--maxmemory", "1", "--maxmemory-policy", "noeviction"}};
  Nodes nodes{server, 1, patience};
  EXPECT_FALSE(nodes.take(anyone, hundred));
  EXPECT_FALSE(nodes.fail({4, 0, 1}));
}

}  // namespace
}  // namespace wildnout::limits
