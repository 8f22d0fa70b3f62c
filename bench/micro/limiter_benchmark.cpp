// What a rate limit costs a request, alone and with two threads on one limiter.
#include <benchmark/benchmark.h>

#include <array>

#include "platform/api/rate_limiter.hpp"

namespace wildnout {
namespace {

constexpr std::uint32_t callers = 20'000;

api::RateLimiter& limiter() {
  static api::RateLimiter one{[] {
    api::RateLimits limits;
    limits.roles = {{"creator", 300}, {"moderator", 600}, {"admin", 600}, {"service", 6000}};
    return limits;
  }()};
  return one;
}

constexpr std::array<std::string_view, 1> a_user{"user"};
constexpr std::array<std::string_view, 1> a_machine{"service"};

void anonymous(benchmark::State& state) {
  std::uint32_t number = static_cast<std::uint32_t>(state.thread_index()) * 7;
  for (auto step : state) {
    (void)step;
    const boost::asio::ip::address_v4 address{0x0A000000 + number++ % callers};
    benchmark::DoNotOptimize(limiter().take(nullptr, address, api::Tier::read));
  }
}
BENCHMARK(anonymous)->Threads(1)->Threads(2);

void signed_in(benchmark::State& state) {
  std::vector<api::Caller> users(1024);
  for (api::Caller& user : users) {
    user.user_id = Uuid::make();
    user.roles = a_user;
  }
  const auto address = boost::asio::ip::address_v4::loopback();
  std::size_t number = 0;
  for (auto step : state) {
    (void)step;
    benchmark::DoNotOptimize(
        limiter().take(&users[number++ % users.size()], address, api::Tier::read));
  }
}
BENCHMARK(signed_in)->Threads(1)->Threads(2);

void one_caller_on_all_threads(benchmark::State& state) {
  api::Caller user{};
  user.roles = a_machine;
  const auto address = boost::asio::ip::address_v4::loopback();
  for (auto step : state) {
    (void)step;
    benchmark::DoNotOptimize(limiter().take(&user, address, api::Tier::read));
  }
}
BENCHMARK(one_caller_on_all_threads)->Threads(1)->Threads(2);

}  // namespace
}  // namespace wildnout

BENCHMARK_MAIN();
