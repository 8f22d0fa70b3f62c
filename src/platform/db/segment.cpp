// Waiting for the end of a segment.
#include "platform/db/segment.hpp"

namespace wildnout::db {

Task<Result> result_of(SegmentPtr segment, std::size_t skipped) {
  if (!segment->is_ended()) co_await segment->waiter.wait();
  std::vector<Result> results = segment->take();
  co_return std::move(results.at(skipped));
}

Task<std::vector<Result>> results_of(SegmentPtr segment, std::size_t skipped) {
  if (!segment->is_ended()) co_await segment->waiter.wait();
  std::vector<Result> results = segment->take();
  results.erase(results.begin(), results.begin() + static_cast<std::ptrdiff_t>(skipped));
  co_return results;
}

}  // namespace wildnout::db
