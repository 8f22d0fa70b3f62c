// The coroutine type of the house and the few ways to start one.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <chrono>
#include <string_view>

namespace wildnout {

// A concrete executor: the type-erased one costs about 50 ns and an allocation at each hop.
using Executor = boost::asio::io_context::executor_type;

template <class T = void>
using Task = boost::asio::awaitable<T, Executor>;

inline constexpr boost::asio::use_awaitable_t<Executor> use_task{};

namespace async {

// Starts a task that nobody waits for. An exception out of it is a fault: it is logged with `name`.
void spawn(Executor executor, std::string_view name, Task<> task);

// Suspends the caller; wakes on the caller's own executor.
[[nodiscard]] Task<> sleep_for(std::chrono::milliseconds duration);

}  // namespace async
}  // namespace wildnout
