// Reading hops, and going back along them.
#include "platform/http/client_address.hpp"

#include <algorithm>
#include <optional>
#include <string>

namespace wildnout::http {
namespace {

using boost::asio::ip::address;

constexpr std::size_t longest_address = 45;  // characters: IPv6 with an IPv4 tail

std::string_view trimmed(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

bool is_port(std::string_view text) {
  return !text.empty() && text.size() <= 5 &&
         std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

// "192.0.2.1", "192.0.2.1:80", "2001:db8::1", "[2001:db8::1]", "[2001:db8::1]:80"; nothing else.
std::optional<address> address_of(std::string_view text) {
  if (text.starts_with('[')) {
    const std::size_t end = text.find(']');
    if (end == std::string_view::npos) return std::nullopt;
    const std::string_view rest = text.substr(end + 1);
    if (!rest.empty() && (rest[0] != ':' || !is_port(rest.substr(1)))) return std::nullopt;
    text = text.substr(1, end - 1);
  } else if (std::ranges::count(text, ':') == 1) {
    const std::size_t colon = text.find(':');
    if (!is_port(text.substr(colon + 1))) return std::nullopt;
    text = text.substr(0, colon);
  }
  // A zone ("%eth0") means something on the machine that wrote it alone.
  if (text.empty() || text.size() > longest_address || text.find('%') != std::string_view::npos) {
    return std::nullopt;
  }
  boost::system::error_code error;
  const address found = boost::asio::ip::make_address(std::string{text}, error);
  if (error) return std::nullopt;
  return unmapped(found);
}

}  // namespace

address unmapped(const address& given) {
  if (!given.is_v6() || !given.to_v6().is_v4_mapped()) return given;
  return boost::asio::ip::make_address_v4(boost::asio::ip::v4_mapped, given.to_v6());
}

ClientWalk::ClientWalk(address peer, std::span<const Network> trusted)
    : client_{unmapped(peer)}, trusted_{trusted} {
  is_over_ = std::ranges::none_of(
      trusted_, [this](const Network& network) { return network.contains(client_); });
}

void ClientWalk::read(std::string_view line) {
  while (!is_over_) {
    const std::size_t comma = line.rfind(',');
    const bool is_first = comma == std::string_view::npos;
    step(trimmed(is_first ? line : line.substr(comma + 1)));
    if (is_first) return;
    line = line.substr(0, comma);
  }
}

void ClientWalk::step(std::string_view element) {
  if (element.empty()) return;  // "a,,b": an empty element of a list counts for nothing
  const auto hop = address_of(element);
  if (!hop) {
    is_over_ = true;
    return;
  }
  client_ = *hop;
  is_over_ = std::ranges::none_of(
      trusted_, [this](const Network& network) { return network.contains(client_); });
}

}  // namespace wildnout::http
