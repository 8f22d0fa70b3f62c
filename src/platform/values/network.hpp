// Addresses, and ranges of them in CIDR notation (RFC 4632, RFC 4291 section 2.3).
#pragma once

#include <array>
#include <boost/asio/ip/address.hpp>
#include <charconv>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace wildnout {

using Address = boost::asio::ip::address;

class Network {
 public:
  // "10.0.0.0/8", "fd00::/8", or one address alone. Nothing when it is neither.
  [[nodiscard]] static std::optional<Network> parse(std::string_view text) {
    const std::size_t slash = text.find('/');
    boost::system::error_code error;
    const auto address = boost::asio::ip::make_address(std::string{text.substr(0, slash)}, error);
    if (error) return std::nullopt;
    unsigned bits = address.is_v4() ? 32 : 128;
    if (slash != std::string_view::npos) {
      const std::string_view digits = text.substr(slash + 1);
      unsigned given = 0;
      const char* end = digits.data() + digits.size();
      const auto [stop, fault] = std::from_chars(digits.data(), end, given);
      if (fault != std::errc{} || stop != end || given > bits) return std::nullopt;
      bits = given;
    }
    // IPv4 lies in ::ffff:0:0/96, so that one comparison serves both.
    return Network{bytes_of(address), address.is_v4() ? bits + 96 : bits};
  }

  [[nodiscard]] bool contains(const boost::asio::ip::address& address) const {
    const auto bytes = bytes_of(address);
    for (unsigned bit = 0; bit < bits_; bit += 8) {
      const unsigned left = bits_ - bit;
      const auto mask = static_cast<std::uint8_t>(left >= 8 ? 0xFF : 0xFF << (8 - left));
      if (((bytes[bit / 8] ^ base_[bit / 8]) & mask) != 0) return false;
    }
    return true;
  }

 private:
  using Bytes = boost::asio::ip::address_v6::bytes_type;

  Network(const Bytes& base, unsigned bits) : base_{base}, bits_{bits} {}

  static Bytes bytes_of(const boost::asio::ip::address& address) {
    if (address.is_v6()) return address.to_v6().to_bytes();
    const auto four = address.to_v4().to_bytes();
    return {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF, four[0], four[1], four[2], four[3]};
  }

  Bytes base_;
  unsigned bits_;
};

}  // namespace wildnout
