// The writer's loop: take what is queued, count it in one transaction, tell everyone.
#include "battles/vote_writer.hpp"

#include <algorithm>
#include <unordered_map>

#include "platform/log/log.hpp"
#include "platform/metrics/metrics.hpp"

namespace wildnout::battles {

VoteWriter::VoteWriter(async::Shards& shards, unsigned shard, db::Database& database,
                       Counted on_counted)
    : shards_{shards}, shard_{shard}, database_{database}, on_counted_{std::move(on_counted)} {}

void VoteWriter::add(Waiting& waiting) {
  if (queue_.size() >= queue_limit) {
    waiting.fault = std::make_exception_ptr(db::Unavailable{"too many votes are waiting"});
    resume_all({&waiting});
    return;
  }
  queue_.push_back(&waiting);
  if (is_writing_) return;
  is_writing_ = true;
  async::spawn(shards_[shard_].executor(), "vote writer", write_batches());
}

Task<> VoteWriter::write_batches() {
  while (!queue_.empty()) {
    const std::size_t size = std::min(queue_.size(), most_ballots);
    std::vector<Waiting*> batch{queue_.begin(), queue_.begin() + static_cast<std::ptrdiff_t>(size)};
    queue_.erase(queue_.begin(), queue_.begin() + static_cast<std::ptrdiff_t>(size));
    co_await write_batch(std::move(batch));
  }
  is_writing_ = false;
}

Task<> VoteWriter::write_batch(std::vector<Waiting*> batch) {
  static metrics::Counter& batches =
      metrics::counter("wildnout_vote_batches_total", "Transactions that counted votes");
  batches.add();
  std::vector<Ballot> ballots;
  ballots.reserve(batch.size());
  for (const Waiting* waiting : batch) ballots.push_back(waiting->ballot);
  std::exception_ptr fault;
  try {
    const auto decisions = co_await count_ballots(database_.session(db::Work::writes), ballots);
    settle(batch, decisions);
  } catch (...) {
    fault = std::current_exception();
  }
  // A voter whose batch was lost is told so; whether it was committed they learn by asking again.
  for (Waiting* waiting : batch) waiting->fault = fault;
  resume_all(batch);
}

void VoteWriter::settle(const std::vector<Waiting*>& batch,
                        const std::vector<Decision>& decisions) {
  static metrics::Counter& counted =
      metrics::counter("wildnout_votes_counted_total", "Votes that count");
  std::unordered_map<VoteId, const Decision*> by_id;
  for (const Decision& decision : decisions) by_id.emplace(decision.id, &decision);
  std::vector<Ballot> taken;
  for (Waiting* waiting : batch) {
    const auto found = by_id.find(waiting->ballot.id);
    waiting->decision = found != by_id.end()
                            ? *found->second
                            : Decision{waiting->ballot.id, VoteVerdict::already_voted, {}};
    if (waiting->decision.verdict == VoteVerdict::counted) taken.push_back(waiting->ballot);
  }
  counted.add(static_cast<double>(taken.size()));
  if (!taken.empty()) on_counted_(taken);
}

void VoteWriter::resume_all(const std::vector<Waiting*>& batch) {
  // One message a shard, however many voters wait there.
  std::vector<std::vector<async::Resume>> by_origin(shards_.size());
  for (Waiting* waiting : batch) {
    by_origin[waiting->origin].push_back(std::move(*waiting->resume));
  }
  for (unsigned origin = 0; origin < by_origin.size(); ++origin) {
    if (by_origin[origin].empty()) continue;
    shards_.post(origin, [resumes = std::move(by_origin[origin])]() mutable {
      for (async::Resume& resume : resumes) resume.run_here();
    });
  }
}

}  // namespace wildnout::battles
