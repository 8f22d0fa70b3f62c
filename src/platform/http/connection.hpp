// One client's connection: requests in, answers out, one after the other.
#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <boost/intrusive/list.hpp>
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "platform/http/buffer.hpp"
#include "platform/http/head.hpp"
#include "platform/http/server.hpp"

namespace wildnout::http {

struct Core;
struct Exchange;
class ReceivedRequest;

class Connection : public boost::intrusive::list_base_hook<> {
 public:
  Connection(std::shared_ptr<Core> core, Socket socket, boost::asio::ip::address remote);
  ~Connection();

  // Until the client or the server ends it. `connection` is destroyed with the coroutine.
  static Task<> serve(std::unique_ptr<Connection> connection);

  // Called by the sweep: ends the wait that is past its time.
  void check_time();
  // Ends a wait for a further request; what is under way goes on.
  void end_if_idle();
  // Ends whatever it waits for.
  void end();

 private:
  using TimePoint = std::chrono::steady_clock::time_point;
  enum class Phase : std::uint8_t { idle, head, body, handler, writing, lingering };

  Task<> serve_all();
  [[nodiscard]] bool advance_head();
  [[nodiscard]] const Fault* judge_head();
  [[nodiscard]] bool has_whole_body();
  Task<bool> receive_body();
  Task<bool> receive_sized_body(std::uint64_t length);
  Task<bool> receive_chunks();
  Task<bool> receive_more(std::size_t wanted);
  Task<bool> send_continue();
  Task<bool> refuse(const Fault& fault);
  std::string_view write(Response& response, bool keeps_alive);
  [[nodiscard]] Response answer_to_fault(const std::exception& fault) const;
  Task<> linger();
  // To the handler; afterwards the connection has no socket.
  void hand_over(const ReceivedRequest& request);
  [[nodiscard]] bool asks_for_websocket(const ReceivedRequest& request) const;
  void fill(ReceivedRequest& request);
  [[nodiscard]] boost::asio::ip::address client_address() const;
  void choose_request_id();
  void finish_exchange();
  [[nodiscard]] bool is_at_rest() const;
  void enter(Phase phase, std::chrono::milliseconds limit);
  [[nodiscard]] std::optional<std::string_view> header(std::string_view name) const;

  std::shared_ptr<Core> core_;  // shared with the server and its other connections
  Socket socket_;
  boost::asio::ip::address peer_;
  TimePoint deadline_;
  TimePoint body_since_;
  std::unique_ptr<Exchange> exchange_;
  std::optional<Target> target_;
  std::size_t body_received_ = 0;
  std::size_t body_in_buffer_ = 0;
  Phase phase_ = Phase::idle;
  bool is_head_request_ = false;
  bool has_head_ = false;  // the exchange's parser holds a complete one
  ReadBuffer buffer_;
};

}  // namespace wildnout::http
