// Rings: authors whose votes, here and before, all went to each other.
#include <algorithm>
#include <boost/describe/class.hpp>
#include <cmath>
#include <map>

#include "battles/fair_play/detectors.hpp"
#include "battles/fair_play/thresholds.hpp"
#include "platform/json/json.hpp"

namespace wildnout::battles::fair_play {

struct RingEvidence {
  std::vector<UserId> accounts;
  std::int64_t votes;  // of theirs, in this battle and before
  double log_chance;   // log10, had each vote gone to anyone
  double threshold;
};
BOOST_DESCRIBE_STRUCT(RingEvidence, (), (accounts, votes, log_chance, threshold))

namespace {

constexpr std::uint32_t none = UINT32_MAX;

struct Account {
  UserId id;
  std::map<std::uint32_t, std::int64_t> targets;  // votes by the place of who got them
  std::int64_t votes = 0;
  double choices = 0;        // sum of log10 of the entries that each vote could have gone to
  bool has_outside = false;  // has voted for someone who votes for nobody here
};

// Who voted for whom among authors, in this battle and in what is remembered.
struct Graph {
  std::vector<Account> accounts;
  std::map<UserId, std::uint32_t> places;

  std::uint32_t place_of(UserId user) const {
    const auto found = places.find(user);
    return found == places.end() ? none : found->second;
  }
  void add_account(UserId user) {
    if (accounts.size() >= most_ring_accounts) return;
    if (places.emplace(user, static_cast<std::uint32_t>(accounts.size())).second) {
      accounts.push_back({.id = user});
    }
  }
  void add_votes(std::uint32_t voter, UserId target, std::int64_t votes, double choices) {
    Account& account = accounts[voter];
    const std::uint32_t to = place_of(target);
    if (to == none) {
      account.has_outside = true;
    } else {
      account.targets[to] += votes;
    }
    account.votes += votes;
    account.choices += choices;
  }
};

Graph graph_of(const Case& all) {
  Graph graph;
  std::map<UserId, std::size_t> entries_of;
  for (const Entrant& entry : all.entries()) ++entries_of[entry.author];
  std::vector<UserId> voters;
  for (const Fact& fact : all.votes()) {
    if (entries_of.contains(fact.voter)) voters.push_back(fact.voter);
  }
  for (const Tie& tie : all.ties()) voters.push_back(tie.voter);
  std::sort(voters.begin(), voters.end());  // places do not hang on the order of rows
  for (const UserId& voter : voters) graph.add_account(voter);
  for (const Fact& fact : all.votes()) {
    const std::uint32_t voter = graph.place_of(fact.voter);
    if (voter == none) continue;
    const auto own = entries_of.find(fact.voter);
    const std::size_t others = all.entries().size() - (own == entries_of.end() ? 0 : own->second);
    graph.add_votes(voter, all.entries()[fact.entry].author, 1,
                    std::log10(static_cast<double>(std::max<std::size_t>(others, 1))));
  }
  for (const Tie& tie : all.ties()) {
    const std::uint32_t voter = graph.place_of(tie.voter);
    if (voter != none) graph.add_votes(voter, tie.target, tie.votes, tie.choices);
  }
  return graph;
}

// Takes out, again and again, whoever has voted for someone that is out.
std::vector<bool> closed_accounts(const Graph& graph) {
  std::vector<std::vector<std::uint32_t>> voters_of(graph.accounts.size());
  std::vector<bool> is_in(graph.accounts.size(), true);
  std::vector<std::uint32_t> leaving;
  for (std::uint32_t i = 0; i < graph.accounts.size(); ++i) {
    const Account& account = graph.accounts[i];
    for (const auto& [target, votes] : account.targets) voters_of[target].push_back(i);
    if (account.has_outside || account.votes < least_ring_votes) leaving.push_back(i);
  }
  while (!leaving.empty()) {
    const std::uint32_t i = leaving.back();
    leaving.pop_back();
    if (!is_in[i]) continue;
    is_in[i] = false;
    for (const std::uint32_t voter : voters_of[i]) leaving.push_back(voter);
  }
  return is_in;
}

std::vector<bool> reached_from(std::uint32_t start,
                               const std::vector<std::vector<std::uint32_t>>& edges) {
  std::vector<bool> is_reached(edges.size(), false);
  std::vector<std::uint32_t> open{start};
  is_reached[start] = true;
  while (!open.empty()) {
    const std::uint32_t at = open.back();
    open.pop_back();
    for (const std::uint32_t next : edges[at]) {
      if (is_reached[next]) continue;
      is_reached[next] = true;
      open.push_back(next);
    }
  }
  return is_reached;
}

// Groups that all reach each other and nobody else. Such a group is what one of its members
// reaches, and each of the group reaches that member.
std::vector<std::vector<std::uint32_t>> groups_of(const Graph& graph,
                                                  const std::vector<bool>& is_in) {
  std::vector<std::vector<std::uint32_t>> to(graph.accounts.size());
  std::vector<std::vector<std::uint32_t>> from(graph.accounts.size());
  for (std::uint32_t i = 0; i < graph.accounts.size(); ++i) {
    if (!is_in[i]) continue;
    for (const auto& [target, votes] : graph.accounts[i].targets) {
      to[i].push_back(target);
      from[target].push_back(i);
    }
  }
  std::vector<std::vector<std::uint32_t>> groups;
  std::vector<bool> is_done(graph.accounts.size(), false);
  for (std::uint32_t i = 0; i < graph.accounts.size(); ++i) {
    if (!is_in[i] || is_done[i]) continue;
    const std::vector<bool> onward = reached_from(i, to);
    const std::vector<bool> backward = reached_from(i, from);
    std::vector<std::uint32_t> group;
    bool is_closed = true;
    for (std::uint32_t other = 0; other < onward.size(); ++other) {
      if (onward[other] && backward[other]) {
        group.push_back(other);
        is_done[other] = true;
      }
      is_closed = is_closed && (!onward[other] || backward[other]);
    }
    if (is_closed && group.size() >= least_ring) groups.push_back(std::move(group));
  }
  return groups;
}

}  // namespace

void find_rings(const Case& all, std::vector<Finding>& findings) {
  const Graph graph = graph_of(all);
  for (const auto& group : groups_of(graph, closed_accounts(graph))) {
    RingEvidence evidence{{}, 0, 0, ring_log_chance};
    std::vector<bool> is_member(graph.accounts.size(), false);
    double choices = 0;
    for (const std::uint32_t member : group) {
      is_member[member] = true;
      evidence.accounts.push_back(graph.accounts[member].id);
      evidence.votes += graph.accounts[member].votes;
      choices += graph.accounts[member].choices;
    }
    // Each vote had at most all others of the ring to go to, of the choices that there were.
    const double within = std::log10(static_cast<double>(group.size() - 1));
    evidence.log_chance = static_cast<double>(evidence.votes) * within - choices;
    if (evidence.log_chance > ring_log_chance) continue;
    std::vector<std::uint32_t> votes;
    for (std::uint32_t vote = 0; vote < all.votes().size(); ++vote) {
      const std::uint32_t voter = graph.place_of(all.votes()[vote].voter);
      if (voter != none && is_member[voter]) votes.push_back(vote);
    }
    findings.push_back({Signal::ring, std::nullopt, "These accounts only ever vote for each other",
                        json::text_of(evidence), std::move(votes)});
  }
}

}  // namespace wildnout::battles::fair_play
