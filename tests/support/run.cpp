// Turning a test's event loop, with an end.
#include "support/run.hpp"

#include <stdexcept>

namespace wildnout::testing {
namespace {

// What is waited for may come to pass outside of the loop.
constexpr std::chrono::milliseconds look_again{5};

}  // namespace

void Loop::turn_until(const std::function<bool()>& is_done) {
  const auto deadline = std::chrono::steady_clock::now() + task_limit;
  // A loop that ran dry would end at once for ever.
  const auto work = boost::asio::make_work_guard(context_);
  while (!is_done()) {
    context_.restart();
    context_.run_one_for(look_again);
    if (std::chrono::steady_clock::now() >= deadline) {
      throw std::runtime_error{"the task of a test has not ended in time"};
    }
  }
}

}  // namespace wildnout::testing
