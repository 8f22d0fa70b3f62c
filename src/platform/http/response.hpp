// An answer on its way out: status, extra header lines, and a body that may be shared.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <variant>

namespace wildnout::http {

// A body made once and sent many times. Shared by the cache that keeps it and the connections that
// are still writing it; immutable. `gzip` and `brotli` may be empty: not made (yet).
struct SharedBody {
  std::string identity;
  std::string gzip;
  std::string brotli;
};

// To be shared as said above. Both compressed forms are made here, when asked for and worth it
// (beyond 1 KiB and smaller).
[[nodiscard]] std::shared_ptr<const SharedBody> make_shared_body(std::string identity,
                                                                 bool compress);

struct Response {
  std::uint16_t status = 200;                          // 200 to 599
  std::string_view content_type = "application/json";  // of static life time; empty: no body
  std::string headers;  // whole extra lines "Name: value\r\n"; the server adds Date, lengths etc.
  // The pointer, shared with the cache that keeps the body, is not null.
  std::variant<std::string, std::shared_ptr<const SharedBody>> body;
  bool close = false;  // end the connection after this answer

  void add_header(std::string_view name, std::string_view value) {
    headers.append(name).append(": ").append(value).append("\r\n");
  }
};

}  // namespace wildnout::http
