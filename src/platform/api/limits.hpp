// How much of the service one caller may use: the seam between the router and who counts.
#pragma once

#include <boost/asio/ip/address.hpp>
#include <cstdint>
#include <optional>

#include "platform/api/access.hpp"

namespace wildnout::api {

// What a request costs; `unlimited` routes are not counted at all, `burst` ones (small, and many in
// a short time) have an allowance of their own.
enum class Tier : std::uint8_t { unlimited, read, write, search, upload, burst };

struct Allowance {
  bool is_admitted;
  std::uint32_t limit;  // requests a window
  std::uint32_t remaining;
  std::uint32_t reset;        // seconds until it is full again
  std::uint32_t retry_after;  // seconds; when refused: until this request would be admitted
};

// Nothing: this caller is not limited.
class Limiter {
 public:
  virtual ~Limiter() = default;
  // `caller` is null for an anonymous one.
  [[nodiscard]] virtual std::optional<Allowance> take(const Caller* caller,
                                                      const boost::asio::ip::address& remote,
                                                      Tier tier) = 0;
  // Credentials from this address were refused. When it has had too many refused of late: the
  // seconds for which further ones are not judged any more.
  [[nodiscard]] virtual std::optional<std::uint32_t> note_bad_credentials(
      const boost::asio::ip::address& remote) = 0;
};

}  // namespace wildnout::api
