// Putting rounds' results together.
#include "battles/tournament_results.hpp"

#include <algorithm>
#include <map>
#include <stdexcept>

#include "battles/bracket_repository.hpp"
#include "battles/presentation.hpp"
#include "battles/result_repository.hpp"
#include "battles/results.hpp"
#include "platform/crypto/digest.hpp"
#include "platform/crypto/merkle.hpp"
#include "platform/json/json.hpp"

namespace wildnout::battles {
namespace {

// What the rounds add up to.
struct Rounds {
  std::vector<Hash> roots;
  std::int64_t total_votes = 0;
  std::int64_t voided_votes = 0;
  std::map<std::string, std::int64_t> voided;
  // The row of an entrant's copy in the result of a round, by round and tournament's entry.
  std::map<std::pair<std::int32_t, EntryId>, RankedEntry> rows;
};

Hash hash_of_hex(const std::string& hex) {
  const auto octets = crypto::parse_hex(hex);
  Hash hash{};
  if (!octets || octets->size() != hash.size()) throw std::logic_error{"a root is 32 bytes in hex"};
  std::copy(octets->begin(), octets->end(), hash.begin());
  return hash;
}

void add_result(Rounds& rounds, std::int32_t number, const Results& result,
                const std::map<EntryId, EntryId>& origins) {
  rounds.roots.push_back(hash_of_hex(result.merkle_root));
  rounds.total_votes += result.total_votes;
  rounds.voided_votes += result.voided_votes;
  for (const ReasonCount& one : result.voided_by_reason) rounds.voided[one.reason] += one.count;
  for (const RankedEntry& row : result.ranking) {
    rounds.rows.emplace(std::pair{number, origins.at(row.entry_id)}, row);
  }
}

Task<Rounds> add_up(db::Session& session, BattleId tournament) {
  std::map<EntryId, EntryId> origins;
  for (const RoundEntryRow& entry : co_await find_round_entries(session, tournament)) {
    origins[entry.id] = entry.origin_id;
  }
  Rounds rounds;
  for (const RoundRow& round : co_await find_rounds(session, tournament)) {
    const auto row = co_await find_results(session, round.id);
    if (row) add_result(rounds, round.round, present(round.id, *row), origins);
  }
  co_return rounds;
}

Finish finish_of(const EntrantRow& entrant, const std::vector<Pairing>& pairings,
                 const Rounds& rounds) {
  Finish finish{};
  finish.seed = entrant.seed;
  finish.is_champion = pairings.empty() || pairings.back().winner == entrant.seed;
  for (const Pairing& pairing : pairings) {
    if (pairing.seed_a == entrant.seed || pairing.seed_b == entrant.seed) {
      finish.last_round = pairing.round;
    }
  }
  const auto row = rounds.rows.find({finish.last_round, entrant.entry_id});
  if (row != rounds.rows.end()) {
    finish.row = row->second;
    finish.last_rank = row->second.rank;
  }
  finish.row.entry_id = entrant.entry_id;
  finish.row.user_id = entrant.user_id;
  finish.row.submission_time = entrant.submission_time;
  return finish;
}

}  // namespace

Task<> settle_tournament(db::Session& session, BattleId tournament, Timestamp completed_at) {
  const auto battle = co_await find_battle(session, tournament);
  const auto pairings = co_await find_pairings(session, tournament);
  const Rounds rounds = co_await add_up(session, tournament);
  std::vector<Finish> finishes;
  for (const EntrantRow& entrant : co_await find_entrants(session, tournament)) {
    if (entrant.is_there) finishes.push_back(finish_of(entrant, pairings, rounds));
  }
  Outcome outcome;
  outcome.ranking = rank_finishes(std::move(finishes));
  outcome.total_votes = rounds.total_votes;
  outcome.voided_votes = rounds.voided_votes;
  for (const auto& [reason, count] : rounds.voided) {
    outcome.voided_by_reason.push_back({reason, count});
  }
  outcome.rules_hash = rules_hash(json::text_of(present(*battle).rules));
  outcome.ballots_hash = crypto::hex(crypto::ByteView{crypto::sha256(std::string_view{})});
  outcome.merkle_root = crypto::hex(crypto::ByteView{crypto::merkle_root(rounds.roots)});
  co_await begin_results(session, tournament, completed_at, completed_at);
  co_await mark_tournament_results(session, tournament);
  (void)co_await replace_outcome(session, tournament, outcome);
  co_await set_ranks(session, tournament, outcome.ranking);
  co_await certify_results(session, tournament);
}

}  // namespace wildnout::battles
