// What it costs to know a caller: by a token that was verified before, and by RS256.
//   WILDNOUT_TEST_DATABASE_URL=… build/release/bench/token_benchmark   (scripts/postgres.sh)
#include <benchmark/benchmark.h>

#include <deque>

#include "identity/fixture.hpp"

namespace wildnout::identity {
namespace {

constexpr int batch = 4096;  // requests a coroutine, so that starting one does not count

// Callers whose tokens have been seen. With thousands of them a lookup waits for memory.
class Bench {
 public:
  explicit Bench(std::int64_t callers) {
    for (std::int64_t i = 0; i < callers; ++i) {
      const std::string subject = test::new_subject();
      test::json::object claims = test::clerk_claims(subject);
      claims["exp"] = test::seconds_from_now(3600);
      test::Request& request = requests_.emplace_back();
      request.remote = boost::asio::ip::make_address("192.0.2.1");
      request.headers["authorization"] = "Bearer " + test::clerk_token(claims);
    }
    authenticate(requests_.size());
  }

  void authenticate(std::size_t count) {
    loop_.run([&]() -> Task<> {
      for (std::size_t i = 0; i < count; ++i) {
        auto caller = co_await house_.authenticator().authenticate(requests_[next_]);
        benchmark::DoNotOptimize(caller);
        if (++next_ == requests_.size()) next_ = 0;
      }
    });
  }

 private:
  testing::Loop loop_;
  test::House house_{loop_};
  std::deque<test::Request> requests_;
  std::size_t next_ = 0;
};

void cached_token(benchmark::State& state) {
  Bench bench{state.range(0)};
  for (auto step : state) {
    (void)step;
    bench.authenticate(batch);
  }
  state.SetItemsProcessed(state.iterations() * batch);
}
BENCHMARK(cached_token)->Arg(1)->Arg(1000)->Arg(10'000);

void rs256(benchmark::State& state) {
  const std::string token = test::clerk_token(test::new_subject());
  const auto parts = crypto::split_token(token);
  crypto::Verifier verifier{test::clerk_key().public_key()};
  for (auto step : state) {
    (void)step;
    benchmark::DoNotOptimize(verifier.accepts(parts->signed_text, parts->signature));
  }
}
BENCHMARK(rs256);

}  // namespace
}  // namespace wildnout::identity

BENCHMARK_MAIN();
