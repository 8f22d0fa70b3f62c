// The input and output of a socket, and its end.
#include "platform/ws/connection.hpp"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <boost/asio/post.hpp>
#include <cerrno>
#include <utility>

#include "platform/ws/dialogue.hpp"

namespace wildnout::ws {
namespace {

// Unsent bytes that the kernel keeps for a socket. More would only grow old there, where a newer
// state message cannot replace them.
constexpr int unsent_bytes = 128 * 1024;

void tune(int descriptor) {
  const int on = 1;
  ::setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  ::setsockopt(descriptor, IPPROTO_TCP, TCP_NOTSENT_LOWAT, &unsent_bytes, sizeof unsent_bytes);
}

bool is_temporary(int error) { return error == EAGAIN || error == EWOULDBLOCK || error == EINTR; }

}  // namespace

Connection::Connection(Part& part, http::Socket socket, boost::asio::ip::address address)
    : part_{part},
      descriptor_{socket.native_handle()},
      number_{part.state().next_number.fetch_add(1, std::memory_order_relaxed)},
      socket_{std::move(socket)},
      heard_at_{part.now()},
      pinged_at_{heard_at_},
      address_{std::move(address)},
      state_{part.state().shared_from_this()} {
  tune(descriptor_);
  state_->sockets.fetch_add(1, std::memory_order_relaxed);
}

Connection::~Connection() = default;

bool Connection::take_address() {
  has_address_ = state_->addresses.take(address_);
  return has_address_;
}

bool Connection::take_holder(Holder holder) {
  has_user_ = state_->users.take(holder.user_id);
  if (has_user_) holder_ = std::move(holder);
  return has_user_;
}

void Connection::welcome(std::string bytes) {
  if (is_closing_) return;
  is_welcomed_ = true;
  send(std::move(bytes));
}

void Connection::start_reading(std::string_view surplus) {
  if (!surplus.empty()) feed(surplus);
  read_more();
}

Connection::Delivered Connection::deliver(const MessagePointer& message, std::uint64_t skipped) {
  if (is_closing_ || message->except == number_) return Delivered::sent;
  if (queue_) {
    queue_->push(message, skipped);
    return queue_->bytes() > part_.limits().queue_bytes ? Delivered::too_slow : Delivered::sent;
  }
  if (skipped > 0) {
    send(frame_with_skipped(*message, skipped));
    return Delivered::sent;
  }
  const std::string& bytes = message->bytes(is_deflated_);
  const ssize_t count =
      ::send(descriptor_, bytes.data(), bytes.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
  if (count == static_cast<ssize_t>(bytes.size())) [[likely]]
    return Delivered::sent;
  if (count < 0 && !is_temporary(errno)) return Delivered::broken;
  queue_ = std::make_unique<SendQueue>(is_deflated_);
  queue_->push_begun(message, count < 0 ? 0 : static_cast<std::size_t>(count));
  send_later();
  return Delivered::sent;
}

void Connection::settle(Delivered outcome) {
  switch (outcome) {
    case Delivered::sent:
      return;
    case Delivered::too_slow:
      state_->slow_closed.fetch_add(1, std::memory_order_relaxed);
      close(CloseCode::try_later, "Too slow", Waiting::drop);
      return;
    case Delivered::broken:
      destroy();
      return;
  }
}

void Connection::answer(const std::string& text) {
  if (is_closing_) return;
  if (is_deflated_ && text.size() > part_.limits().deflate_over_bytes) {
    const std::string payload = part_.deflater.deflate(text);
    if (!payload.empty()) return send(text_frame(payload, true));
  }
  send(text_frame(text));
}

void Connection::send(std::string frames) {
  if (is_gone_) return;
  if (!queue_) {
    const ssize_t count =
        ::send(descriptor_, frames.data(), frames.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
    if (count == static_cast<ssize_t>(frames.size())) return;
    if (count < 0 && !is_temporary(errno)) return destroy();
    queue_ = std::make_unique<SendQueue>(is_deflated_);
    queue_->push(std::move(frames), count < 0 ? 0 : static_cast<std::size_t>(count));
    return send_later();
  }
  queue_->push(std::move(frames));
  if (!is_closing_ && queue_->bytes() > part_.limits().queue_bytes) settle(Delivered::too_slow);
}

void Connection::send_later() {
  if (is_write_armed_ || is_gone_) return;
  is_write_armed_ = true;
  socket_.async_wait(http::Socket::wait_write,
                     [self = shared_from_this()](boost::system::error_code error) {
                       self->is_write_armed_ = false;
                       if (!error) self->on_writable();
                     });
}

void Connection::on_writable() {
  if (is_gone_ || !queue_) return;
  switch (queue_->write_to(descriptor_)) {
    case SendQueue::Outcome::blocked:
      return send_later();
    case SendQueue::Outcome::broken:
      return destroy();
    case SendQueue::Outcome::sent_all:
      queue_.reset();
      if (is_closing_) stop_sending();
      return;
  }
}

void Connection::read_more() {
  // While a command is under way nothing is read: the peer's own window holds it back.
  if (is_read_armed_ || is_gone_ || (is_busy_ && !is_closing_)) return;
  is_read_armed_ = true;
  socket_.async_wait(http::Socket::wait_read,
                     [self = shared_from_this()](boost::system::error_code error) {
                       self->is_read_armed_ = false;
                       if (!error) self->on_readable();
                     });
}

void Connection::on_readable() {
  if (is_gone_) return;
  const ssize_t count = ::recv(descriptor_, part_.input.data(), part_.input.size(), MSG_DONTWAIT);
  if (count == 0 || (count < 0 && !is_temporary(errno))) return destroy();
  if (count > 0) {
    heard_at_ = part_.now();
    feed({part_.input.data(), static_cast<std::size_t>(count)});
  }
  read_more();
}

void Connection::feed(std::string_view bytes) {
  if (is_closing_) return;  // only waits for the peer's close; the sweep ends it when none comes
  auto reader = reader_ ? std::move(reader_) : part_.borrow_reader();
  std::string answers;
  const FrameReader::State state = reader->feed(bytes, is_deflated_, *this, answers);
  if (is_closing_) return;
  if (!answers.empty()) send(std::move(answers));
  switch (state) {
    case FrameReader::State::at_rest:
      part_.give_back(std::move(reader));
      return;
    case FrameReader::State::inside:
      reader_ = std::move(reader);
      return;
    case FrameReader::State::over:
      if (is_closing_) return;
      start_closing();
      if (!queue_) stop_sending();
      return;
  }
}

void Connection::on_message(const Incoming& message) {
  if (is_closing_) return;
  if (is_busy_) {
    if (!unread_) unread_ = std::make_unique<std::deque<Unread>>();
    unread_->push_back({std::string{message.bytes}, message.is_text, message.is_deflated});
    return;
  }
  handle_message(*this, message);
}

void Connection::end_work() {
  is_busy_ = false;
  while (unread_ && !unread_->empty() && !is_busy_ && !is_closing_) {
    const Unread next = std::move(unread_->front());
    unread_->pop_front();
    handle_message(*this, {next.bytes, next.is_text, next.is_deflated});
  }
  if (!is_busy_) unread_.reset();
  read_more();
}

void Connection::close(CloseCode code, std::string_view reason, Waiting waiting) {
  if (is_closing_) return;
  start_closing();
  if (queue_ && waiting == Waiting::drop) queue_->drop_waiting();
  send(close_frame(code, reason));
  if (!queue_) stop_sending();
  read_more();
}

void Connection::close_for_ended_credentials() {
  close(CloseCode::credentials_ended, "Credentials have ended", Waiting::drop);
}

void Connection::start_closing() {
  is_closing_ = true;
  closing_at_ = part_.now();
  reader_.reset();
  while (!subscriptions_.empty()) {
    const Subscription last = subscriptions_.back();
    subscriptions_.pop_back();
    part_.leave(last);
  }
  if (has_user_) state_->users.give_back(holder_.user_id);
  has_user_ = false;
}

// The close frame is out: nothing follows it. The peer answers, or the sweep ends the socket.
void Connection::stop_sending() {
  if (!is_gone_) ::shutdown(descriptor_, SHUT_WR);
}

void Connection::destroy() {
  if (is_gone_) return;
  if (!is_closing_) start_closing();
  is_gone_ = true;
  if (has_address_) state_->addresses.give_back(address_);
  boost::system::error_code ignored;
  socket_.close(ignored);
  // Callers up the stack still use this object; none does where the whole part ends.
  if (!part_.has_ended()) boost::asio::post(part_.executor(), [self = shared_from_this()] {});
  part_.remove(*this);
  state_->sockets.fetch_sub(1, std::memory_order_relaxed);
}

void Connection::tick(Clock::time_point now, Timestamp today) {
  const Limits& limits = part_.limits();
  if (is_closing_) {
    if (now - closing_at_ > limits.close_time) destroy();
    return;
  }
  if (!is_welcomed_) return;
  if (holder_.proof_expires_at <= today) return close_for_ended_credentials();
  if (!is_busy_ && now - heard_at_ > limits.silence) {
    return close(CloseCode::going_away, "Silent for too long", Waiting::drop);
  }
  if (now - pinged_at_ < limits.ping_every) return;
  pinged_at_ = now;
  send(std::string{ping_frame});
}

}  // namespace wildnout::ws
