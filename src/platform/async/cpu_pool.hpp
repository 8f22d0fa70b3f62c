// A few threads for work that would hold up a shard: hashing much, compressing much.
#pragma once

#include <atomic>
#include <boost/asio/post.hpp>
#include <boost/asio/thread_pool.hpp>
#include <exception>
#include <optional>
#include <stdexcept>

#include "platform/async/suspend.hpp"
#include "platform/async/task.hpp"

namespace wildnout::async {

// The queue is full: clients see 503 `unavailable`.
class PoolIsFull : public std::runtime_error {
 public:
  PoolIsFull() : std::runtime_error{"the CPU pool's queue is full"} {}
};

class CpuPool {
 public:
  CpuPool(unsigned threads, unsigned queue_limit) : pool_{threads}, queue_limit_{queue_limit} {}

  // Runs `work()` on a pool thread; the caller resumes on its own shard with the result or the
  // exception. `work` must own what it touches.
  template <class Work>
  [[nodiscard]] auto run(Work work) -> Task<std::invoke_result_t<Work&>> {
    using Result = std::invoke_result_t<Work&>;
    if (queued_.fetch_add(1) >= queue_limit_) {
      queued_.fetch_sub(1);
      throw PoolIsFull{};
    }
    std::optional<Result> result;
    std::exception_ptr fault;
    // The coroutine's frame outlives the work: it is suspended until it is resumed.
    co_await suspend([&](Resume resume) {
      boost::asio::post(pool_, [&, resume = std::move(resume)]() mutable {
        try {
          result.emplace(work());
        } catch (...) {
          fault = std::current_exception();
        }
        queued_.fetch_sub(1);
        resume.post();
      });
    });
    if (fault) std::rethrow_exception(fault);
    co_return std::move(*result);
  }

 private:
  boost::asio::thread_pool pool_;
  std::atomic<unsigned> queued_{0};
  unsigned queue_limit_;
};

}  // namespace wildnout::async
