// Suspending a coroutine until somebody calls it back.
#pragma once

#include <boost/asio/async_result.hpp>
#include <boost/asio/post.hpp>
#include <functional>
#include <memory>
#include <utility>

#include "platform/async/task.hpp"

namespace wildnout::async {

// The way back into a suspended coroutine. Use exactly one of the two, once.
class Resume {
 public:
  Resume(Executor executor, std::function<void()> handler)
      : executor_{executor}, handler_{std::move(handler)} {}

  // From any thread: the coroutine goes on, soon, on its own shard.
  void post() { boost::asio::post(executor_, std::move(handler_)); }

  // On the coroutine's own thread: it goes on before this returns.
  void run_here() { std::exchange(handler_, nullptr)(); }

 private:
  Executor executor_;
  std::function<void()> handler_;
};

// Calls `start(Resume)` and suspends the caller until the Resume is used. What the caller's frame
// holds stays alive meanwhile.
template <class Start>
[[nodiscard]] Task<> suspend(Start start) {
  co_await boost::asio::async_initiate<const boost::asio::use_awaitable_t<Executor>&, void()>(
      [&start](auto handler) {
        const Executor executor = boost::asio::get_associated_executor(handler);
        // Shared: std::function wants to be copyable, the handler is not.
        auto shared = std::make_shared<decltype(handler)>(std::move(handler));
        start(Resume{executor, [shared] { std::move (*shared)(); }});
      },
      use_task);
}

}  // namespace wildnout::async
