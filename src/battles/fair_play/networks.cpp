// Voters behind one address who go for one entry, and groups of accounts made within a day.
#include <boost/describe/class.hpp>

#include "battles/fair_play/chance.hpp"
#include "battles/fair_play/detectors.hpp"
#include "battles/fair_play/thresholds.hpp"
#include "platform/json/json.hpp"

namespace wildnout::battles::fair_play {

struct NetworkEvidence {
  std::int64_t voters;
  std::int64_t votes_of_address;  // for whatever entry
  double share_elsewhere;         // of this entry among the votes of all other addresses
  double log_chance;
  double threshold;
};
BOOST_DESCRIBE_STRUCT(NetworkEvidence, (),
                      (voters, votes_of_address, share_elsewhere, log_chance, threshold))

struct YoungEvidence {
  std::int64_t votes;
  std::int64_t young;
  std::int32_t younger_than_hours;
  double share_elsewhere;
  double log_chance;
  double threshold;  // of the share for a group, of the chance for an influx
};
BOOST_DESCRIBE_STRUCT(YoungEvidence, (),
                      (votes, young, younger_than_hours, share_elsewhere, log_chance, threshold))

namespace {

double as_count(std::size_t votes) { return static_cast<double>(votes); }

// One of each two unseen votes is taken to be like these: little evidence is no evidence.
double smoothed_share(std::size_t part, std::size_t whole) {
  return (as_count(part) + 1) / (as_count(whole) + 2);
}

struct Youth {
  std::size_t young;
  double share_elsewhere;
  double log_chance;
};

Youth youth_of(const Case& all, std::span<const std::uint32_t> votes) {
  const std::size_t young = all.young_in(votes);
  const std::size_t others = all.votes().size() - votes.size();
  const double elsewhere = smoothed_share(all.young_votes() - young, others);
  return {young, elsewhere, log_chance_binomial(young, votes.size(), elsewhere)};
}

bool is_influx(const Case& all, std::span<const std::uint32_t> votes, const Youth& youth) {
  return youth.young >= least_young && all.votes().size() - votes.size() >= least_others &&
         youth.share_elsewhere <= influx_common_share && youth.log_chance <= influx_log_chance;
}

void add_young(const Case& all, Signal signal, std::optional<std::uint32_t> entry,
               std::span<const std::uint32_t> votes, const Youth& youth,
               std::vector<Finding>& findings) {
  const bool is_group = signal == Signal::young_group;
  const YoungEvidence evidence{static_cast<std::int64_t>(votes.size()),
                               static_cast<std::int64_t>(youth.young),
                               static_cast<std::int32_t>(young_account.count()),
                               youth.share_elsewhere,
                               youth.log_chance,
                               is_group ? young_group_share : influx_log_chance};
  std::vector<std::uint32_t> young;
  for (const std::uint32_t vote : votes) {
    if (all.is_young(vote)) young.push_back(vote);
  }
  findings.push_back({signal, entry,
                      is_group ? "Nearly all of a conspicuous group registered within a day"
                               : "Far more new accounts than elsewhere in this battle",
                      json::text_of(evidence), std::move(young)});
}

}  // namespace

void find_shared_networks(const Case& all, std::vector<Finding>& findings) {
  for (const Cohort& cohort : all.by_network()) {
    const std::size_t voters = cohort.votes.size();
    const std::size_t of_address = all.votes_of_network(*cohort.network);
    if (as_count(voters) < shared_one_entry_share * as_count(of_address)) continue;
    const std::size_t for_entry = all.by_entry()[cohort.entry].votes.size();
    const double elsewhere = smoothed_share(for_entry - voters, all.votes().size() - of_address);
    const double log_chance = log_chance_binomial(voters, of_address, elsewhere);
    if (log_chance > network_log_chance) continue;
    const NetworkEvidence evidence{static_cast<std::int64_t>(voters),
                                   static_cast<std::int64_t>(of_address), elsewhere, log_chance,
                                   network_log_chance};
    findings.push_back({Signal::shared_network, cohort.entry,
                        "Many voters behind one address went for one entry",
                        json::text_of(evidence), cohort.votes});
  }
}

void find_young_accounts(const Case& all, std::vector<Finding>& findings) {
  const std::size_t groups = findings.size();
  for (std::size_t i = 0; i < groups; ++i) {
    const std::vector<std::uint32_t> votes = findings[i].votes;  // the list grows below
    const auto entry = findings[i].entry;
    const Youth youth = youth_of(all, votes);
    if (youth.young < least_young) continue;
    if (as_count(youth.young) >= young_group_share * as_count(votes.size())) {
      add_young(all, Signal::young_group, entry, votes, youth, findings);
    }
    if (is_influx(all, votes, youth)) {
      add_young(all, Signal::young_influx, entry, votes, youth, findings);
    }
  }
  for (const Cohort& entry : all.by_entry()) {
    const Youth youth = youth_of(all, entry.votes);
    if (is_influx(all, entry.votes, youth)) {
      add_young(all, Signal::young_influx, entry.entry, entry.votes, youth, findings);
    }
  }
}

}  // namespace wildnout::battles::fair_play
