// The connections that transactions lease, and the queue for them.
#pragma once

#include <chrono>
#include <deque>
#include <memory>
#include <span>
#include <vector>

#include "platform/db/line.hpp"
#include "platform/db/waiter.hpp"

namespace wildnout::metrics {
class Counter;
}  // namespace wildnout::metrics

namespace wildnout::db {

class Lease;

// Served first come, first served. Shared by the database, its leases and the tasks that clean a
// connection after a lease, so that each may end last.
class Pool : public std::enable_shared_from_this<Pool> {
 public:
  Pool(Executor executor, const Settings& settings);

  // Throws Unavailable when too many wait or the wait took too long, Error 08xxx without a
  // database.
  [[nodiscard]] Task<std::unique_ptr<Lease>> lease();

  // Ends all that waits; leases that are out find their connection lost.
  void close();

 private:
  friend class Lease;
  using Clock = std::chrono::steady_clock;
  using Timer = boost::asio::basic_waitable_timer<Clock, boost::asio::wait_traits<Clock>, Executor>;

  // Lives in the waiting task.
  struct Waiting {
    Waiter waiter;
    Clock::time_point deadline;
    Line* line = nullptr;
  };

  [[nodiscard]] Task<Line*> take_line();
  void give_back(Line& line);
  void watch_deadlines();
  void clean(Line& line, std::shared_ptr<Connection> connection);

  Executor executor_;
  Target target_;
  Gauges gauges_;
  metrics::Counter& refusals_;
  std::size_t queue_limit_;
  std::chrono::milliseconds lease_wait_;
  std::deque<Line> lines_;
  std::vector<Line*> free_;
  std::deque<Waiting*> queue_;
  Timer timer_;
  bool is_watching_ = false;
  bool is_closed_ = false;
};

// One connection for one transaction; the connection goes back when the lease ends and the server
// has ended what the lease left open. Shares the pool and the connection with their other users.
class Lease {
 public:
  Lease(std::shared_ptr<Pool> pool, Line& line, std::shared_ptr<Connection> connection);
  ~Lease();
  Lease(const Lease&) = delete;
  Lease& operator=(const Lease&) = delete;

  [[nodiscard]] SegmentPtr submit(std::span<Statement> statements) {
    return connection_->submit(statements);
  }

 private:
  // Shared: see the pool.
  std::shared_ptr<Pool> pool_;
  Line& line_;
  std::shared_ptr<Connection> connection_;
};

}  // namespace wildnout::db
