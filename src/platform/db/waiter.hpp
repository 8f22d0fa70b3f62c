// A place where one coroutine waits until somebody on the same thread wakes it.
#pragma once

#include <boost/asio/async_result.hpp>
#include <optional>

#include "platform/async/task.hpp"

namespace wildnout::db {

// Costs no timer and no allocation. Stays where it is while somebody waits.
class Waiter {
 public:
  Waiter() = default;
  Waiter(const Waiter&) = delete;
  Waiter& operator=(const Waiter&) = delete;

  // Throws boost::system::system_error operation_aborted when the waiting task is cancelled.
  [[nodiscard]] Task<> wait();

  [[nodiscard]] bool is_waiting() const { return resume_.has_value(); }
  // Runs the waiting task inside this call: only for callers that are not in a task themselves.
  void wake();
  // Runs it soon.
  void wake_later();

 private:
  using Resume =
      boost::asio::async_result<boost::asio::use_awaitable_t<Executor>, void()>::handler_type;

  std::optional<Resume> resume_;
  bool is_cancelled_ = false;
};

}  // namespace wildnout::db
