// Leasing connections in order of asking, and taking them back clean.
#include "platform/db/pool.hpp"

#include <algorithm>

#include "platform/db/control.hpp"
#include "platform/log/log.hpp"
#include "platform/metrics/metrics.hpp"

namespace wildnout::db {
namespace {

// Rolls back what a lease left open. A coroutine's parameters live in its frame.
Task<> roll_back(std::shared_ptr<Connection> connection) {
  Statement statement{&control::roll_back(), {}};
  co_await result_of(connection->submit({&statement, 1}));
}

}  // namespace

Pool::Pool(Executor executor, const Settings& settings)
    : executor_{executor},
      target_{target_of(settings)},
      gauges_{"transactions"},
      refusals_{metrics::counter("wildnout_database_lease_refusals_total",
                                 "Transactions refused because no connection was free in time.")},
      queue_limit_{settings.queue_limit},
      lease_wait_{settings.lease_wait},
      timer_{executor} {
  for (unsigned i = 0; i < settings.leases; ++i) lines_.emplace_back(executor, target_, gauges_);
  for (Line& line : lines_) free_.push_back(&line);
}

Task<std::unique_ptr<Lease>> Pool::lease() {
  Line* const line = co_await take_line();
  try {
    co_return std::make_unique<Lease>(shared_from_this(), *line, line->connection());
  } catch (...) {
    give_back(*line);
    throw;
  }
}

Task<Line*> Pool::take_line() {
  if (is_closed_) throw Error{"08003", "", "the database is closed"};
  if (!free_.empty() && queue_.empty()) {
    Line* const line = free_.back();
    free_.pop_back();
    co_return line;
  }
  if (queue_.size() >= queue_limit_) {
    refusals_.add();
    throw Unavailable{"too many transactions wait for a connection"};
  }
  Waiting waiting{{}, Clock::now() + lease_wait_, nullptr};
  queue_.push_back(&waiting);
  watch_deadlines();
  try {
    co_await waiting.waiter.wait();
  } catch (...) {
    // Cancelled. A line may have been given in the same moment.
    std::erase(queue_, &waiting);
    if (waiting.line != nullptr) give_back(*waiting.line);
    throw;
  }
  if (waiting.line == nullptr) {
    refusals_.add();
    throw Unavailable{"no database connection was free in time"};
  }
  co_return waiting.line;
}

void Pool::give_back(Line& line) {
  if (queue_.empty()) {
    free_.push_back(&line);
    return;
  }
  Waiting& next = *queue_.front();
  queue_.pop_front();
  next.line = &line;
  if (next.waiter.is_waiting()) next.waiter.wake_later();
}

// The queue is in the order of its deadlines: one timer, for the first, serves all.
void Pool::watch_deadlines() {
  if (is_watching_ || queue_.empty()) return;
  is_watching_ = true;
  timer_.expires_at(queue_.front()->deadline);
  timer_.async_wait([self = shared_from_this()](const boost::system::error_code& error) {
    self->is_watching_ = false;
    if (error) return;
    while (!self->queue_.empty() && self->queue_.front()->deadline <= Clock::now()) {
      Waiting& late = *self->queue_.front();
      self->queue_.pop_front();
      if (late.waiter.is_waiting()) late.waiter.wake_later();
    }
    self->watch_deadlines();
  });
}

void Pool::close() {
  is_closed_ = true;
  timer_.cancel();
  for (Waiting* waiting : queue_) {
    if (waiting->waiter.is_waiting()) waiting->waiter.wake_later();
  }
  queue_.clear();
  for (Line& line : lines_) line.close();
}

// Until the server has answered the ROLLBACK, whatever runs before it included, the line serves
// nobody; when that fails the connection is given up.
void Pool::clean(Line& line, std::shared_ptr<Connection> connection) {
  async::spawn(
      executor_, "rollback",
      [](std::shared_ptr<Pool> pool, Line& returned, std::shared_ptr<Connection> dirty) -> Task<> {
        try {
          co_await roll_back(dirty);
        } catch (const std::exception& fault) {
          log::warn("rollback failed", {{"what", fault.what()}});
        }
        if (!dirty->is_at_rest()) dirty->close();
        pool->give_back(returned);
      }(shared_from_this(), line, std::move(connection)));
}

Lease::Lease(std::shared_ptr<Pool> pool, Line& line, std::shared_ptr<Connection> connection)
    : pool_{std::move(pool)}, line_{line}, connection_{std::move(connection)} {}

Lease::~Lease() {
  if (connection_->is_at_rest() || connection_->is_lost()) {
    pool_->give_back(line_);
  } else {
    pool_->clean(line_, std::move(connection_));
  }
}

}  // namespace wildnout::db
