// An answer on its way out: status, extra header lines, and a body that may be shared.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <variant>

#include "platform/async/task.hpp"

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

// A body that is made while it is sent: asked for its next piece once the client has taken the one
// before, so that what waits in memory is one piece, however long the body is.
class BodySource {
 public:
  virtual ~BodySource() = default;
  // Appends the next piece (a few hundred KiB at most); false: that was the last one. Throws when
  // the body cannot be completed: the connection is cut, and the client sees that it is not whole.
  [[nodiscard]] virtual Task<bool> next(std::string& out) = 0;
};

struct Response {
  std::uint16_t status = 200;                          // 200 to 599
  std::string_view content_type = "application/json";  // of static life time; empty: no body
  std::string headers;  // whole extra lines "Name: value\r\n"; the server adds Date, lengths etc.
  // The pointer, shared with the cache that keeps the body, is not null.
  std::variant<std::string, std::shared_ptr<const SharedBody>> body;
  bool close = false;  // end the connection after this answer
  // In place of `body`: sent in chunks, as it is (never compressed). Lives until it has been sent.
  std::unique_ptr<BodySource> source{};

  void add_header(std::string_view name, std::string_view value) {
    headers.append(name).append(": ").append(value).append("\r\n");
  }
};

}  // namespace wildnout::http
