// A place for one connection, which makes a new one when the old one is lost.
#pragma once

#include <chrono>
#include <memory>
#include <string>

#include "platform/db/connection.hpp"

namespace wildnout::db {

// After a failed attempt to connect it waits 50 ms to 2 s, doubling, with jitter, before the next;
// in that time there is no connection to be had. A connection that worked before it was lost is
// replaced at once.
class Line {
 public:
  // `target` and `gauges` outlive the line.
  Line(Executor executor, const Target& target, Gauges& gauges);
  ~Line();
  Line(const Line&) = delete;
  Line& operator=(const Line&) = delete;

  // A connection that is ready or on the way. Throws Error 08001 between attempts.
  [[nodiscard]] std::shared_ptr<Connection> connection();

  // For good: from now on `connection` throws.
  void close();

 private:
  void look_after_loss();

  Executor executor_;
  const Target& target_;
  Gauges& gauges_;
  std::shared_ptr<Connection> connection_;  // shared with its waits on the socket and with leases
  std::chrono::steady_clock::time_point next_attempt_{};
  unsigned failed_attempts_ = 0;
  std::string loss_;
  bool is_closed_ = false;
};

// `shortest` doubled with each failure up to `longest`, then a random part between half and all.
[[nodiscard]] std::chrono::milliseconds backoff(unsigned failures,
                                                std::chrono::milliseconds shortest,
                                                std::chrono::milliseconds longest);

}  // namespace wildnout::db
