// Checking a result from what anybody can read: docs/verifiable-results.md, carried out.
#pragma once

#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "battles/ballots.hpp"
#include "platform/crypto/merkle.hpp"

namespace wildnout::battles {

// The documents are not what can be checked at all: not JSON, or of another algorithm.
class Uncheckable : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// What was found, in words for people.
struct Findings {
  std::vector<std::string> holds;
  std::vector<std::string> faults;
  std::vector<std::string> notes;  // what could not be checked, and what rests on trust
};

// Takes the ballots one line after the other and keeps counts, hashes and 8 octets a ballot.
class Verification {
 public:
  // `results`: GET …/results. Throws Uncheckable.
  explicit Verification(std::string_view results);

  // GET /battles/{id}: its rules decide ties. Without it ties are not checked.
  void take_battle(std::string_view battle);
  // One page of GET …/entries: who entered when. May be called for each page, or not at all.
  void take_entries(std::string_view page);
  // GET …/proof. Before the first ballot.
  void take_proof(std::string_view proof);
  // A line of GET …/ballots without its line feed.
  void take_ballot(std::string_view line);

  // After the last ballot.
  [[nodiscard]] Findings finish();

 private:
  void fault(std::string words) { findings_.faults.push_back(std::move(words)); }
  void count(const PublicBallot& ballot, const std::optional<std::string>& voided);
  void check_state();
  void check_ballots();
  void check_counts();
  void check_repeats();
  void check_rules();
  void check_ranking();
  void check_entries();
  void check_proof();

  Results results_;
  std::optional<std::string> rules_;
  std::vector<TieBreaker> chain_;
  std::unordered_map<EntryId, Contender> entries_;
  std::optional<Proof> proof_;
  std::optional<PublicBallot> proven_;  // the ballot at the proof's place
  crypto::MerkleTree tree_;
  crypto::Sha256Stream lines_;
  Recount recount_;
  std::unordered_map<std::string, std::int64_t> voided_;
  std::int64_t voided_total_ = 0;
  std::vector<std::uint64_t> leaf_starts_;  // the first 64 bits of each leaf
  std::int64_t line_ = 0;
  Findings findings_;
};

}  // namespace wildnout::battles
