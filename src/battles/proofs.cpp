// Finding a leaf in its chunk, and sending chunk after chunk.
#include "battles/proofs.hpp"

#include <cstring>
#include <stdexcept>

#include "battles/refusals.hpp"
#include "battles/repository.hpp"
#include "platform/crypto/digest.hpp"
#include "platform/crypto/merkle.hpp"
#include "platform/json/json.hpp"

namespace wildnout::battles {

struct VoidedDetails {
  VoidGround voided;
};
BOOST_DESCRIBE_STRUCT(VoidedDetails, (), (voided))

namespace {

struct Branch {
  std::int64_t index;
  std::vector<Hash> path;
};

Hash hash_at(std::string_view octets) {
  Hash hash;
  std::memcpy(hash.data(), octets.data(), sizeof(Hash));
  return hash;
}

// The path inside the chunk, then the path of the chunk's root among all: chunks are perfect
// subtrees, but for the last one, which stands where its root stands in the tree of roots.
std::optional<Branch> branch_of(const Hash& leaf, const BranchRow& row) {
  std::vector<Hash> leaves;
  std::optional<std::size_t> place;
  const std::string_view records = row.records.octets;
  for (std::size_t at = 0; at + record_octets <= records.size(); at += record_octets) {
    leaves.push_back(hash_at(leaf_of(records.substr(at, record_octets))));
    if (leaves.back() == leaf) place = leaves.size() - 1;
  }
  if (!place) return std::nullopt;
  std::vector<Hash> roots;
  const std::string_view octets = row.roots.octets;
  for (std::size_t at = 0; at + sizeof(Hash) <= octets.size(); at += sizeof(Hash)) {
    roots.push_back(hash_at(octets.substr(at)));
  }
  const auto chunk = static_cast<std::size_t>(row.chunk);
  Branch branch{static_cast<std::int64_t>(chunk * ballots_per_chunk + *place),
                crypto::merkle_path(leaves, *place)};
  for (const Hash& hash : crypto::merkle_path(roots, chunk)) branch.path.push_back(hash);
  return branch;
}

[[noreturn]] void refuse_voided(const OwnVoteRow& vote) {
  VoidedDetails details{{std::string{entry_removed}, {}}};
  if (vote.void_id) details.voided.reason = vote.reason.value_or("unspecified");
  if (vote.detector) details.voided.detector = *vote.detector;
  throw api::Refused{vote_voided, json::text_of(details)};
}

class BallotLines : public http::BodySource {
 public:
  BallotLines(db::Database& database, BattleId battle, const BallotsHead& head)
      : database_{database}, battle_{battle}, revision_{head.revision}, chunks_{head.chunks} {}

  [[nodiscard]] Task<bool> next(std::string& out) override {
    if (chunk_ >= chunks_) co_return false;
    const auto page =
        co_await read_page(database_.session(db::Work::slow), battle_, revision_, chunk_);
    if (!page) throw std::runtime_error{"the battle was counted again while its ballots were read"};
    const std::string_view records = page->records.octets;
    if (page->is_voided) {
      out.append(records);
    } else {
      for (std::size_t at = 0; at + record_octets <= records.size(); at += record_octets) {
        append_line(read_record(records.substr(at, record_octets)), out);
      }
    }
    co_return ++chunk_ < chunks_;
  }

 private:
  db::Database& database_;
  BattleId battle_;
  std::int32_t revision_;
  std::int32_t chunks_;
  std::int32_t chunk_ = 0;
};

}  // namespace

void refuse_results(const std::optional<BattleRow>& battle) {
  api::require(battle && battle->status != Status::cancelled, api::not_found);
  throw api::Refused{results_not_ready,
                     R"({"availableAt":")" + text_of(battle->voting_end_time) + R"("})"};
}

Task<Proof> make_proof(db::Session& session, async::CpuPool& cpu_pool, BattleId battle,
                       UserId voter, VoteId vote) {
  const auto own = co_await find_own_vote(session, battle, voter, vote);
  api::require(own.has_value(), api::not_found);
  const auto head = co_await find_ballots_head(session, battle);
  if (!head) {
    const auto row = co_await find_battle(session, battle);
    refuse_results(row);
  }
  const Hash leaf = vote_leaf(own->id, own->entry_id, own->weight, own->created_at, own->salt);
  const auto row = co_await find_branch(session, battle, vote);
  if (!row) refuse_voided(*own);
  const auto branch = co_await cpu_pool.run([&] { return branch_of(leaf, *row); });
  if (!branch) refuse_voided(*own);
  Proof proof{own->id,
              own->entry_id,
              own->weight,
              own->created_at,
              crypto::hex(crypto::ByteView{own->salt.bytes}),
              crypto::hex(crypto::ByteView{leaf}),
              branch->index,
              row->size,
              {},
              row->merkle_root};
  for (const Hash& hash : branch->path) proof.path.push_back(crypto::hex(crypto::ByteView{hash}));
  co_return proof;
}

Task<OpenBallots> open_ballots(db::Database& database, BattleId battle) {
  const auto head = co_await find_ballots_head(database.session(), battle);
  if (!head) {
    const auto row = co_await find_battle(database.session(), battle);
    refuse_results(row);
  }
  co_return OpenBallots{std::make_unique<BallotLines>(database, battle, *head), head->ballots_hash};
}

}  // namespace wildnout::battles
