// Parking a task's continuation, and cancelling the wait.
#include "platform/db/waiter.hpp"

#include <boost/asio/associated_cancellation_slot.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/post.hpp>
#include <boost/system/system_error.hpp>
#include <utility>

namespace wildnout::db {

namespace asio = boost::asio;

Task<> Waiter::wait() {
  co_await asio::async_initiate<const asio::use_awaitable_t<Executor>, void()>(
      [this](auto resume) {
        auto slot = asio::get_associated_cancellation_slot(resume);
        if (slot.is_connected()) {
          slot.assign([this](asio::cancellation_type) {
            if (!resume_) return;
            is_cancelled_ = true;
            wake_later();
          });
        }
        resume_.emplace(std::move(resume));
      },
      use_task);
  if (is_cancelled_) throw boost::system::system_error{asio::error::operation_aborted};
}

void Waiter::wake() {
  Resume resume = std::move(*resume_);
  resume_.reset();
  std::move(resume)();
}

void Waiter::wake_later() {
  Resume resume = std::move(*resume_);
  resume_.reset();
  asio::post(std::move(resume));
}

}  // namespace wildnout::db
