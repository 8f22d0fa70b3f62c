// One WebSocket: reads what its client says, sends it what it listens to, closes it in order.
#pragma once

#include <boost/asio/ip/address.hpp>
#include <chrono>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "platform/http/server.hpp"
#include "platform/values/uuid.hpp"
#include "platform/ws/frame.hpp"
#include "platform/ws/part.hpp"
#include "platform/ws/send_queue.hpp"

namespace wildnout::ws {

// A shard's sockets are plain objects with at most one callback waiting for bytes: an idle one has
// no coroutine, no buffer and no queue. Owned by its Part, kept alive by operations under way.
class Connection final : public Receiver, public std::enable_shared_from_this<Connection> {
 public:
  using Clock = Part::Clock;

  Connection(Part& part, http::Socket socket, boost::asio::ip::address address);
  ~Connection() override;

  [[nodiscard]] Part& part() { return part_; }
  [[nodiscard]] std::uint64_t number() const { return number_; }
  [[nodiscard]] const Holder& holder() const { return holder_; }
  // Welcomed, and not being closed.
  [[nodiscard]] bool is_open() const { return is_welcomed_ && !is_closing_; }
  [[nodiscard]] bool is_deflated() const { return is_deflated_; }
  [[nodiscard]] bool is_closing() const { return is_closing_; }
  [[nodiscard]] const boost::asio::ip::address& address() const { return address_; }

  // Opening.
  [[nodiscard]] bool take_address();
  [[nodiscard]] bool take_holder(Holder holder);
  void agree_on_deflate(bool is_deflated) { is_deflated_ = is_deflated; }
  void welcome(std::string bytes);
  // The bytes that came behind the request's head, then whatever comes.
  void start_reading(std::string_view surplus);
  void set_holder(Holder holder) { holder_ = std::move(holder); }

  // Sending.
  enum class Delivered { sent, too_slow, broken };
  // The caller settles what is not `sent` once it has stopped walking over listeners.
  [[nodiscard]] Delivered deliver(const MessagePointer& message, std::uint64_t skipped);
  void settle(Delivered outcome);
  void answer(const std::string& text);

  // Listening. `hold` joins the channel when need be; its messages then wait until `release`.
  [[nodiscard]] bool listens_to(const std::string& channel) const;
  [[nodiscard]] std::size_t subscriptions() const { return subscriptions_.size(); }
  void hold(const std::string& channel);
  void release(const std::string& channel, const Enrolled& enrolled, bool was_listening,
               const std::string& subscribed);
  // Without an answer: the subscription did not come about.
  void give_up(const std::string& channel, bool was_listening);
  void leave(const std::string& channel);
  void move_subscription(const LocalChannel& channel, std::uint32_t slot);

  // Closing. What waits to be sent goes first, unless it is dropped.
  enum class Waiting { send, drop };
  void close(CloseCode code, std::string_view reason, Waiting waiting = Waiting::send);
  void close_for_ended_credentials();
  void destroy();

  // Once a sweep: pings, silence, credentials, and peers that do not answer a close.
  void tick(Clock::time_point now, Timestamp today);

  // A command that has to wait is under way: the next ones wait, so that answers keep their order.
  void begin_work() { is_busy_ = true; }
  void end_work();
  // Counts a message that made no sense; true when that was one too many.
  [[nodiscard]] bool is_one_too_many() { return ++malformed_ >= part_.limits().malformed_messages; }

  void on_message(const Incoming& message) override;

  void set_place(std::size_t place) { place_ = static_cast<std::uint32_t>(place); }
  [[nodiscard]] std::size_t place() const { return place_; }

 private:
  struct Unread {
    std::string bytes;
    bool is_text;
    bool is_deflated;
  };

  void read_more();
  void on_readable();
  void feed(std::string_view bytes);
  void send(std::string frames);
  void send_later();
  void on_writable();
  void start_closing();
  void stop_sending();
  [[nodiscard]] Listener* listener(const std::string& channel);

  // First what a broadcast touches.
  Part& part_;
  int descriptor_;
  bool is_deflated_ = false;
  bool is_welcomed_ = false;
  bool is_closing_ = false;
  bool is_gone_ = false;
  bool is_busy_ = false;
  bool is_read_armed_ = false;
  bool is_write_armed_ = false;
  bool has_address_ = false;
  bool has_user_ = false;
  std::uint64_t number_;
  std::unique_ptr<SendQueue> queue_;  // only while the kernel's buffer is full

  http::Socket socket_;
  std::uint32_t place_ = 0;
  unsigned malformed_ = 0;
  std::vector<Subscription> subscriptions_;
  std::unique_ptr<FrameReader> reader_;         // only while a message is incomplete
  std::unique_ptr<std::deque<Unread>> unread_;  // only while a command is under way
  Clock::time_point heard_at_;
  Clock::time_point pinged_at_;
  Clock::time_point closing_at_{};
  Holder holder_;
  boost::asio::ip::address address_;
  std::shared_ptr<State> state_;  // shared with the hub: keeps the Part for as long as this lives
};

}  // namespace wildnout::ws
