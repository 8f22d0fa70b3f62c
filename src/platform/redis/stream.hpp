// The bytes to and from a Redis: TCP, TLS or a Unix socket alike.
#pragma once

#include <boost/asio/buffer.hpp>
#include <boost/system/error_code.hpp>
#include <chrono>
#include <functional>
#include <memory>

#include "platform/async/task.hpp"
#include "platform/redis/target.hpp"

namespace wildnout::redis {

// All on one thread. Stays alive until its handlers have been called.
class Stream {
 public:
  using Done = std::function<void(boost::system::error_code, std::size_t)>;

  virtual ~Stream() = default;
  virtual void read_some(boost::asio::mutable_buffer into, Done done) = 0;
  // All of it; one at a time.
  virtual void write(boost::asio::const_buffer bytes, Done done) = 0;
  // What is under way ends with an error.
  virtual void close() = 0;
};

// Connects and, where it is asked for, greets by TLS with the server's name checked. `target` and
// `give_up` outlive the task; calling what it puts there ends the attempt. Throws
// std::runtime_error (boost::system::system_error among them).
[[nodiscard]] Task<std::shared_ptr<Stream>> open_stream(Executor executor, const Target& target,
                                                        std::chrono::milliseconds timeout,
                                                        std::function<void()>& give_up);

}  // namespace wildnout::redis
