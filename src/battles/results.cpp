// Counting chunk by chunk: tree, ballots' hash and votes in one pass over the ballots.
#include "battles/results.hpp"

#include <cmath>
#include <map>
#include <stdexcept>
#include <unordered_map>

#include "battles/exposure_repository.hpp"
#include "battles/presentation.hpp"
#include "contracts/battle_events.hpp"
#include "platform/bus/outbox.hpp"
#include "platform/crypto/digest.hpp"
#include "platform/crypto/merkle.hpp"
#include "platform/json/json.hpp"

namespace wildnout::battles {
namespace {

constexpr std::int32_t chunks_a_read = 16;  // 2 MiB
constexpr std::int32_t voided_a_read = 8192;

// What one pass over the ballots gathers. Works on the CPU pool, one chunk after the other.
struct Pass {
  crypto::MerkleTree tree;
  crypto::Sha256Stream lines;
  Recount recount;
  std::map<std::string, std::int64_t> voided;
};

// The chunk's own root. Adding all chunks' roots to the tree gives the tree over all leaves, since
// a chunk has a power of two of them.
Hash count_chunk(std::string_view records, Pass& pass) {
  crypto::MerkleTree chunk;
  std::string lines;
  for (std::size_t at = 0; at + record_octets <= records.size(); at += record_octets) {
    const PublicBallot ballot = read_record(records.substr(at, record_octets));
    chunk.add(ballot.leaf);
    pass.recount.add(ballot);
    append_line(ballot, lines);
  }
  pass.lines.add(lines);
  pass.tree.add(chunk.root());
  return chunk.root();
}

// How many chunks there are.
Task<std::int32_t> count_ballots_kept(db::Session& session, Node& node, BattleId battle,
                                      Pass& pass) {
  for (std::int32_t from = 0;;) {
    const auto rows = co_await read_chunks(session, battle, from, chunks_a_read);
    if (rows.empty()) co_return from;
    from += static_cast<std::int32_t>(rows.size());
    std::vector<std::int32_t> chunks;
    std::vector<db::Bytes> roots;
    for (const ChunkRow& row : rows) chunks.push_back(row.chunk);
    roots = co_await node.cpu_pool().run([&rows, &pass] {
      std::vector<db::Bytes> made;
      for (const ChunkRow& row : rows) {
        made.push_back(db::Bytes::of(count_chunk(row.records.octets, pass)));
      }
      return made;
    });
    co_await set_chunk_roots(session, battle, chunks, roots);
  }
}

// Behind the counted ones, from the chunk numbered `chunk` on.
Task<> store_voided(db::Session& session, BattleId battle, std::int32_t chunk, Pass& pass) {
  std::optional<VoteId> after;
  for (;; ++chunk) {
    const auto rows = co_await find_voided(session, battle, after, voided_a_read);
    if (rows.empty()) co_return;
    std::string lines;
    for (const VoidedRow& row : rows) {
      const PublicBallot ballot{
          vote_leaf(row.id, row.entry_id, row.weight, row.created_at, row.salt), row.entry_id,
          row.weight, row.created_at};
      VoidGround ground{row.reason, {}};
      if (row.detector) ground.detector = *row.detector;
      append_line(ballot, ground, lines);
      ++pass.voided[row.reason];
    }
    pass.lines.add(lines);
    after = rows.back().id;
    co_await insert_voided_chunk(session, battle, chunk, rows.front().id,
                                 static_cast<std::int32_t>(rows.size()), std::move(lines));
  }
}

Outcome outcome_of(const std::vector<Contender>& contenders, const Rules& rules, Pass& pass) {
  Outcome outcome;
  const Hash root = pass.tree.root();
  outcome.ranking = rank_entries(standings_of(contenders, pass.recount), rules.tie_breakers, root);
  outcome.total_votes = pass.recount.total();
  for (const auto& [reason, count] : pass.voided) {
    outcome.voided_votes += count;
    outcome.voided_by_reason.push_back({reason, count});
  }
  outcome.rules_hash = rules_hash(json::text_of(rules));
  outcome.ballots_hash = crypto::hex(crypto::ByteView{pass.lines.finish()});
  outcome.merkle_root = crypto::hex(crypto::ByteView{root});
  return outcome;
}

// Beside the ranking, not part of it: nulls where no ballot of the battle was dealt.
void show_impressions(std::vector<RankedEntry>& ranking,
                      const std::vector<EntryImpressions>& impressions) {
  if (impressions.empty()) return;
  constexpr double shown_steps = 10'000;  // four decimals
  std::unordered_map<EntryId, std::int64_t> by_entry;
  for (const auto& [entry, count] : impressions) by_entry[entry] = count;
  for (RankedEntry& entry : ranking) {
    const std::int64_t seen = by_entry[entry.entry_id];
    entry.impressions = seen;
    if (seen == 0) continue;
    const double ratio = static_cast<double>(entry.votes) / static_cast<double>(seen);
    entry.votes_per_impression = std::round(ratio * shown_steps) / shown_steps;
  }
}

}  // namespace

Task<> settle_results(db::Session& session, Node& node, BattleId battle, Timestamp completed_at,
                      Timestamp certifies_at) {
  co_await begin_results(session, battle, completed_at, certifies_at);
  co_await recount_results(session, node, battle);
}

Task<> recount_results(db::Session& session, Node& node, BattleId battle) {
  const auto row = co_await find_battle(session, battle);
  if (!row) throw std::logic_error{"a result without its battle"};
  co_await store_ballots(session, battle);
  Pass pass;
  const std::int32_t chunks = co_await count_ballots_kept(session, node, battle, pass);
  co_await store_voided(session, battle, chunks, pass);
  const auto contenders = co_await find_contenders(session, battle);
  Outcome outcome = outcome_of(contenders, present(*row).rules, pass);
  show_impressions(outcome.ranking, co_await find_impressions(session, battle));
  if (!co_await replace_outcome(session, battle, outcome)) {
    throw std::logic_error{"a certified result is not counted again"};
  }
  co_await set_ranks(session, battle, outcome.ranking);
}

Task<> certify_results(db::Session& session, BattleId battle) {
  const auto ranking = co_await mark_certified(session, battle);
  if (!ranking) co_return;
  for (const RankedEntry& entry : json::read<std::vector<RankedEntry>>(*ranking)) {
    co_await bus::publish(
        session, battle.value,
        BattleResult{battle, entry.entry_id, entry.user_id, entry.rank, entry.votes});
  }
}

}  // namespace wildnout::battles
