// Gathering facts, and turning what detectors say into rows, counters and events.
#include "battles/examination.hpp"

#include <algorithm>
#include <unordered_map>

#include "battles/fair_play/detectors.hpp"
#include "battles/result_repository.hpp"
#include "battles/results.hpp"
#include "contracts/battle_events.hpp"
#include "platform/bus/outbox.hpp"
#include "platform/json/json.hpp"
#include "platform/log/log.hpp"
#include "platform/metrics/metrics.hpp"

namespace wildnout::battles {

// The evidence of a void: the findings that its vote is in.
struct FindingsOfVoid {
  std::vector<FindingId> findings;
};
BOOST_DESCRIBE_STRUCT(FindingsOfVoid, (), (findings))

// What the audit trail keeps of the votes that detectors took out.
struct VotesVoided {
  std::int64_t votes;
  std::int64_t findings;
};
BOOST_DESCRIBE_STRUCT(VotesVoided, (), (votes, findings))

namespace {

constexpr std::int32_t facts_a_page = 5000;
constexpr std::int32_t most_ties = 100'000;

Task<fair_play::BattleFacts> gather(db::Session& session, BattleId battle) {
  fair_play::BattleFacts facts;
  std::unordered_map<EntryId, std::uint32_t> places;
  for (const Contender& entry : co_await find_contenders(session, battle)) {
    places.emplace(entry.entry_id, static_cast<std::uint32_t>(facts.entries.size()));
    facts.entries.push_back({entry.entry_id, entry.user_id});
  }
  std::optional<FactRow> last;
  while (facts.votes.size() < most_votes_examined) {
    const auto page = co_await find_facts(session, battle, last, facts_a_page);
    for (const FactRow& row : page) {
      const auto place = places.find(row.entry_id);
      if (place == places.end()) continue;  // its entry was taken out
      facts.votes.push_back({row.id, row.voter, row.at, row.account_made.value_or(Timestamp{}),
                             row.network, place->second});
    }
    if (page.size() < static_cast<std::size_t>(facts_a_page)) break;
    last = page.back();
  }
  for (const TieRow& tie : co_await find_ties(session, battle, most_ties)) {
    facts.ties.push_back({tie.voter, tie.target, tie.votes, tie.choices});
  }
  co_return facts;
}

FindingRow row_of(const fair_play::Case& votes, const fair_play::Finding& finding) {
  const fair_play::Detector detector = fair_play::detector_of(finding.signal);
  FindingRow row{.id = FindingId::make(),
                 .detector = detector,
                 .version = fair_play::version_of(detector),
                 .signal = finding.signal,
                 .entry_id = std::nullopt,
                 .reason = finding.reason,
                 .evidence = finding.evidence,
                 .vote_count = static_cast<std::int64_t>(finding.votes.size()),
                 .vote_ids = {},
                 .voided_count = 0,
                 .found_at = {}};
  if (finding.entry) row.entry_id = votes.entries()[*finding.entry].id;
  for (const std::uint32_t vote : finding.votes) row.vote_ids.push_back(votes.votes()[vote].id);
  std::sort(row.vote_ids.begin(), row.vote_ids.end());
  if (row.vote_ids.size() > votes_kept_of_finding) row.vote_ids.resize(votes_kept_of_finding);
  return row;
}

Examination judge_facts(fair_play::BattleFacts facts, const fair_play::Detectors& detectors) {
  const fair_play::Case votes{std::move(facts)};
  const auto findings = fair_play::detect(votes, detectors);
  Examination examination;
  for (const fair_play::Finding& finding : findings) {
    if (examination.findings.size() == most_findings) break;
    examination.findings.push_back(row_of(votes, finding));
  }
  for (const fair_play::Verdict& verdict : fair_play::judge(findings)) {
    const fair_play::Fact& fact = votes.votes()[verdict.vote];
    FindingsOfVoid evidence;
    for (const std::uint32_t finding : verdict.findings) {
      if (finding < most_findings) evidence.findings.push_back(examination.findings[finding].id);
    }
    examination.voids.push_back({fact.voter, votes.entries()[fact.entry].id, verdict.detector,
                                 std::string{verdict.reason}, json::text_of(evidence)});
  }
  return examination;
}

std::vector<ChangedVoteFact> facts_of(const std::vector<ChangedVote>& votes) {
  std::vector<ChangedVoteFact> facts;
  for (const ChangedVote& vote : votes) {
    facts.push_back({vote.vote_id, vote.entry_id, vote.user_id, vote.detector});
  }
  return facts;
}

void drop_caches(db::Session& session, Node& node, BattleId battle,
                 const std::vector<ChangedVote>& votes) {
  std::vector<std::pair<BattleId, UserId>> voters;
  for (const ChangedVote& vote : votes) voters.emplace_back(battle, vote.user_id);
  session.after_commit([&node, voters = std::move(voters)] { node.votes_changed(voters); });
}

}  // namespace

Task<Examination> examine(db::Database& database, Node& node, BattleId battle) {
  auto facts = co_await gather(database.session(db::Work::slow), battle);
  auto work = [facts = std::move(facts), detectors = node.detectors()]() mutable {
    return judge_facts(std::move(facts), detectors);
  };
  co_return co_await node.cpu_pool().run(std::move(work));
}

Task<> apply(db::Session& session, Node& node, BattleId battle, FairPlay mode,
             Examination examination) {
  static metrics::Counter& found =
      metrics::counter("wildnout_fair_play_findings_total", "Findings of the detectors");
  for (const FindingRow& finding : examination.findings) {
    co_await insert_finding(session, battle, finding);
  }
  found.add(static_cast<double>(examination.findings.size()));
  if (mode == FairPlay::void_ && !examination.voids.empty()) {
    const std::size_t taken =
        co_await take_out(session, node, battle, std::move(examination.voids));
    const VotesVoided voided{static_cast<std::int64_t>(taken),
                             static_cast<std::int64_t>(examination.findings.size())};
    co_await node.trail().record(session, {},
                                 {.action = "votes.voidedByDetectors",
                                  .subject_type = "battle",
                                  .subject_id = battle.text(),
                                  .severity = audit::Severity::warning,
                                  .metadata = json::text_of(voided)});
    log::info("votes were voided",
              {{"battle", battle.text()}, {"votes", static_cast<std::int64_t>(taken)}});
  }
  co_await mark_examined(session, battle);
}

Task<std::size_t> take_out(db::Session& session, Node& node, BattleId battle,
                           std::vector<NewVoid> voids) {
  static metrics::Counter& voided =
      metrics::counter("wildnout_votes_voided_total", "Votes taken out of the count");
  std::size_t taken = 0;
  for (std::size_t at = 0; at < voids.size(); at += most_voids_at_once) {
    const std::size_t end = std::min(voids.size(), at + most_voids_at_once);
    const std::vector<NewVoid> some{voids.begin() + static_cast<std::ptrdiff_t>(at),
                                    voids.begin() + static_cast<std::ptrdiff_t>(end)};
    const auto changed = co_await void_votes(session, battle, some);
    if (changed.empty()) continue;
    co_await bus::publish(session, battle.value, VoteVoided{battle, facts_of(changed)});
    drop_caches(session, node, battle, changed);
    taken += changed.size();
  }
  if (taken > 0) co_await recount_results(session, node, battle);
  voided.add(static_cast<double>(taken));
  co_return taken;
}

Task<bool> put_back(db::Session& session, Node& node, BattleId battle, UserId voter,
                    EntryId entry) {
  const auto changed = co_await restore_vote(session, battle, voter, entry);
  if (!changed) co_return false;
  const std::vector<ChangedVote> one{*changed};
  co_await bus::publish(session, battle.value, VoteRestored{battle, facts_of(one)});
  drop_caches(session, node, battle, one);
  co_await recount_results(session, node, battle);
  co_return true;
}

}  // namespace wildnout::battles
