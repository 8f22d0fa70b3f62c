// How much of the service one caller may use: the seam between the router and who counts.
#pragma once

#include <boost/asio/ip/address.hpp>
#include <cstdint>
#include <optional>

#include "platform/api/access.hpp"
#include "platform/async/task.hpp"

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

  // Whether the counts are shared with other nodes at this moment: then the two below are to be
  // asked. They never fail; what they take by reference outlives them.
  [[nodiscard]] virtual bool is_shared() const { return false; }
  [[nodiscard]] virtual Task<std::optional<Allowance>> take_shared(
      const Caller* caller, const boost::asio::ip::address& remote, Tier tier) {
    co_return take(caller, remote, tier);
  }
  [[nodiscard]] virtual Task<std::optional<std::uint32_t>> note_bad_credentials_shared(
      boost::asio::ip::address remote) {
    co_return note_bad_credentials(remote);
  }
};

// Counts a failure where it is to be counted.
[[nodiscard]] Task<std::optional<std::uint32_t>> count_bad_credentials(
    Limiter& limiter, boost::asio::ip::address remote);

}  // namespace wildnout::api
