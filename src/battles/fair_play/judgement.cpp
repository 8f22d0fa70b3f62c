// Running the detectors, and when what they found is enough to void a vote.
#include <array>
#include <map>
#include <utility>

#include "battles/fair_play/detectors.hpp"

namespace wildnout::battles::fair_play {
namespace {

class Signals {
 public:
  void add(Signal signal) { bits_ |= 1U << static_cast<unsigned>(signal); }
  [[nodiscard]] bool has(Signal signal) const {
    return (bits_ & 1U << static_cast<unsigned>(signal)) != 0;
  }

 private:
  unsigned bits_ = 0;
};

// A rule of the table: all of these were seen on one vote.
struct Rule {
  std::array<Signal, 3> needed;  // repeats where fewer are needed
  Detector detector;
  std::string_view reason;
};

// An address alone is a school or a carrier, youth alone a battle that went round the world, a
// burst alone a streamer's call: only what honest voters do not do together is voided.
constexpr std::array rules{
    Rule{{Signal::ring, Signal::ring, Signal::ring},
         Detector::ring,
         "The accounts of a ring only ever vote for each other"},
    Rule{{Signal::shared_network, Signal::network_burst, Signal::young_group},
         Detector::shared_network,
         "New accounts behind one address voted for one entry within two seconds"},
    Rule{{Signal::shared_network, Signal::entry_burst, Signal::young_group},
         Detector::shared_network,
         "New accounts behind one address voted for one entry within two seconds"},
    Rule{{Signal::entry_burst, Signal::young_group, Signal::young_influx},
         Detector::burst,
         "New accounts, rare in this battle, voted for one entry within two seconds"},
    Rule{{Signal::shared_network, Signal::cadence, Signal::cadence},
         Detector::identical_timing,
         "Voters behind one address voted for one entry at equal gaps"},
    Rule{{Signal::young_influx, Signal::cadence, Signal::cadence},
         Detector::identical_timing,
         "New accounts, rare in this battle, voted for one entry at equal gaps"},
    Rule{{Signal::shared_network, Signal::equal_age, Signal::equal_age},
         Detector::identical_timing,
         "Accounts behind one address voted for one entry at the same age"},
    Rule{{Signal::young_influx, Signal::equal_age, Signal::equal_age},
         Detector::identical_timing,
         "New accounts, rare in this battle, voted for one entry at the same age"},
};

const Rule* rule_for(const Signals& signals) {
  for (const Rule& rule : rules) {
    bool holds = true;
    for (const Signal signal : rule.needed) holds = holds && signals.has(signal);
    if (holds) return &rule;
  }
  return nullptr;
}

}  // namespace

Detector detector_of(Signal signal) {
  switch (signal) {
    case Signal::entry_burst:
    case Signal::network_burst:
      return Detector::burst;
    case Signal::young_group:
    case Signal::young_influx:
      return Detector::young_accounts;
    case Signal::shared_network:
      return Detector::shared_network;
    case Signal::cadence:
    case Signal::equal_age:
      return Detector::identical_timing;
    case Signal::ring:
      return Detector::ring;
  }
  return Detector::ring;
}

std::int32_t version_of(Detector detector) {
  switch (detector) {
    case Detector::burst:
    case Detector::young_accounts:
    case Detector::shared_network:
    case Detector::ring:
    case Detector::identical_timing:
      return 1;
  }
  return 0;
}

std::vector<Finding> detect(const Case& votes, const Detectors& detectors) {
  std::vector<Finding> findings;
  if (detectors.has(Detector::burst)) find_bursts(votes, findings);
  if (detectors.has(Detector::shared_network)) find_shared_networks(votes, findings);
  if (detectors.has(Detector::young_accounts)) find_young_accounts(votes, findings);
  if (detectors.has(Detector::identical_timing)) find_identical_timing(votes, findings);
  if (detectors.has(Detector::ring)) find_rings(votes, findings);
  return findings;
}

std::vector<Verdict> judge(std::span<const Finding> findings) {
  struct Seen {
    Signals signals;
    std::vector<std::uint32_t> findings;
  };
  std::map<std::uint32_t, Seen> by_vote;
  for (std::uint32_t i = 0; i < findings.size(); ++i) {
    for (const std::uint32_t vote : findings[i].votes) {
      Seen& seen = by_vote[vote];
      seen.signals.add(findings[i].signal);
      seen.findings.push_back(i);
    }
  }
  std::vector<Verdict> verdicts;
  for (auto& [vote, seen] : by_vote) {
    const Rule* rule = rule_for(seen.signals);
    if (rule == nullptr) continue;
    verdicts.push_back({vote, rule->detector, rule->reason, std::move(seen.findings)});
  }
  return verdicts;
}

}  // namespace wildnout::battles::fair_play
