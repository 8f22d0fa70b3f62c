// Machine-like timing: votes at equal gaps, and accounts that vote at the same age.
#include <algorithm>
#include <boost/describe/class.hpp>

#include "battles/fair_play/chance.hpp"
#include "battles/fair_play/detectors.hpp"
#include "battles/fair_play/thresholds.hpp"
#include "platform/json/json.hpp"

namespace wildnout::battles::fair_play {

struct CadenceEvidence {
  std::int64_t votes;
  Timestamp from;
  Timestamp until;
  std::int64_t gap_milliseconds;
  std::int64_t tolerance_milliseconds;
};
BOOST_DESCRIBE_STRUCT(CadenceEvidence, (),
                      (votes, from, until, gap_milliseconds, tolerance_milliseconds))

struct EqualAgeEvidence {
  std::int64_t votes;
  std::int64_t age_milliseconds;  // of the youngest account of them when it voted
  std::int64_t spread_milliseconds;
  double share_elsewhere;  // of the battle's other votes at these ages
  double log_chance;
  double threshold;
};
BOOST_DESCRIBE_STRUCT(EqualAgeEvidence, (),
                      (votes, age_milliseconds, spread_milliseconds, share_elsewhere, log_chance,
                       threshold))

namespace {

using Ages = std::vector<milliseconds>;

milliseconds age_of(const Fact& fact) { return fact.at - fact.account_made; }

std::size_t count_ages(const Ages& sorted, milliseconds from, milliseconds until) {
  const auto first = std::lower_bound(sorted.begin(), sorted.end(), from);
  return static_cast<std::size_t>(std::upper_bound(first, sorted.end(), until) - first);
}

milliseconds tolerance_of(milliseconds gap) {
  const auto relative =
      static_cast<std::int64_t>(static_cast<double>(gap.count()) * cadence_relative_tolerance);
  return std::max(cadence_tolerance, milliseconds{relative});
}

// The votes that scripts would be among: of one address, or new accounts where those are rare.
std::vector<Cohort> suspects_of(const Case& all) {
  std::vector<Cohort> suspects{all.by_network().begin(), all.by_network().end()};
  if (static_cast<double>(all.young_votes()) >
      influx_common_share * static_cast<double>(all.votes().size())) {
    return suspects;
  }
  for (const Cohort& entry : all.by_entry()) {
    Cohort young{entry.entry, std::nullopt, {}};
    for (const std::uint32_t vote : entry.votes) {
      if (all.is_young(vote)) young.votes.push_back(vote);
    }
    suspects.push_back(std::move(young));
  }
  return suspects;
}

void add_cadence(const Case& all, const Cohort& cohort, std::size_t first, std::size_t last,
                 std::vector<Finding>& findings) {
  const std::size_t count = last - first + 1;
  if (count < least_cadence) return;
  const Timestamp from = all.votes()[cohort.votes[first]].at;
  const Timestamp until = all.votes()[cohort.votes[last]].at;
  const milliseconds gap = (until - from) / static_cast<std::int64_t>(count - 1);
  const CadenceEvidence evidence{static_cast<std::int64_t>(count), from, until, gap.count(),
                                 tolerance_of(gap).count()};
  findings.push_back({Signal::cadence,
                      cohort.entry,
                      "Votes came at equal gaps",
                      json::text_of(evidence),
                      {cohort.votes.begin() + static_cast<std::ptrdiff_t>(first),
                       cohort.votes.begin() + static_cast<std::ptrdiff_t>(last) + 1}});
}

// Runs of gaps that equal the run's first: of independent voters' gaps, one in ten or fewer lies
// that near, so eleven in a row are no chance.
void find_cadences(const Case& all, const Cohort& cohort, std::vector<Finding>& findings) {
  std::size_t first = 0;
  milliseconds gap{};
  for (std::size_t i = 1; i < cohort.votes.size(); ++i) {
    const milliseconds here = all.votes()[cohort.votes[i]].at - all.votes()[cohort.votes[i - 1]].at;
    const bool goes_on = i > first + 1 && gap >= shortest_cadence &&
                         std::chrono::abs(here - gap) <= tolerance_of(gap);
    if (goes_on) continue;
    if (i > first + 1) add_cadence(all, cohort, first, i - 1, findings);
    first = i - 1;
    gap = here;
  }
  if (gap >= shortest_cadence && cohort.votes.size() > first + 1) {
    add_cadence(all, cohort, first, cohort.votes.size() - 1, findings);
  }
}

void find_equal_ages(const Case& all, const Ages& ages, const Cohort& cohort,
                     std::vector<Finding>& findings) {
  std::vector<std::uint32_t> young;
  for (const std::uint32_t vote : cohort.votes) {
    if (all.is_young(vote)) young.push_back(vote);
  }
  const auto age = [&all](std::uint32_t vote) { return age_of(all.votes()[vote]); };
  std::sort(young.begin(), young.end(), [&](std::uint32_t a, std::uint32_t b) {
    return age(a) != age(b) ? age(a) < age(b) : a < b;
  });
  Ages own;
  own.reserve(young.size());
  for (const std::uint32_t vote : young) own.push_back(age(vote));
  std::size_t first = 0;
  std::size_t reported = 0;  // votes before this place are in a finding already
  for (std::size_t last = 0; last < young.size(); ++last) {
    while (own[last] - own[first] > equal_age_window) ++first;
    const bool is_widest =
        last + 1 == young.size() || own[last + 1] - own[first] > equal_age_window;
    const std::size_t count = last - first + 1;
    if (!is_widest || count < least_equal_age || first < reported) continue;
    const std::size_t others_here = count_ages(ages, own[first], own[last]) - count;
    const std::size_t others = all.votes().size() - young.size();
    const double share = (static_cast<double>(others_here) + 1) / (static_cast<double>(others) + 1);
    const double log_chance = log_chance_binomial(count, young.size(), share);
    if (others < least_others || log_chance > timing_log_chance) continue;
    const EqualAgeEvidence evidence{static_cast<std::int64_t>(count),
                                    own[first].count(),
                                    (own[last] - own[first]).count(),
                                    share,
                                    log_chance,
                                    timing_log_chance};
    std::vector<std::uint32_t> votes{young.begin() + static_cast<std::ptrdiff_t>(first),
                                     young.begin() + static_cast<std::ptrdiff_t>(last) + 1};
    std::sort(votes.begin(), votes.end());
    findings.push_back({Signal::equal_age, cohort.entry, "Accounts voted at the same age",
                        json::text_of(evidence), std::move(votes)});
    reported = last + 1;
  }
}

}  // namespace

void find_identical_timing(const Case& all, std::vector<Finding>& findings) {
  Ages ages;
  ages.reserve(all.votes().size());
  for (const Fact& fact : all.votes()) ages.push_back(age_of(fact));
  std::sort(ages.begin(), ages.end());
  for (const Cohort& cohort : suspects_of(all)) {
    find_cadences(all, cohort, findings);
    find_equal_ages(all, ages, cohort, findings);
  }
}

}  // namespace wildnout::battles::fair_play
