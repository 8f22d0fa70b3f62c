// From an address to the number of its network.
#include "platform/crypto/network_numbers.hpp"

#include "platform/crypto/digest.hpp"

namespace wildnout::crypto {
namespace {

constexpr std::size_t prefix_octets = 8;  // of an IPv6 address: its /64

}  // namespace

std::int64_t NetworkNumbers::of(const Address& address) const {
  std::string network;
  if (address.is_v4()) {
    const auto octets = address.to_v4().to_bytes();
    network.assign(octets.begin(), octets.end());
  } else if (address.to_v6().is_v4_mapped()) {
    const auto octets =
        boost::asio::ip::make_address_v4(boost::asio::ip::v4_mapped, address.to_v6()).to_bytes();
    network.assign(octets.begin(), octets.end());
  } else {
    const auto octets = address.to_v6().to_bytes();
    network.assign(octets.begin(), octets.begin() + prefix_octets);
  }
  const Sha256 mac = hmac_sha256(key_, network);
  std::uint64_t number = 0;
  for (std::size_t i = 0; i < sizeof number; ++i) number = number << 8 | mac[i];
  return static_cast<std::int64_t>(number);
}

}  // namespace wildnout::crypto
