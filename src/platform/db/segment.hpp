// One or more statements sent to the server in one piece, and what became of them.
#pragma once

#include <boost/smart_ptr/intrusive_ptr.hpp>
#include <boost/smart_ptr/intrusive_ref_counter.hpp>
#include <chrono>
#include <exception>
#include <vector>

#include "platform/db/query.hpp"
#include "platform/db/waiter.hpp"

namespace wildnout::db {

// Ends when the server has answered the Sync behind its statements, so that outside a BEGIN its
// work is durable then. Shared by the connection and the task that waits for it, on one thread;
// either may be gone first.
class Segment : public boost::intrusive_ref_counter<Segment, boost::thread_unsafe_counter> {
 public:
  explicit Segment(const QueryBase& first)
      : first_{first}, sent_at_{std::chrono::steady_clock::now()} {}

  [[nodiscard]] const QueryBase& first() const { return first_; }
  [[nodiscard]] std::chrono::steady_clock::time_point sent_at() const { return sent_at_; }
  [[nodiscard]] bool has_failed() const { return fault_ != nullptr; }
  [[nodiscard]] bool is_ended() const { return is_ended_; }

  // The first fault is the cause; those behind it are its consequences.
  void fail(std::exception_ptr fault) {
    if (!fault_) fault_ = std::move(fault);
  }
  void add(Result result) { results_.push_back(std::move(result)); }
  void end() { is_ended_ = true; }

  // The task that waits gets the fault now; what the server still says goes unheard.
  void abandon(std::exception_ptr fault) {
    if (is_ended_) return;
    fail(std::move(fault));
    if (waiter.is_waiting()) waiter.wake_later();
  }

  Waiter waiter;

  // The results, one a statement; throws the fault.
  [[nodiscard]] std::vector<Result> take() {
    if (fault_) std::rethrow_exception(fault_);
    return std::move(results_);
  }

 private:
  const QueryBase& first_;
  std::chrono::steady_clock::time_point sent_at_;
  std::exception_ptr fault_;
  std::vector<Result> results_;
  bool is_ended_ = false;
};

using SegmentPtr = boost::intrusive_ptr<Segment>;

// Wait for the end of a segment, drop the results of the first `skipped` statements (BEGIN and its
// like), and give the next one or all the rest. Throw the segment's fault.
[[nodiscard]] Task<Result> result_of(SegmentPtr segment, std::size_t skipped = 0);
[[nodiscard]] Task<std::vector<Result>> results_of(SegmentPtr segment, std::size_t skipped = 0);

}  // namespace wildnout::db
