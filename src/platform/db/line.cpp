// Replacing lost connections, at a pace that a database in trouble can bear.
#include "platform/db/line.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>

#include "platform/log/log.hpp"
#include "platform/values/random.hpp"

namespace wildnout::db {
namespace {

using std::chrono::milliseconds;
using Clock = std::chrono::steady_clock;

constexpr milliseconds shortest_pause{50};
constexpr milliseconds longest_pause{2000};

}  // namespace

milliseconds backoff(unsigned failures, milliseconds shortest, milliseconds longest) {
  constexpr unsigned most_doublings = 16;
  const unsigned doublings = std::min(failures > 0 ? failures - 1 : 0, most_doublings);
  const auto full = std::min<std::int64_t>(longest.count(), shortest.count() << doublings);
  std::array<std::uint8_t, 4> bytes;
  random_bytes(bytes);
  std::uint32_t random = 0;
  std::memcpy(&random, bytes.data(), sizeof random);
  return milliseconds{full / 2 + random % (full / 2 + 1)};
}

Line::Line(Executor executor, const Target& target, Gauges& gauges)
    : executor_{executor}, target_{target}, gauges_{gauges} {}

Line::~Line() { close(); }

std::shared_ptr<Connection> Line::connection() {
  if (is_closed_) throw Error{"08003", "", "the database is closed"};
  if (connection_ && connection_->is_lost()) look_after_loss();
  if (connection_) return connection_;
  if (Clock::now() < next_attempt_) {
    throw Error{"08001", "", "the database cannot be reached: " + loss_};
  }
  connection_ = std::make_shared<Connection>(executor_, target_, gauges_);
  connection_->open();
  return connection_;
}

void Line::look_after_loss() {
  loss_ = connection_->loss();
  if (connection_->was_ready()) {
    failed_attempts_ = 0;
    log::warn("database connection lost", {{"why", loss_}});
  } else {
    ++failed_attempts_;
    next_attempt_ =
        connection_->lost_at() + backoff(failed_attempts_, shortest_pause, longest_pause);
    log::warn("database cannot be reached", {{"why", loss_}, {"attempts", failed_attempts_}});
  }
  connection_.reset();
}

void Line::close() {
  is_closed_ = true;
  if (connection_) connection_->close();
  connection_.reset();
}

}  // namespace wildnout::db
