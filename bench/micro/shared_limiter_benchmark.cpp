// Rate limits in memory and by Redis: requests a second, the wait of each, CPU here and in Redis.
//
//   ninja -C build/release shared_limiter_benchmark && build/release/bench/shared_limiter_benchmark
//
// One shard. So many requests are in the air at once, each of another user, and each asks again
// when it was answered, as the connections of a server do.
#include <sys/resource.h>
#include <boost/asio/co_spawn.hpp>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <vector>

#include "platform/api/shared_rate_limiter.hpp"
#include "support/redis.hpp"
#include "support/run.hpp"

namespace wildnout {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

constexpr std::size_t users = 20'000;
constexpr auto run_time = 3s;
constexpr std::chrono::milliseconds patience = 10s;

struct House {
  testing::RedisServer server;
  testing::Loop loop;
  redis::Client client{loop.executor(), [this] {
                         redis::Settings settings;
                         settings.target = redis::parse_url(server.url());
                         settings.probe_limit = patience;
                         return settings;
                       }()};
  limits::SharedMeter meter{loop.executor(), client, limits::SharedSettings{.deadline = patience}};
  api::RateLimiter own{api::RateLimits{.burst = 1'000'000}};
  api::SharedRateLimiter shared{own, meter};
  std::vector<api::Caller> callers{users};
  boost::asio::ip::address address = boost::asio::ip::address_v4::loopback();
};

enum class Where { memory, redis };

struct Run {
  House& house;
  Where where;
  Clock::time_point end;
  std::size_t next = 0;
  std::size_t open = 0;
  std::vector<float> waits{};  // microseconds
};

Task<> ask_until_the_end(Run& run) {
  while (Clock::now() < run.end) {
    const api::Caller& caller = run.house.callers[run.next++ % users];
    const auto began = Clock::now();
    if (run.where == Where::redis) {
      (void)co_await run.house.shared.take_shared(&caller, run.house.address, api::Tier::burst);
    } else {
      (void)run.house.shared.take(&caller, run.house.address, api::Tier::burst);
    }
    run.waits.push_back(std::chrono::duration<float, std::micro>(Clock::now() - began).count());
  }
  --run.open;
}

double cpu_seconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) * 1e-6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

// Of Redis, by its own account.
double redis_cpu_seconds(House& house) {
  const redis::Outcome outcome = house.loop.run([&]() -> Task<redis::Outcome> {
    co_return co_await house.client.ask(redis::Command{"INFO"}.add("cpu"), patience);
  });
  const std::string text{outcome.reply.text()};
  double sum = 0;
  for (const char* name : {"used_cpu_sys:", "used_cpu_user:"}) {
    sum += std::stod(text.substr(text.find(name) + std::string_view{name}.size()));
  }
  return sum;
}

void measure(House& house, Where where, std::size_t at_once) {
  Run run{house, where, Clock::now() + run_time};
  run.waits.reserve(20'000'000);
  const double own_before = cpu_seconds();
  const double redis_before = redis_cpu_seconds(house);
  run.open = at_once;
  for (std::size_t i = 0; i < at_once; ++i) {
    boost::asio::co_spawn(house.loop.executor(), ask_until_the_end(run), [](std::exception_ptr) {});
  }
  house.loop.turn_until([&] { return run.open == 0; });
  const double own = cpu_seconds() - own_before;
  const double redis = redis_cpu_seconds(house) - redis_before;
  const auto count = static_cast<double>(run.waits.size());
  std::ranges::sort(run.waits);
  const auto at = [&](double part) {
    return run.waits[static_cast<std::size_t>(part * (count - 1))];
  };
  const double seconds = std::chrono::duration<double>(run_time).count();
  std::printf(
      "%-6s %4zu at once  %10.0f /s  p50 %8.1f us  p99 %8.1f us  CPU here %6.2f us"
      "  in Redis %6.2f us\n",
      where == Where::redis ? "redis" : "memory", at_once, count / seconds, at(0.5), at(0.99),
      own / count * 1e6, redis / count * 1e6);
}

}  // namespace
}  // namespace wildnout

int main() {
  using namespace wildnout;
  House house;
  for (api::Caller& caller : house.callers) caller.user_id = Uuid::make();
  bool has_ended = false;
  boost::asio::co_spawn(house.loop.executor(), house.client.run(),
                        [&](std::exception_ptr) { has_ended = true; });
  house.loop.turn_until([&] { return house.client.is_ready(); });
  measure(house, Where::memory, 1);
  for (const std::size_t at_once : {1, 8, 64, 256, 1024}) {
    measure(house, Where::redis, at_once);
  }
  house.client.stop();
  house.loop.turn_until([&] { return has_ended; });
}
