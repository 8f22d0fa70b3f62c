// Bursts: of an entry against its own rate, and of voters behind one address against the others'.
#include <algorithm>
#include <boost/describe/class.hpp>
#include <map>

#include "battles/fair_play/chance.hpp"
#include "battles/fair_play/detectors.hpp"
#include "battles/fair_play/thresholds.hpp"
#include "platform/json/json.hpp"

namespace wildnout::battles::fair_play {

struct BurstEvidence {
  Timestamp from;
  Timestamp until;
  std::int64_t votes;
  double expected;    // of them, by the rate compared with
  double log_chance;  // log10
  double threshold;
  std::optional<std::int64_t> networks;  // that the burst is put down to
};
BOOST_DESCRIBE_STRUCT(BurstEvidence, (),
                      (from, until, votes, expected, log_chance, threshold, networks))

namespace {

// Places within a cohort's votes, both included.
struct Window {
  std::size_t first;
  std::size_t last;
  double expected;
  double log_chance;
};

double as_count(std::size_t votes) { return static_cast<double>(votes); }

// How many votes for the entry this window would hold if nothing were the matter: by its own mean,
// by the minute around it, and by what came for other entries meanwhile, whichever is most.
double expected_in(const Case& all, const Cohort& entry, Timestamp from, Timestamp until,
                   std::size_t count) {
  const double window = static_cast<double>(burst_window.count());
  const double whole = static_cast<double>(std::max(all.duration(), shortest_battle).count());
  const double own = as_count(entry.votes.size() - count) * window / whole;
  const milliseconds tick{1};
  const std::size_t before = all.count_between(entry, from - burst_surroundings, from - tick);
  const std::size_t after = all.count_between(entry, until + tick, until + burst_surroundings);
  const double near =
      as_count(std::max(before, after)) * window / static_cast<double>(burst_surroundings.count());
  const Timestamp wide_from = from - burst_margin;
  const Timestamp wide_until = until + burst_margin;
  const std::size_t others_here =
      all.count_between(wide_from, wide_until) - all.count_between(entry, wide_from, wide_until);
  const std::size_t others = all.votes().size() - entry.votes.size();
  const double along =
      others == 0
          ? 0
          : as_count(others_here) * as_count(entry.votes.size() - count + 1) / as_count(others);
  return 1 + std::max({own, near, along});
}

std::optional<Window> judge_entry_window(const Case& all, const Cohort& entry, std::size_t first,
                                         std::size_t last, std::size_t count) {
  const auto votes = all.votes();
  const double expected =
      expected_in(all, entry, votes[entry.votes[first]].at, votes[entry.votes[last]].at, count);
  if (as_count(count) < entry_burst_factor * expected) return std::nullopt;
  const double log_chance = log_chance_poisson(count, expected);
  if (log_chance > burst_log_chance) return std::nullopt;
  return Window{first, last, expected, log_chance};
}

// Windows that overlap become one; its figures are those of the least likely.
void add_window(std::vector<Window>& windows, const Window& window) {
  if (windows.empty() || window.first > windows.back().last) {
    windows.push_back(window);
    return;
  }
  Window& back = windows.back();
  back.last = std::max(back.last, window.last);
  if (window.log_chance < back.log_chance) {
    back.log_chance = window.log_chance;
    back.expected = window.expected;
  }
}

// The votes of a burst: those of the networks that make it one, where some do; else all of it, for
// who merely voted at the time of a burst has no part in it.
std::vector<std::uint32_t> cause_of(const Case& all, const Cohort& entry, const Window& window,
                                    std::optional<std::int64_t>& networks) {
  std::map<std::int64_t, std::size_t> counts;
  for (std::size_t i = window.first; i <= window.last; ++i) {
    const auto network = all.votes()[entry.votes[i]].network;
    if (network) ++counts[*network];
  }
  std::vector<std::pair<std::size_t, std::int64_t>> largest;
  for (const auto& [network, count] : counts) {
    if (count >= least_burst_network) largest.emplace_back(count, network);
  }
  std::sort(largest.rbegin(), largest.rend());
  std::size_t rest = window.last - window.first + 1;
  std::vector<std::int64_t> taken;
  for (const auto& [count, network] : largest) {
    taken.push_back(network);
    rest -= count;
    if (rest < least_entry_burst || as_count(rest) < entry_burst_factor * window.expected) break;
  }
  const bool is_explained =
      !taken.empty() &&
      (rest < least_entry_burst || as_count(rest) < entry_burst_factor * window.expected);
  if (is_explained) networks = static_cast<std::int64_t>(taken.size());
  std::vector<std::uint32_t> votes;
  for (std::size_t i = window.first; i <= window.last; ++i) {
    const std::uint32_t vote = entry.votes[i];
    const auto network = all.votes()[vote].network;
    const bool is_of_them =
        network && std::find(taken.begin(), taken.end(), *network) != taken.end();
    if (!is_explained || is_of_them) votes.push_back(vote);
  }
  return votes;
}

Finding burst_finding(const Case& all, Signal signal, const Cohort& cohort, const Window& window,
                      std::vector<std::uint32_t> votes, std::optional<std::int64_t> networks) {
  const BurstEvidence evidence{all.votes()[cohort.votes[window.first]].at,
                               all.votes()[cohort.votes[window.last]].at,
                               static_cast<std::int64_t>(window.last - window.first + 1),
                               window.expected,
                               window.log_chance,
                               burst_log_chance,
                               networks};
  const bool is_entry = signal == Signal::entry_burst;
  return {signal, cohort.entry,
          is_entry ? "Far more votes came at once than this entry's rate makes likely"
                   : "Voters behind one address voted at once, unlike everyone else",
          json::text_of(evidence), std::move(votes)};
}

void find_entry_bursts(const Case& all, std::vector<Finding>& findings) {
  for (const Cohort& entry : all.by_entry()) {
    std::vector<Window> windows;
    std::size_t first = 0;
    for (std::size_t last = 0; last < entry.votes.size(); ++last) {
      const Timestamp until = all.votes()[entry.votes[last]].at;
      while (until - all.votes()[entry.votes[first]].at > burst_window) ++first;
      const std::size_t count = last - first + 1;
      if (count < least_entry_burst) continue;
      if (const auto window = judge_entry_window(all, entry, first, last, count)) {
        add_window(windows, *window);
      }
    }
    for (const Window& window : windows) {
      std::optional<std::int64_t> networks;
      auto votes = cause_of(all, entry, window, networks);
      findings.push_back(
          burst_finding(all, Signal::entry_burst, entry, window, std::move(votes), networks));
    }
  }
}

// What share of everyone else voted in that window is the chance of each voter to be in it.
std::optional<Window> judge_network_window(const Case& all, const Cohort& cohort, std::size_t first,
                                           std::size_t last) {
  const Timestamp from = all.votes()[cohort.votes[first]].at - burst_margin;
  const Timestamp until = all.votes()[cohort.votes[last]].at + burst_margin;
  const std::size_t others = all.votes().size() - cohort.votes.size();
  const std::size_t others_here =
      all.count_between(from, until) - all.count_between(cohort, from, until);
  const double share = (as_count(others_here) + 1) / (as_count(others) + 1);
  const std::size_t count = last - first + 1;
  const double log_chance = log_chance_binomial(count, cohort.votes.size(), share);
  if (log_chance > burst_log_chance) return std::nullopt;
  return Window{first, last, share * as_count(cohort.votes.size()), log_chance};
}

void find_network_bursts(const Case& all, std::vector<Finding>& findings) {
  for (const Cohort& cohort : all.by_network()) {
    for (const milliseconds width : {burst_window, short_burst_window}) {
      std::vector<Window> windows;
      std::size_t first = 0;
      for (std::size_t last = 0; last < cohort.votes.size(); ++last) {
        const Timestamp until = all.votes()[cohort.votes[last]].at;
        while (until - all.votes()[cohort.votes[first]].at > width) ++first;
        if (last - first + 1 < least_network_burst) continue;
        if (const auto window = judge_network_window(all, cohort, first, last)) {
          add_window(windows, *window);
        }
      }
      for (const Window& window : windows) {
        std::vector<std::uint32_t> votes{
            cohort.votes.begin() + static_cast<std::ptrdiff_t>(window.first),
            cohort.votes.begin() + static_cast<std::ptrdiff_t>(window.last) + 1};
        findings.push_back(
            burst_finding(all, Signal::network_burst, cohort, window, std::move(votes), 1));
      }
      if (!windows.empty()) break;  // the wider windows have said it
    }
  }
}

}  // namespace

void find_bursts(const Case& votes, std::vector<Finding>& findings) {
  find_entry_bursts(votes, findings);
  find_network_bursts(votes, findings);
}

}  // namespace wildnout::battles::fair_play
