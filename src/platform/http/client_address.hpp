// Who sent a request that came through proxies: what they say, as far as they are trusted.
#pragma once

#include <boost/asio/ip/address.hpp>
#include <span>
#include <string_view>

#include "platform/values/network.hpp"

namespace wildnout::http {

// An IPv4 address for one that is mapped into IPv6 (::ffff:0:0/96); any other as it is.
[[nodiscard]] boost::asio::ip::address unmapped(const boost::asio::ip::address& address);

// Walks the hops that proxies have written down (the elements of X-Forwarded-For) from the last
// one back. Feed it the field lines from the last to the first, each by `read`.
//
// Each proxy appends whom it was called by, so a hop is worth as much as the one that wrote it: the
// walk goes on while the last known address is a trusted proxy, and ends at the first that is not.
// What stands further left was sent by that one itself and may be made up. An element that is no
// address ends the walk too: the proxy that took it over is as far as anyone can tell.
class ClientWalk {
 public:
  ClientWalk(boost::asio::ip::address peer, std::span<const Network> trusted);

  // One X-Forwarded-For line: addresses, also with a port or in brackets, separated by commas.
  void read(std::string_view line);
  // True: earlier lines would not be looked at.
  [[nodiscard]] bool is_over() const { return is_over_; }
  [[nodiscard]] const boost::asio::ip::address& client() const { return client_; }

 private:
  void step(std::string_view element);

  boost::asio::ip::address client_;
  std::span<const Network> trusted_;
  bool is_over_ = false;
};

}  // namespace wildnout::http
