// The HTTP/1.1 server of one shard: accepts, parses, limits, answers, drains.
#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "platform/async/task.hpp"
#include "platform/http/request.hpp"
#include "platform/http/response.hpp"
#include "platform/values/network.hpp"

namespace wildnout::http {

using Socket = boost::asio::basic_stream_socket<boost::asio::ip::tcp, Executor>;

// Times are checked by a sweep every 250 ms, so they may be passed by that much.
struct Limits {
  std::size_t head_bytes = 16 * 1024;    // past it: 431
  std::size_t target_bytes = 8 * 1024;   // of the request line alone; past it: 414
  std::size_t header_fields = 64;        // past it: 431
  std::size_t body_bytes = 1024 * 1024;  // decoded from chunks; past it: 413
  // From the first byte of a head (or from accepting, for the first one) to its end. Past it: 408,
  // or a plain close where no byte came.
  std::chrono::milliseconds head_time{10'000};
  std::chrono::milliseconds body_time{30'000};  // from the end of the head; past it: 408
  std::size_t body_bytes_per_second = 1024;     // on average since the end of the head, else 408,
  std::chrono::milliseconds body_grace{5'000};  // judged after this long
  std::chrono::milliseconds idle_time{75'000};  // between two requests
  // For taking an answer; one beyond 16 KiB gets a second more for each further 16 KiB.
  std::chrono::milliseconds write_time{30'000};
  std::chrono::milliseconds linger_time{2'000};  // for reading away what a refused client sends
  std::size_t connections = 20'000;              // a shard; further ones are closed at once
};

// What stands around the server: who forwards to it, and what each answer says besides.
struct Surroundings {
  std::vector<Network> trusted_proxies;  // whose X-Forwarded-For is believed
  std::string headers;                   // whole lines for every answer
  std::string page_headers;              // whole lines more for answers of text/html
  std::string data_headers;              // whole lines more for all others
};

// A connection that asked for the WebSocket upgrade, handed over with what was read beyond its
// head. The taker writes the 101 (or the refusal) itself.
struct Upgrade {
  Socket socket;
  std::string surplus;        // bytes already read behind the request head
  std::string websocket_key;  // Sec-WebSocket-Key
  std::string protocols;      // Sec-WebSocket-Protocol as sent, may be empty
  std::string extensions;     // Sec-WebSocket-Extensions as sent, may be empty
  std::string target;         // path?query
  std::string origin;
  std::string request_id;
  std::string user_agent;
  boost::asio::ip::address remote;  // as in Request
};

class Handler {
 public:
  virtual ~Handler() = default;
  // Must not throw: what goes wrong is a Response.
  [[nodiscard]] virtual Task<Response> answer(Request& request) = 0;
  // For a GET with a valid upgrade to websocket (version 13). Takes the connection over.
  virtual void upgrade(Upgrade upgrade) = 0;
};

// Listens with SO_REUSEPORT, so that each shard has its own queue of new connections. All members
// on the shard's thread.
class Server {
 public:
  Server(Executor executor, Handler& handler, Limits limits, Surroundings surroundings = {});
  ~Server();

  // Throws boost::system::system_error naming the address when it cannot be bound.
  void listen(const boost::asio::ip::tcp::endpoint& at);
  [[nodiscard]] boost::asio::ip::tcp::endpoint local_endpoint() const;  // with the real port

  // Graceful end: stops accepting, closes idle connections, lets answers under way finish (each
  // with `Connection: close`); returns when none is left, at the latest at `deadline`.
  [[nodiscard]] Task<> drain(std::chrono::steady_clock::time_point deadline);

  [[nodiscard]] std::size_t connections() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace wildnout::http
