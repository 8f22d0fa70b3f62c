// A request as handlers see it, whichever parser made it.
#pragma once

#include <boost/asio/ip/address.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace wildnout::http {

enum class Method : std::uint8_t { get, head, post, put, patch, del, options, other };

// Views into the connection's buffer: valid until the answer has been written. Implemented by the
// server (fields in its arena) and by tests.
class Request {
 public:
  virtual ~Request() = default;

  Method method = Method::get;
  std::string_view target;      // as sent: path?query
  std::string_view path;        // still percent-encoded, begins with '/'
  std::string_view query;       // behind '?', may be empty
  std::string_view body;        // whole, decoded from chunks
  std::string_view request_id;  // the client's sane one, or made by the server
  // The client's: what trusted proxies said of it, else the connection's peer. IPv4 is never mapped
  // into IPv6. Logs, limits and all who ask by address take this one.
  boost::asio::ip::address remote;

  // The first field of that name (ASCII case-insensitive), trimmed; empty optional when absent.
  [[nodiscard]] virtual std::optional<std::string_view> header(std::string_view name) const = 0;
};

}  // namespace wildnout::http
