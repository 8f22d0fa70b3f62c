// Votes in micro-batches with no timer: all that is queued when the last commit returns.
#pragma once

#include <deque>
#include <exception>
#include <functional>
#include <vector>

#include "battles/vote_repository.hpp"
#include "platform/async/shards.hpp"
#include "platform/async/suspend.hpp"
#include "platform/db/database.hpp"

namespace wildnout::battles {

// The writer of one shard; every vote of a battle goes to the writer of the battle's home shard, so
// a hot counter has one writer in the process. Two writers on the same counters are slower than
// one, and one statement a vote is 20 times slower than batches (docs/decisions/0003).
class VoteWriter {
 public:
  using Counted = std::function<void(const std::vector<Ballot>&)>;

  // `on_counted`: told the counted ballots of each batch after its commit, before their voters.
  VoteWriter(async::Shards& shards, unsigned shard, db::Database& database, Counted on_counted);

  // A vote waiting for its verdict; lives in the caller's frame.
  struct Waiting {
    Ballot ballot;
    unsigned origin;  // the caller's shard
    Decision decision{};
    std::exception_ptr fault;
    std::optional<async::Resume> resume;
  };

  // On this shard's thread. The caller is resumed after the commit, or with a fault:
  // db::Unavailable when `queue_limit` votes wait already.
  void add(Waiting& waiting);

  static constexpr std::size_t queue_limit = 20000;

 private:
  [[nodiscard]] Task<> write_batches();
  [[nodiscard]] Task<> write_batch(std::vector<Waiting*> batch);
  void settle(const std::vector<Waiting*>& batch, const std::vector<Decision>& decisions);
  void resume_all(const std::vector<Waiting*>& batch);

  async::Shards& shards_;
  unsigned shard_;
  db::Database& database_;
  Counted on_counted_;
  std::deque<Waiting*> queue_;
  bool is_writing_ = false;
};

}  // namespace wildnout::battles
