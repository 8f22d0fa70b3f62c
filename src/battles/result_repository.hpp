// The SQL of results: ballots in tree order, who is ranked, the result itself.
#pragma once

#include <boost/describe.hpp>
#include <optional>
#include <string>
#include <vector>

#include "battles/ballots.hpp"
#include "battles/model.hpp"
#include "platform/db/codec.hpp"
#include "platform/db/session.hpp"

namespace wildnout::battles {

// --- ballots

// Puts the battle's counted votes into battle_ballots, in tree order, in place of what was there.
// A vote on an entry that is not ranked is not counted. May take seconds where there are
// hundreds of thousands, and so the transaction's statements may from here on.
[[nodiscard]] Task<> store_ballots(db::Session& session, BattleId battle);

struct ChunkRow {
  std::int32_t chunk;
  std::int32_t ballots;
  db::Bytes records;
};
BOOST_DESCRIBE_STRUCT(ChunkRow, (), (chunk, ballots, records))

[[nodiscard]] Task<std::vector<ChunkRow>> read_chunks(db::Session& session, BattleId battle,
                                                      std::int32_t from, std::int32_t limit);
[[nodiscard]] Task<> set_chunk_roots(db::Session& session, BattleId battle,
                                     const std::vector<std::int32_t>& chunks,
                                     const std::vector<db::Bytes>& roots);

struct VoidedRow {
  VoteId id;
  EntryId entry_id;
  std::int64_t weight;
  Timestamp created_at;
  Uuid salt;
  std::string reason;
  std::optional<std::string> detector;
};
BOOST_DESCRIBE_STRUCT(VoidedRow, (), (id, entry_id, weight, created_at, salt, reason, detector))

// Votes that do not count: voided, or on an entry that is not ranked. By id.
[[nodiscard]] Task<std::vector<VoidedRow>> find_voided(db::Session& session, BattleId battle,
                                                       std::optional<VoteId> after,
                                                       std::int32_t limit);
[[nodiscard]] Task<> insert_voided_chunk(db::Session& session, BattleId battle, std::int32_t chunk,
                                         VoteId first, std::int32_t ballots, std::string lines);

// --- reading them

// A voter's own vote and what is needed to find it in the tree.
struct OwnVoteRow {
  VoteId id;
  EntryId entry_id;
  std::int64_t weight;
  Timestamp created_at;
  Uuid salt;
  std::optional<Uuid> void_id;
  std::optional<std::string> reason;
  std::optional<std::string> detector;
};
BOOST_DESCRIBE_STRUCT(OwnVoteRow, (),
                      (id, entry_id, weight, created_at, salt, void_id, reason, detector))

[[nodiscard]] Task<std::optional<OwnVoteRow>> find_own_vote(db::Session& session, BattleId battle,
                                                            UserId voter, VoteId vote);

// The chunk where a vote's leaf must be, and the roots of all: as of one moment.
struct BranchRow {
  std::int64_t size;
  std::string merkle_root;
  std::int32_t chunk;
  db::Bytes records;
  db::Bytes roots;
};
BOOST_DESCRIBE_STRUCT(BranchRow, (), (size, merkle_root, chunk, records, roots))

// Nothing when the vote's id is below that of every counted one.
[[nodiscard]] Task<std::optional<BranchRow>> find_branch(db::Session& session, BattleId battle,
                                                         VoteId vote);

// What a reader of all ballots begins with.
struct BallotsHead {
  std::int32_t revision;
  std::string ballots_hash;
  std::int32_t chunks;
};
BOOST_DESCRIBE_STRUCT(BallotsHead, (), (revision, ballots_hash, chunks))

// Nothing before the first count.
[[nodiscard]] Task<std::optional<BallotsHead>> find_ballots_head(db::Session& session,
                                                                 BattleId battle);

struct PageRow {
  bool is_voided;
  db::Bytes records;
};
BOOST_DESCRIBE_STRUCT(PageRow, (), (is_voided, records))

// Nothing when the battle has been counted again since `revision`.
[[nodiscard]] Task<std::optional<PageRow>> read_page(db::Session& session, BattleId battle,
                                                     std::int32_t revision, std::int32_t chunk);

// --- the result

[[nodiscard]] Task<std::vector<Contender>> find_contenders(db::Session& session, BattleId battle);

struct ResultsRow {
  std::int32_t revision;  // grows with each count
  ResultsState state;
  Timestamp completed_at;
  std::optional<Timestamp> certifies_at;
  std::optional<Timestamp> certified_at;
  std::int64_t total_votes;
  std::string ranking;  // JSON
  std::int64_t voided_votes;
  std::string voided_by_reason;  // JSON
  std::string rules_hash;
  std::string ballots_hash;
  std::string merkle_root;
  std::string algorithm;
};
BOOST_DESCRIBE_STRUCT(ResultsRow, (),
                      (revision, state, completed_at, certifies_at, certified_at, total_votes,
                       ranking, voided_votes, voided_by_reason, rules_hash, ballots_hash,
                       merkle_root, algorithm))

// The counted part of a result.
struct Outcome {
  std::int64_t total_votes = 0;
  std::vector<RankedEntry> ranking;
  std::int64_t voided_votes = 0;
  std::vector<ReasonCount> voided_by_reason;
  std::string rules_hash;
  std::string ballots_hash;
  std::string merkle_root;
};

// Makes room for a battle's result, once: a provisional one without a count (revision 0).
[[nodiscard]] Task<> begin_results(db::Session& session, BattleId battle, Timestamp completed_at,
                                   Timestamp certifies_at);
// Puts the count in; a certified one is replaced only when it is of revision 0. False: it was not.
[[nodiscard]] Task<bool> replace_outcome(db::Session& session, BattleId battle,
                                         const Outcome& outcome);
// Nothing when it is certified already.
[[nodiscard]] Task<std::optional<std::string>> mark_certified(db::Session& session,
                                                              BattleId battle);
[[nodiscard]] Task<> set_ranks(db::Session& session, BattleId battle,
                               const std::vector<RankedEntry>& ranking);
// Nothing before the first count.
[[nodiscard]] Task<std::optional<ResultsRow>> find_results(db::Session& session, BattleId battle);
// Battles whose result was made by an earlier version.
[[nodiscard]] Task<std::vector<BattleId>> outdated_results(db::Session& session,
                                                           std::int32_t limit);

}  // namespace wildnout::battles
