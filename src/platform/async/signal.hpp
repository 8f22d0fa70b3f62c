// A wake-up call between tasks of one shard: waiting for it, with a time limit.
#pragma once

#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/this_coro.hpp>
#include <chrono>
#include <optional>

#include "platform/async/task.hpp"

namespace wildnout::async {

// One waiter, any number of raisers, all on one thread. A call raised while nobody waits is kept
// (once), so that none is missed.
class Signal {
 public:
  void raise() {
    is_raised_ = true;
    if (timer_) timer_->cancel();
  }

  // Returns at once when a call is kept; else at the next one, or after `limit`.
  [[nodiscard]] Task<> wait_for(std::chrono::milliseconds limit) {
    if (!is_raised_) {
      timer_.emplace(co_await boost::asio::this_coro::executor, limit);
      boost::system::error_code cancelled;
      co_await timer_->async_wait(boost::asio::redirect_error(use_task, cancelled));
      timer_.reset();
    }
    is_raised_ = false;
  }

 private:
  using Timer = boost::asio::basic_waitable_timer<
      std::chrono::steady_clock, boost::asio::wait_traits<std::chrono::steady_clock>, Executor>;
  std::optional<Timer> timer_;
  bool is_raised_ = false;
};

}  // namespace wildnout::async
