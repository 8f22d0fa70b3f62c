// Starting detached tasks, and sleeping in one.
#include "platform/async/task.hpp"

#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/this_coro.hpp>
#include <exception>
#include <string>

#include "platform/log/log.hpp"

namespace wildnout::async {

namespace asio = boost::asio;

void spawn(Executor executor, std::string_view name, Task<> task) {
  asio::co_spawn(executor, std::move(task), [name = std::string{name}](std::exception_ptr fault) {
    if (!fault) return;
    try {
      std::rethrow_exception(fault);
    } catch (const std::exception& e) {
      log::error("task failed", {{"task", name}, {"what", e.what()}});
    }
  });
}

Task<> sleep_for(std::chrono::milliseconds duration) {
  using Timer = asio::basic_waitable_timer<std::chrono::steady_clock,
                                           asio::wait_traits<std::chrono::steady_clock>, Executor>;
  Timer timer{co_await asio::this_coro::executor, duration};
  co_await timer.async_wait(use_task);
}

}  // namespace wildnout::async
