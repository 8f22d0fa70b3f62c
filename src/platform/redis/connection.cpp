// Writing, reading, and the deadlines between them.
#include "platform/redis/connection.hpp"

#include <algorithm>
#include <boost/asio/post.hpp>
#include <utility>

#include "platform/log/log.hpp"

namespace wildnout::redis {

namespace asio = boost::asio;

Connection::Connection(Executor executor, std::shared_ptr<Stream> stream, Bounds bounds)
    : executor_{executor}, stream_{std::move(stream)}, bounds_{bounds}, timer_{executor} {}

void Connection::start(std::function<void(const std::string&)> ended) {
  ended_ = std::move(ended);
  read();
}

void Connection::close(const std::string& why) {
  if (std::exchange(is_lost_, true)) return;
  const auto self = shared_from_this();
  stream_->close();
  timer_.cancel();
  for (Pending& one : std::exchange(pending_, {})) {
    if (one.answered) tell(one.answered, {.fault = Fault::lost});
  }
  if (ended_) std::exchange(ended_, nullptr)(why);
}

bool Connection::send(std::string_view encoded, std::chrono::milliseconds limit,
                      Answered&& answered) {
  if (is_lost_ || pending_.size() >= bounds_.commands ||
      unsent_.size() + encoded.size() > bounds_.unsent_bytes) {
    return false;
  }
  unsent_.append(encoded);
  const Clock::time_point now = Clock::now();
  pending_.push_back({std::move(answered), now, now + limit});
  watch(std::min(now + limit, pending_.front().sent + bounds_.silence));
  flush_soon();
  return true;
}

// At the end of this turn of the event loop: by then others may have written, too.
void Connection::flush_soon() {
  if (is_flush_posted_ || is_writing_) return;
  is_flush_posted_ = true;
  asio::post(executor_, [self = shared_from_this()] {
    self->is_flush_posted_ = false;
    self->flush();
  });
}

void Connection::flush() {
  if (is_lost_ || is_writing_ || unsent_.empty()) return;
  is_writing_ = true;
  writing_.clear();
  writing_.swap(unsent_);
  stream_->write(asio::buffer(writing_),
                 [self = shared_from_this()](boost::system::error_code error, std::size_t) {
                   self->is_writing_ = false;
                   if (error) return self->close(error.message());
                   self->flush();
                 });
}

void Connection::read() {
  stream_->read_some(
      asio::buffer(received_),
      [self = shared_from_this()](boost::system::error_code error, std::size_t count) {
        if (error) return self->close(error.message());
        try {
          self->reader_.feed({self->received_.data(), count});
          self->take_replies();
        } catch (const std::exception& fault) {
          return self->close(fault.what());
        }
        if (!self->is_lost_) self->read();
      });
}

void Connection::take_replies() {
  const Clock::time_point now = Clock::now();
  while (!is_lost_) {
    auto reply = reader_.next();
    if (!reply) return;
    if (pending_.empty()) throw BadBytes{"an answer to nothing"};
    Pending one = std::move(pending_.front());
    pending_.pop_front();
    latency_ = now - one.sent;
    is_prompt_ = static_cast<bool>(one.answered);
    if (one.answered) tell(one.answered, {.reply = std::move(*reply)});
  }
}

// The timer stands at the earliest deadline it was told of; one that has been met meanwhile costs a
// look, no more.
void Connection::watch(Clock::time_point due) {
  if (due >= watched_) return;
  watched_ = due;
  timer_.expires_at(due);
  timer_.async_wait([self = shared_from_this()](const boost::system::error_code& error) {
    if (error || self->is_lost_) return;
    // Answers that lie ready in the socket are read first: this shard may have been busy.
    asio::post(self->executor_, [self] {
      self->watched_ = Clock::time_point::max();
      if (!self->is_lost_) self->look_at_deadlines();
    });
  });
}

void Connection::look_at_deadlines() {
  if (pending_.empty()) return;
  const Clock::time_point now = Clock::now();
  if (pending_.front().sent + bounds_.silence <= now) return close("it does not answer");
  Clock::time_point next = pending_.front().sent + bounds_.silence;
  std::deque<Answered> late;
  for (Pending& one : pending_) {
    if (!one.answered) continue;
    if (one.deadline <= now) {
      late.push_back(std::exchange(one.answered, nullptr));
    } else {
      next = std::min(next, one.deadline);
    }
  }
  watch(next);
  if (!late.empty()) is_prompt_ = false;
  for (Answered& answered : late) tell(answered, {.fault = Fault::late});
}

void Connection::tell(Answered& answered, Outcome outcome) {
  try {
    answered(std::move(outcome));
  } catch (const std::exception& fault) {
    log::error("the taker of an answer of Redis failed", {{"what", fault.what()}});
  }
}

}  // namespace wildnout::redis
