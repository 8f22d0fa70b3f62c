// Counting in windows that slide over the facts.
#include "audit/watch/rules.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <span>

namespace wildnout::audit::watch {
namespace {

// What staff does that reaches other people; what they read or are refused is counted elsewhere.
const std::vector<std::string> staff_actions{
    "anomaly.resolved",      "battle.cancelledByStaff", "battle.certifiedEarly",
    "battle.changedByStaff", "battle.transitionForced", "entry.disqualified",
    "proposal.confirmed",    "proposal.declined",       "proposal.made",
    "user.rolesChanged",     "user.suspended",          "user.unsuspended"};
const std::vector<std::string> export_actions{"user.exportRequested"};
const std::vector<std::string> reading_actions{"user.personalDataRead", "user.soughtByEmail"};
const std::vector<std::string> denials{"permission.denied"};

// The part of a list, from the first to the last fact, that windows beyond the limit cover.
struct Burst {
  std::size_t first;
  std::size_t last;
  std::int64_t count = 0;
};

// `at(i)` and `weight(i)` of `size` facts in the order of time.
template <class At, class Weight>
std::optional<Burst> find_burst(std::size_t size, const Rate& rate, At at, Weight weight) {
  std::optional<Burst> burst;
  std::int64_t inside = 0;
  for (std::size_t begin = 0, end = 0; end < size; ++end) {
    inside += weight(end);
    for (; at(end) - at(begin) >= rate.window; ++begin) inside -= weight(begin);
    if (inside < rate.limit) continue;
    if (!burst) burst = Burst{begin, end};
    burst->last = end;
  }
  if (!burst) return burst;
  for (std::size_t i = burst->first; i <= burst->last; ++i) burst->count += weight(i);
  return burst;
}

// Facts after those that were judged.
template <class Facts, class At>
Facts not_judged(Facts facts, AnomalyKind kind, const std::string& subject, const Judged& judged,
                 At at) {
  const auto until = judged.find({kind, subject});
  if (until == judged.end()) return facts;
  const auto fresh =
      std::ranges::find_if(facts, [&](const auto& fact) { return at(fact) > until->second; });
  return Facts{fresh, facts.end()};
}

Evidence evidence_of(const Rate& rate, std::int64_t facts) {
  return {rate.limit, rate.window.count(), facts, {}, {}};
}

// ---- sign-ins

std::optional<Finding> judge(std::span<const FailedSignIns> all, AnomalyKind kind, SubjectType type,
                             std::string subject, const Detector& detector, const Judged& judged) {
  if (detector.mode == DetectorMode::off) return std::nullopt;
  const auto facts =
      not_judged(all, kind, subject, judged, [](const FailedSignIns& fact) { return fact.minute; });
  const auto burst = find_burst(
      facts.size(), detector.rate, [&](std::size_t i) { return facts[i].minute; },
      [&](std::size_t i) { return facts[i].failures; });
  if (!burst) return std::nullopt;
  return Finding{kind,
                 type,
                 std::move(subject),
                 Severity::warning,
                 facts[burst->first].minute,
                 facts[burst->last].minute,
                 evidence_of(detector.rate, burst->count)};
}

// As find_burst, of networks that differ.
std::optional<Burst> find_networks(std::span<const NetworkUse> uses, const Rate& rate) {
  std::map<std::int64_t, int> inside;  // how often
  std::optional<Burst> burst;
  for (std::size_t begin = 0, end = 0; end < uses.size(); ++end) {
    ++inside[uses[end].network];
    for (; uses[end].slot - uses[begin].slot >= rate.window; ++begin) {
      const auto leaving = inside.find(uses[begin].network);
      if (--leaving->second == 0) inside.erase(leaving);
    }
    if (static_cast<std::int64_t>(inside.size()) < rate.limit) continue;
    if (!burst) burst = Burst{begin, end};
    burst->last = end;
  }
  if (!burst) return burst;
  std::set<std::int64_t> networks;
  for (std::size_t i = burst->first; i <= burst->last; ++i) networks.insert(uses[i].network);
  burst->count = static_cast<std::int64_t>(networks.size());
  return burst;
}

// ---- the trail

bool is_one_of(const std::string& action, const std::vector<std::string>& actions) {
  return std::ranges::find(actions, action) != actions.end();
}

struct ActRule {
  AnomalyKind kind;
  Severity severity;
  const std::vector<std::string>& actions;
};

const std::array act_rules{
    ActRule{AnomalyKind::staff_rate, Severity::critical, staff_actions},
    ActRule{AnomalyKind::mass_export, Severity::critical, export_actions},
    ActRule{AnomalyKind::mass_reading, Severity::critical, reading_actions},
    ActRule{AnomalyKind::permission_probing, Severity::warning, denials},
};

std::optional<Finding> judge(std::span<const Act* const> all, const ActRule& rule,
                             const Detector& detector, const Judged& judged) {
  if (detector.mode == DetectorMode::off) return std::nullopt;
  const std::string subject = all.front()->actor_id.text();
  const auto acts =
      not_judged(all, rule.kind, subject, judged, [](const Act* act) { return act->created_at; });
  const auto burst = find_burst(
      acts.size(), detector.rate, [&](std::size_t i) { return acts[i]->created_at; },
      [](std::size_t) { return std::int64_t{1}; });
  if (!burst) return std::nullopt;
  Finding finding{rule.kind,
                  SubjectType::user,
                  subject,
                  rule.severity,
                  acts[burst->first]->created_at,
                  acts[burst->last]->created_at,
                  evidence_of(detector.rate, burst->count)};
  std::set<std::string> routes;
  for (std::size_t i = burst->first; i <= burst->last; ++i) {
    if (finding.evidence.rows.size() < most_rows_of_evidence) {
      finding.evidence.rows.push_back(acts[i]->row_id);
    }
    if (acts[i]->route) routes.insert(*acts[i]->route);
  }
  const auto route_count = static_cast<std::int64_t>(routes.size());
  if (rule.kind == AnomalyKind::permission_probing && route_count < least_routes_probed) {
    return std::nullopt;
  }
  for (const std::string& route : routes) {
    if (finding.evidence.routes.size() < most_routes_of_evidence) {
      finding.evidence.routes.push_back(route);
    }
  }
  return finding;
}

}  // namespace

std::vector<Finding> detect(const std::vector<FailedSignIns>& facts, const Detectors& detectors,
                            const Judged& judged) {
  std::map<std::int64_t, std::vector<FailedSignIns>> by_network;
  for (const FailedSignIns& fact : facts) {
    if (fact.network != 0) by_network[fact.network].push_back(fact);
  }
  std::vector<Finding> findings;
  std::set<std::int64_t> found;
  for (const auto& [network, own] : by_network) {
    auto finding = judge(own, AnomalyKind::failed_sign_ins, SubjectType::network,
                         std::to_string(network), detectors.failed_sign_ins, judged);
    if (!finding) continue;
    found.insert(network);
    findings.push_back(std::move(*finding));
  }
  // A network that has its case is not counted again.
  std::vector<FailedSignIns> others;
  for (const FailedSignIns& fact : facts) {
    if (!found.contains(fact.network)) others.push_back(fact);
  }
  if (auto finding = judge(others, AnomalyKind::spread_sign_ins, SubjectType::everybody, "*",
                           detectors.spread_sign_ins, judged)) {
    findings.push_back(std::move(*finding));
  }
  return findings;
}

std::vector<Finding> detect(const std::vector<NetworkUse>& facts, const Detectors& detectors,
                            const Judged& judged) {
  const Detector& detector = detectors.many_networks;
  std::vector<Finding> findings;
  if (detector.mode == DetectorMode::off) return findings;
  std::map<Uuid, std::vector<NetworkUse>> by_user;
  for (const NetworkUse& fact : facts) by_user[fact.user_id].push_back(fact);
  for (const auto& [user, own] : by_user) {
    const auto uses =
        not_judged(std::span<const NetworkUse>{own}, AnomalyKind::many_networks, user.text(),
                   judged, [](const NetworkUse& use) { return use.slot; });
    const auto burst = find_networks(uses, detector.rate);
    if (!burst) continue;
    findings.push_back({AnomalyKind::many_networks, SubjectType::user, user.text(),
                        Severity::critical, uses[burst->first].slot, uses[burst->last].slot,
                        evidence_of(detector.rate, burst->count)});
  }
  return findings;
}

std::vector<Finding> detect(const std::vector<Act>& facts, const Detectors& detectors,
                            const Judged& judged) {
  std::vector<Finding> findings;
  for (const ActRule& rule : act_rules) {
    std::map<Uuid, std::vector<const Act*>> by_actor;
    for (const Act& act : facts) {
      if (is_one_of(act.action_type, rule.actions)) by_actor[act.actor_id].push_back(&act);
    }
    for (const auto& [actor, acts] : by_actor) {
      if (auto finding = judge(acts, rule, detector_of(rule.kind, detectors), judged)) {
        findings.push_back(std::move(*finding));
      }
    }
  }
  return findings;
}

const Detector& detector_of(AnomalyKind kind, const Detectors& detectors) {
  switch (kind) {
    case AnomalyKind::failed_sign_ins:
      return detectors.failed_sign_ins;
    case AnomalyKind::spread_sign_ins:
      return detectors.spread_sign_ins;
    case AnomalyKind::many_networks:
      return detectors.many_networks;
    case AnomalyKind::staff_rate:
      return detectors.staff_rate;
    case AnomalyKind::mass_export:
      return detectors.mass_export;
    case AnomalyKind::mass_reading:
      return detectors.mass_reading;
    case AnomalyKind::permission_probing:
      return detectors.permission_probing;
  }
  return detectors.failed_sign_ins;
}

const std::vector<std::string>& watched_actions() {
  static const std::vector<std::string> actions = [] {
    std::vector<std::string> all;
    for (const ActRule& rule : act_rules) {
      all.insert(all.end(), rule.actions.begin(), rule.actions.end());
    }
    return all;
  }();
  return actions;
}

seconds longest_of(const Detectors& detectors) {
  seconds longest{};
  for (const Detector* detector :
       {&detectors.failed_sign_ins, &detectors.spread_sign_ins, &detectors.many_networks,
        &detectors.staff_rate, &detectors.mass_export, &detectors.mass_reading,
        &detectors.permission_probing}) {
    longest = std::max(longest, detector->rate.window);
  }
  return longest;
}

}  // namespace wildnout::audit::watch
