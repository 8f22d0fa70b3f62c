// Reading the public documents, and one check after the other.
#include "battles/verification.hpp"

#include <algorithm>
#include <cstring>
#include <set>

#include "platform/json/canonical.hpp"
#include "platform/json/json.hpp"

namespace wildnout::battles {

namespace {

// Members are read one by one: a later server may say more, and that is no fault.
constexpr std::size_t most_listed_faults = 20;

std::string at_line(std::int64_t line) {
  return "line " + std::to_string(line) + " of the ballots";
}

std::string of_entry(EntryId entry) { return "entry " + entry.text(); }

std::string differs(const std::string& what, const std::string& said, const std::string& found) {
  return what + " is said to be " + said + ", but is " + found;
}

std::string differs(const std::string& what, std::int64_t said, std::int64_t found) {
  return differs(what, std::to_string(said), std::to_string(found));
}

json::Document parse(std::string_view text, const std::string& what) {
  try {
    return json::Document{text};
  } catch (const json::Malformed& fault) {
    throw Uncheckable{what + " are no JSON: " + fault.what()};
  }
}

json::Value member(json::Value object, std::string_view name) {
  const json::Value found = object.kind() == json::Kind::object ? object.find(name) : object;
  if (!found || object.kind() != json::Kind::object) {
    throw Uncheckable{"a member \"" + std::string{name} + "\" is missing"};
  }
  return found;
}

template <class T>
T read_member(json::Value object, std::string_view name) {
  try {
    return json::read<T>(member(object, name));
  } catch (const json::Invalid&) {
    throw Uncheckable{"the member \"" + std::string{name} + "\" is not what it must be"};
  }
}

std::optional<TieBreak> read_tie_break(json::Value row) {
  const json::Value found = member(row, "tieBreak");
  if (found.is_null()) return std::nullopt;
  return TieBreak{read_member<std::string>(found, "by"), read_member<std::string>(found, "value")};
}

RankedEntry read_ranked(json::Value row) {
  RankedEntry entry{};
  entry.rank = read_member<std::int32_t>(row, "rank");
  entry.entry_id = read_member<EntryId>(row, "entryId");
  entry.user_id = read_member<UserId>(row, "userId");
  entry.votes = read_member<std::int64_t>(row, "votes");
  entry.weighted_votes = read_member<std::int64_t>(row, "weightedVotes");
  entry.unique_voters = read_member<std::int64_t>(row, "uniqueVoters");
  entry.last_vote_at = read_member<std::optional<Timestamp>>(row, "lastVoteAt");
  entry.submission_time = read_member<Timestamp>(row, "submissionTime");
  entry.tie_break = read_tie_break(row);
  return entry;
}

Results read_results(json::Value root) {
  Results results{};
  results.algorithm = read_member<std::string>(root, "algorithm");
  if (results.algorithm != results_algorithm) {
    throw Uncheckable{"the result was made by \"" + results.algorithm + "\", and this checks \"" +
                      std::string{results_algorithm} + "\""};
  }
  results.battle_id = read_member<BattleId>(root, "battleId");
  results.state = read_member<ResultsState>(root, "state");
  results.certifies_at = read_member<std::optional<Timestamp>>(root, "certifiesAt");
  results.certified_at = read_member<std::optional<Timestamp>>(root, "certifiedAt");
  results.total_votes = read_member<std::int64_t>(root, "totalVotes");
  for (const json::Value row : member(root, "ranking")) {
    results.ranking.push_back(read_ranked(row));
  }
  results.voided_votes = read_member<std::int64_t>(root, "voidedVotes");
  for (const json::Value row : member(root, "voidedByReason")) {
    results.voided_by_reason.push_back(
        {read_member<std::string>(row, "reason"), read_member<std::int64_t>(row, "count")});
  }
  results.rules_hash = read_member<std::string>(root, "rulesHash");
  results.ballots_hash = read_member<std::string>(root, "ballotsHash");
  results.merkle_root = read_member<std::string>(root, "merkleRoot");
  return results;
}

std::optional<Hash> parse_hash(std::string_view text) {
  const auto octets = crypto::parse_hex(text);
  if (!octets || octets->size() != sizeof(Hash)) return std::nullopt;
  Hash hash;
  std::memcpy(hash.data(), octets->data(), hash.size());
  return hash;
}

std::string hex_of(const Hash& hash) { return crypto::hex(crypto::ByteView{hash}); }

// The order of a line as the server writes it; nothing when it is not written so.
std::optional<PublicBallot> read_plain_line(std::string_view line, std::string& scratch) {
  constexpr std::size_t time_at = 14;
  constexpr std::size_t entry_at = 51;
  constexpr std::size_t leaf_at = 97;
  constexpr std::size_t weight_at = 172;
  if (line.size() <= weight_at) return std::nullopt;
  const auto time = parse_timestamp(line.substr(time_at, 24));
  const auto entry = Uuid::parse(line.substr(entry_at, 36));
  const auto leaf = parse_hash(line.substr(leaf_at, 64));
  std::int64_t weight = 0;
  for (const char c :
       line.substr(weight_at, std::min<std::size_t>(line.size() - weight_at - 1, 18))) {
    if (c < '0' || c > '9') return std::nullopt;
    weight = weight * 10 + (c - '0');
  }
  if (!time || !entry || !leaf) return std::nullopt;
  const PublicBallot ballot{*leaf, EntryId{*entry}, weight, *time};
  scratch.clear();
  append_line(ballot, scratch);  // the only text that this ballot has
  scratch.pop_back();
  if (scratch != line) return std::nullopt;
  return ballot;
}

}  // namespace

Verification::Verification(std::string_view results)
    : results_{read_results(parse(results, "the results").root())} {}

void Verification::take_battle(std::string_view battle) {
  const json::Document document = parse(battle, "the battle's data");
  const auto id = read_member<BattleId>(document.root(), "id");
  if (id != results_.battle_id) throw Uncheckable{"the battle is another one than the results'"};
  const json::Value rules = member(document.root(), "rules");
  rules_.emplace();
  json::append_canonical(rules, *rules_);
  chain_.clear();
  for (const json::Value step : member(rules, "tieBreakers")) {
    const auto known = step.kind() == json::Kind::string ? parse_spelled<TieBreaker>(step.text())
                                                         : std::optional<TieBreaker>{};
    if (!known) throw Uncheckable{"the rules name a tie-breaker that this does not know"};
    chain_.push_back(*known);
  }
}

void Verification::take_entries(std::string_view page) {
  const json::Document document = parse(page, "the entries");
  for (const json::Value row : member(document.root(), "items")) {
    const auto id = read_member<EntryId>(row, "id");
    const auto sent = read_member<std::optional<Timestamp>>(row, "submissionTime");
    entries_[id] = {id, read_member<UserId>(row, "userId"),
                    sent ? *sent : read_member<Timestamp>(row, "createdAt")};
  }
}

void Verification::take_proof(std::string_view proof) {
  const json::Document document = parse(proof, "the proof's data");
  const json::Value root = document.root();
  Proof read{};
  read.vote_id = read_member<VoteId>(root, "voteId");
  read.entry_id = read_member<EntryId>(root, "entryId");
  read.weight = read_member<std::int64_t>(root, "weight");
  read.created_at = read_member<Timestamp>(root, "createdAt");
  read.salt = read_member<std::string>(root, "salt");
  read.leaf = read_member<std::string>(root, "leaf");
  read.index = read_member<std::int64_t>(root, "index");
  read.size = read_member<std::int64_t>(root, "size");
  read.path = read_member<std::vector<std::string>>(root, "path");
  read.merkle_root = read_member<std::string>(root, "merkleRoot");
  proof_ = std::move(read);
}

void Verification::count(const PublicBallot& ballot, const std::optional<std::string>& voided) {
  std::uint64_t start = 0;
  std::memcpy(&start, ballot.leaf.data(), sizeof start);
  leaf_starts_.push_back(start);
  if (voided) {
    ++voided_[*voided];
    ++voided_total_;
    return;
  }
  if (voided_total_ > 0) fault(at_line(line_) + ": a counted ballot behind voided ones");
  if (proof_ && static_cast<std::int64_t>(tree_.size()) == proof_->index) proven_ = ballot;
  tree_.add(ballot.leaf);
  recount_.add(ballot);
}

void Verification::take_ballot(std::string_view line) {
  ++line_;
  thread_local std::string scratch;
  if (const auto plain = read_plain_line(line, scratch)) {
    lines_.add(line);
    lines_.add("\n");
    count(*plain, std::nullopt);
    return;
  }
  try {
    const json::Document document{line};
    const json::Value root = document.root();
    scratch.clear();
    json::append_canonical(root, scratch);
    scratch.push_back('\n');
    lines_.add(scratch);
    const auto leaf = parse_hash(read_member<std::string>(root, "leaf"));
    if (!leaf) throw Uncheckable{"the leaf is no hash"};
    const PublicBallot ballot{*leaf, read_member<EntryId>(root, "entryId"),
                              read_member<std::int64_t>(root, "weight"),
                              read_member<Timestamp>(root, "createdAt")};
    std::optional<std::string> reason;
    if (const json::Value voided = root.find("voided")) {
      reason = read_member<std::string>(voided, "reason");
    }
    count(ballot, reason);
  } catch (const std::runtime_error& why) {
    if (findings_.faults.size() < most_listed_faults) {
      fault(at_line(line_) + " is no ballot: " + why.what());
    }
  }
}

Findings Verification::finish() {
  check_state();
  check_ballots();
  check_counts();
  check_repeats();
  check_rules();
  check_ranking();
  check_entries();
  check_proof();
  return std::move(findings_);
}

void Verification::check_state() {
  const bool is_certified = results_.state == ResultsState::certified;
  if (is_certified != results_.certified_at.has_value() ||
      is_certified == results_.certifies_at.has_value()) {
    fault("the state does not go with certifiesAt and certifiedAt");
  }
  if (!is_certified) {
    findings_.notes.emplace_back("the result is provisional: votes may still be voided");
  }
}

void Verification::check_ballots() {
  const std::size_t before = findings_.faults.size();
  const std::string root = hex_of(tree_.root());
  if (root != results_.merkle_root) fault(differs("merkleRoot", results_.merkle_root, root));
  const std::string lines = hex_of(lines_.finish());
  if (lines != results_.ballots_hash) fault(differs("ballotsHash", results_.ballots_hash, lines));
  if (findings_.faults.size() == before) {
    findings_.holds.push_back("the " + std::to_string(line_) +
                              " ballots are those that the result was made of");
  }
}

void Verification::check_counts() {
  const std::size_t before = findings_.faults.size();
  if (results_.total_votes != recount_.total()) {
    fault(differs("totalVotes", results_.total_votes, recount_.total()));
  }
  if (results_.voided_votes != voided_total_) {
    fault(differs("voidedVotes", results_.voided_votes, voided_total_));
  }
  std::set<std::string> reasons;
  for (const ReasonCount& said : results_.voided_by_reason) {
    const auto found = voided_.find(said.reason);
    const std::int64_t counted = found == voided_.end() ? 0 : found->second;
    const bool is_first = reasons.insert(said.reason).second;
    if (said.count != counted || !is_first) {
      fault(differs("voidedByReason of " + said.reason, said.count, counted));
    }
  }
  for (const auto& [reason, counted] : voided_) {
    if (!reasons.contains(reason)) fault("voidedByReason leaves out " + reason);
  }
  std::set<EntryId> ranked;
  for (const RankedEntry& said : results_.ranking) {
    const Count counted = recount_.of(said.entry_id);
    const std::string entry = of_entry(said.entry_id);
    if (!ranked.insert(said.entry_id).second) fault(entry + " is ranked twice");
    if (said.votes != counted.votes) {
      fault(differs("votes of " + entry, said.votes, counted.votes));
    }
    if (said.weighted_votes != counted.weight) {
      fault(differs("weightedVotes of " + entry, said.weighted_votes, counted.weight));
    }
    if (said.unique_voters != counted.votes) {
      fault(differs("uniqueVoters of " + entry, said.unique_voters, counted.votes));
    }
    const auto second = [](const std::optional<Timestamp>& time) {
      return time ? text_of(Timestamp{std::chrono::floor<std::chrono::seconds>(*time)}) : "none";
    };
    if (second(said.last_vote_at) != second(counted.last_vote_at)) {
      fault(differs("lastVoteAt of " + entry, second(said.last_vote_at),
                    second(counted.last_vote_at)));
    }
  }
  for (const auto& [entry, counted] : recount_.entries()) {
    if (!ranked.contains(entry)) {
      fault(of_entry(entry) + " has " + std::to_string(counted.votes) + " votes and is not ranked");
    }
  }
  if (findings_.faults.size() == before) {
    findings_.holds.push_back("every count is right: " + std::to_string(recount_.total()) +
                              " votes for " + std::to_string(ranked.size()) + " entries, " +
                              std::to_string(voided_total_) + " voided");
  }
}

void Verification::check_repeats() {
  std::sort(leaf_starts_.begin(), leaf_starts_.end());
  if (std::adjacent_find(leaf_starts_.begin(), leaf_starts_.end()) != leaf_starts_.end()) {
    fault("a ballot stands there twice: two leaves are the same");
  }
}

void Verification::check_rules() {
  if (!rules_) {
    findings_.notes.emplace_back("no battle was given: its rules and ties are not checked");
    return;
  }
  const std::string hash = hex_of(crypto::sha256(*rules_));
  if (hash != results_.rules_hash) {
    fault(differs("rulesHash", results_.rules_hash, hash) +
          ": these are not the rules that the result was made by");
  } else {
    findings_.holds.emplace_back("the battle's rules are those that the result was made by");
  }
}

void Verification::check_ranking() {
  const std::size_t before = findings_.faults.size();
  const auto root = parse_hash(results_.merkle_root);
  std::vector<Standing> standings;
  for (const RankedEntry& said : results_.ranking) {
    const Count counted = recount_.of(said.entry_id);
    standings.push_back({said.entry_id, said.user_id, counted.votes, counted.weight, counted.votes,
                         said.last_vote_at, said.submission_time});
  }
  const auto ranking = rank_entries(std::move(standings), chain_, root.value_or(Hash{}));
  bool hangs_on_milliseconds = false;
  for (std::size_t i = 0; i < ranking.size(); ++i) {
    const RankedEntry& said = results_.ranking[i];
    const std::string place = "place " + std::to_string(i + 1);
    if (said.rank != ranking[i].rank)
      fault(differs("the rank at " + place, said.rank, ranking[i].rank));
    const bool is_tied = ranking[i].tie_break.has_value();
    if (!rules_ && is_tied) continue;
    if (said.entry_id != ranking[i].entry_id) {
      fault(place + " belongs to " + of_entry(ranking[i].entry_id) + ", not to " +
            of_entry(said.entry_id));
      continue;
    }
    const auto words = [](const std::optional<TieBreak>& tie) {
      return tie ? tie->by + " " + tie->value : std::string{"none"};
    };
    if (words(said.tie_break) != words(ranking[i].tie_break)) {
      fault(differs("tieBreak of " + of_entry(said.entry_id), words(said.tie_break),
                    words(ranking[i].tie_break)));
    }
    hangs_on_milliseconds |= is_tied && ranking[i].tie_break->by == "earliestLead";
  }
  if (hangs_on_milliseconds) {
    findings_.notes.emplace_back(
        "a tie was decided by earliestLead: the ballots show its times to the second, and within "
        "a second the order rests on the server's word");
  }
  if (findings_.faults.size() == before) {
    findings_.holds.emplace_back(rules_ ? "the ranking and its ties follow from counts and rules"
                                        : "the ranking follows from the counts");
  }
}

void Verification::check_entries() {
  if (entries_.empty()) {
    findings_.notes.emplace_back("no entries were given: their times and owners are not checked");
    return;
  }
  const std::size_t before = findings_.faults.size();
  for (const RankedEntry& said : results_.ranking) {
    const auto found = entries_.find(said.entry_id);
    if (found == entries_.end()) {
      findings_.notes.push_back(of_entry(said.entry_id) + " is not among the entries");
      continue;
    }
    if (found->second.user_id != said.user_id) {
      fault(of_entry(said.entry_id) + " is another user's than the result says");
    }
    if (found->second.submission_time != said.submission_time) {
      fault(differs("submissionTime of " + of_entry(said.entry_id), text_of(said.submission_time),
                    text_of(found->second.submission_time)));
    }
  }
  if (findings_.faults.size() == before) {
    findings_.holds.emplace_back(
        "the ranked entries are the battle's, with their times and owners");
  }
}

void Verification::check_proof() {
  if (!proof_) return;
  const std::size_t before = findings_.faults.size();
  const auto salt = crypto::parse_hex(proof_->salt);
  Uuid octets;
  if (salt && salt->size() == octets.bytes.size()) {
    std::memcpy(octets.bytes.data(), salt->data(), salt->size());
  } else {
    fault("the proof's salt is not 16 octets");
  }
  const Hash leaf =
      vote_leaf(proof_->vote_id, proof_->entry_id, proof_->weight, proof_->created_at, octets);
  if (hex_of(leaf) != proof_->leaf) fault("the proof's vote does not make its leaf");
  std::vector<Hash> path;
  for (const std::string& text : proof_->path) path.push_back(parse_hash(text).value_or(Hash{}));
  const auto root = crypto::root_by_path(leaf, static_cast<std::uint64_t>(proof_->index),
                                         static_cast<std::uint64_t>(proof_->size), path);
  if (!root || hex_of(*root) != results_.merkle_root) {
    fault("the proof does not lead from its leaf to merkleRoot");
  }
  if (proof_->merkle_root != results_.merkle_root) {
    fault(differs("the proof's merkleRoot", proof_->merkle_root, results_.merkle_root));
  }
  if (proof_->size != results_.total_votes) {
    fault(differs("the proof's size", proof_->size, results_.total_votes));
  }
  if (!proven_ || proven_->leaf != leaf || proven_->entry_id != proof_->entry_id ||
      proven_->weight != proof_->weight) {
    fault("the ballot at the proof's index is not the proof's");
  }
  if (findings_.faults.size() == before) {
    findings_.holds.push_back("vote " + proof_->vote_id.text() + " for " +
                              of_entry(proof_->entry_id) + " is among the counted ballots");
  }
}

}  // namespace wildnout::battles
