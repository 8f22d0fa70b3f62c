// Running coroutines in tests.
#pragma once

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <chrono>
#include <exception>
#include <functional>
#include <optional>
#include <type_traits>
#include <utility>

#include "platform/async/task.hpp"

namespace wildnout::testing {

// A task of a test that takes longer has hung.
inline constexpr std::chrono::seconds task_limit{60};

// A shard's event loop, run by the test's own thread and only while `run` waits. Make it before the
// objects that live on it.
class Loop {
 public:
  [[nodiscard]] Executor executor() { return context_.get_executor(); }

  // Runs until the task ends; gives its result or throws its exception. Throws std::runtime_error
  // after `task_limit`. `start` is a coroutine function; it is kept until the task ends.
  template <class Start>
  auto run(Start start) -> typename std::invoke_result_t<Start&>::value_type {
    using Value = typename std::invoke_result_t<Start&>::value_type;
    std::exception_ptr fault;
    bool is_ended = false;
    if constexpr (std::is_void_v<Value>) {
      boost::asio::co_spawn(executor(), start(), [&](std::exception_ptr thrown) {
        fault = thrown;
        is_ended = true;
      });
      turn_until([&] { return is_ended; });
      if (fault) std::rethrow_exception(fault);
    } else {
      std::optional<Value> result;
      boost::asio::co_spawn(executor(), start(), [&](std::exception_ptr thrown, Value value) {
        fault = thrown;
        if (!thrown) result.emplace(std::move(value));
        is_ended = true;
      });
      turn_until([&] { return is_ended; });
      if (fault) std::rethrow_exception(fault);
      return std::move(*result);
    }
  }

  // Lets the loop turn until `is_done()`; throws as above.
  void turn_until(const std::function<bool()>& is_done);

 private:
  boost::asio::io_context context_{1};
};

// A loop of its own for a task that needs no other object on it.
template <class Start>
auto run_on_shard(Start start) -> typename std::invoke_result_t<Start&>::value_type {
  Loop loop;
  return loop.run(std::move(start));
}

}  // namespace wildnout::testing
