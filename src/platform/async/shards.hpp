// One thread a core, each with its own event loop; threads talk by posting messages.
#pragma once

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/dispatch.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <deque>
#include <thread>
#include <vector>

#include "platform/async/task.hpp"

namespace wildnout::async {

class Shard {
 public:
  explicit Shard(unsigned index) : index_{index}, work_{context_.get_executor()} {}

  [[nodiscard]] unsigned index() const { return index_; }
  [[nodiscard]] boost::asio::io_context& context() { return context_; }
  [[nodiscard]] Executor executor() { return context_.get_executor(); }

 private:
  friend class Shards;
  unsigned index_;
  // One thread runs it and it alone touches the sockets: no locks around them. Posting from other
  // threads stays safe.
  boost::asio::io_context context_{BOOST_ASIO_CONCURRENCY_HINT_UNSAFE_IO};
  boost::asio::executor_work_guard<Executor> work_;
  std::thread thread_;
};

// Starts stopped; `start` begins to run, destruction stops and joins. Everything that a shard owns
// is made, used and destroyed on that shard's thread (use `on`).
class Shards {
 public:
  explicit Shards(unsigned count);
  ~Shards();
  Shards(const Shards&) = delete;
  Shards& operator=(const Shards&) = delete;

  void start();
  void stop();

  [[nodiscard]] unsigned size() const { return static_cast<unsigned>(shards_.size()); }
  [[nodiscard]] Shard& operator[](unsigned index) { return shards_[index]; }

  // The shard that owns a key, the same one for the life of the process.
  [[nodiscard]] Shard& home(std::size_t hash) { return shards_[hash % shards_.size()]; }

  // Runs `work()` on another shard's thread, soon, in posting order; nobody waits for it.
  template <class Work>
  void post(unsigned index, Work work) {
    boost::asio::post(shards_[index].executor(), std::move(work));
  }

  // Runs `work()` at once when this is that shard's thread, else posts it. What is posted from a
  // shard to itself can be overtaken by what another thread posts; this cannot.
  template <class Work>
  void dispatch(unsigned index, Work work) {
    boost::asio::dispatch(shards_[index].executor(), std::move(work));
  }

  // Runs the coroutine function `work` on another shard; the caller resumes on its own shard with
  // the result or the exception. `work` is kept alive until then.
  template <class Work>
  [[nodiscard]] auto on(unsigned index, Work work) -> std::invoke_result_t<Work&> {
    co_return co_await boost::asio::co_spawn(shards_[index].executor(), std::move(work), use_task);
  }

 private:
  std::deque<Shard> shards_;
};

}  // namespace wildnout::async
