// What dealing a ballot costs, without the request around it: by entries of the battle, and for
// voters who have voted for some of them.
#include <benchmark/benchmark.h>

#include <algorithm>

#include "battles/rotation.hpp"

namespace wildnout::battles {
namespace {

constexpr std::size_t ballot = 3;

std::vector<Candidate> candidates(std::int64_t count) {
  std::vector<Candidate> made;
  for (std::int64_t i = 0; i < count; ++i) {
    made.push_back({EntryId::make(), UserId::make(), 0, {}});
  }
  return made;
}

void deal_to_a_new_voter(benchmark::State& state) {
  Rotation rotation{1};
  rotation.refill(candidates(state.range(0)));
  const Voter voter{UserId::make(), {}};
  for (auto step : state) benchmark::DoNotOptimize(rotation.deal(voter, ballot, false));
}
BENCHMARK(deal_to_a_new_voter)->Arg(20)->Arg(1000)->Arg(10000);

void deal_to_who_voted_for_nine_of_ten(benchmark::State& state) {
  const auto entries = candidates(state.range(0));
  Rotation rotation{1};
  rotation.refill(entries);
  Voter voter{UserId::make(), {}};
  for (std::size_t i = 0; i < entries.size(); ++i) {
    if (i % 10 != 0) voter.voted.push_back(entries[i].id);
  }
  std::sort(voter.voted.begin(), voter.voted.end());
  for (auto step : state) benchmark::DoNotOptimize(rotation.deal(voter, ballot, false));
}
BENCHMARK(deal_to_who_voted_for_nine_of_ten)->Arg(20)->Arg(1000)->Arg(10000);

void refill(benchmark::State& state) {
  const auto entries = candidates(state.range(0));
  Rotation rotation{1};
  for (auto step : state) rotation.refill(entries);
}
BENCHMARK(refill)->Arg(20)->Arg(1000)->Arg(10000);

}  // namespace
}  // namespace wildnout::battles

BENCHMARK_MAIN();
