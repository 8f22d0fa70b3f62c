// Measures the detectors on 100 made-up battles: how many organised votes are voided, how many
// honest ones with them. `fair_play_simulation [battles] [first seed]`; exits 1 when precision or
// recall of what the detectors are for falls under its floor.
#include <array>
#include <cstdio>
#include <cstdlib>
#include <unordered_set>

#include "battles/fair_play/detectors.hpp"
#include "fair_play/scenes.hpp"
#include "platform/values/spelling.hpp"

namespace wildnout::bench {
namespace {

using namespace battles::fair_play;

constexpr double precision_floor = 0.99;
constexpr double recall_floor = 0.95;

struct Count {
  std::size_t battles = 0;
  std::size_t honest = 0;
  std::size_t organised = 0;
  std::size_t found = 0;       // organised votes in some finding
  std::size_t voided = 0;      // organised votes voided
  std::size_t wronged = 0;     // honest votes voided
  std::size_t pointed_at = 0;  // honest votes in some finding

  void add(const Count& other) {
    battles += other.battles;
    honest += other.honest;
    organised += other.organised;
    found += other.found;
    voided += other.voided;
    wronged += other.wronged;
    pointed_at += other.pointed_at;
  }
};

struct PerDetector {
  std::size_t honest = 0;
  std::size_t organised = 0;
};

double share(std::size_t part, std::size_t whole) {
  return whole == 0 ? 1 : static_cast<double>(part) / static_cast<double>(whole);
}

Count measure(const Scene& scene, std::array<PerDetector, detector_count>& detectors) {
  std::unordered_set<VoteId> organised;
  for (std::size_t i = 0; i < scene.facts.votes.size(); ++i) {
    if (scene.is_organised[i]) organised.insert(scene.facts.votes[i].id);
  }
  const Case votes{scene.facts};
  const auto findings = detect(votes, Detectors::all());
  Count count;
  count.battles = 1;
  count.organised = organised.size();
  count.honest = votes.votes().size() - organised.size();
  std::array<std::unordered_set<std::uint32_t>, detector_count> seen;
  std::unordered_set<std::uint32_t> found;
  for (const Finding& finding : findings) {
    for (const std::uint32_t vote : finding.votes) {
      found.insert(vote);
      seen[static_cast<std::size_t>(detector_of(finding.signal))].insert(vote);
    }
  }
  const auto is_organised = [&](std::uint32_t vote) {
    return organised.contains(votes.votes()[vote].id);
  };
  for (std::size_t i = 0; i < detector_count; ++i) {
    for (const std::uint32_t vote : seen[i]) {
      ++(is_organised(vote) ? detectors[i].organised : detectors[i].honest);
    }
  }
  for (const std::uint32_t vote : found) ++(is_organised(vote) ? count.found : count.pointed_at);
  for (const Verdict& verdict : judge(findings)) {
    ++(is_organised(verdict.vote) ? count.voided : count.wronged);
  }
  return count;
}

void print_row(std::string_view name, const Count& count) {
  std::printf("| %-44.*s | %7zu | %9zu | %6.3f | %6.3f | %8zu | %7zu | %9.4f |\n",
              static_cast<int>(name.size()), name.data(), count.battles, count.organised,
              share(count.found, count.organised), share(count.voided, count.organised),
              count.honest, count.wronged, share(count.voided, count.voided + count.wronged));
}

// The detectors claim these; the last three they leave to moderators, or to nobody.
bool is_claimed(Attack attack) { return attack != Attack::none && attack < Attack::patient_farm; }

int simulate(std::size_t battles, std::uint64_t first_seed) {
  std::array<Count, attack_count> counts;
  std::array<PerDetector, detector_count> detectors;
  for (std::size_t i = 0; i < battles; ++i) {
    // 36 of 100 honest, 8 of each attack.
    const std::size_t kind = i % 25 < 9 ? 0 : (i % 25 - 9) % 8 + 1;
    const auto attack = static_cast<Attack>(kind);
    counts[kind].add(measure(make_scene(attack, first_seed + i), detectors));
  }
  std::printf("| %-44s | battles | organised | found  | voided | %8s | wronged | precision |\n",
              "organised votes", "honest");
  std::printf("|---|---|---|---|---|---|---|---|\n");
  Count all;
  Count claimed;
  for (std::size_t kind = 0; kind < attack_count; ++kind) {
    print_row(name_of(static_cast<Attack>(kind)), counts[kind]);
    all.add(counts[kind]);
    if (is_claimed(static_cast<Attack>(kind))) claimed.add(counts[kind]);
  }
  print_row("all", all);
  print_row("what the detectors are for", claimed);
  std::printf("\n| detector | organised votes in its findings | honest votes in its findings |\n");
  std::printf("|---|---|---|\n");
  for (std::size_t i = 0; i < detector_count; ++i) {
    const auto name = spelled(static_cast<Detector>(i));
    std::printf("| %.*s | %zu | %zu |\n", static_cast<int>(name.size()), name.data(),
                detectors[i].organised, detectors[i].honest);
  }
  const double precision = share(all.voided, all.voided + all.wronged);
  const double recall = share(claimed.voided, claimed.organised);
  std::printf("\nprecision %.4f, recall of what the detectors are for %.4f\n", precision, recall);
  return precision >= precision_floor && recall >= recall_floor ? 0 : 1;
}

}  // namespace
}  // namespace wildnout::bench

int main(int count, char** arguments) {
  const std::size_t battles = count > 1 ? std::strtoul(arguments[1], nullptr, 10) : 100;
  const std::uint64_t seed = count > 2 ? std::strtoull(arguments[2], nullptr, 10) : 1;
  return wildnout::bench::simulate(battles, seed);
}
