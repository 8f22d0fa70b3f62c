// From an address to the number of its network.
#include "battles/voter_network.hpp"

#include "platform/crypto/digest.hpp"

namespace wildnout::battles {
namespace {

constexpr std::size_t prefix_octets = 8;  // of an IPv6 address: its /64

Address plain_form(const Address& address) {
  if (!address.is_v6() || !address.to_v6().is_v4_mapped()) return address;
  return boost::asio::ip::make_address_v4(boost::asio::ip::v4_mapped, address.to_v6());
}

}  // namespace

std::optional<std::int64_t> VoterNetworks::of(const Address& address) const {
  const auto plain = plain_form(address);
  if (plain.is_loopback()) return std::nullopt;
  std::string network;
  if (plain.is_v4()) {
    const auto octets = plain.to_v4().to_bytes();
    network.assign(octets.begin(), octets.end());
  } else {
    const auto octets = plain.to_v6().to_bytes();
    network.assign(octets.begin(), octets.begin() + prefix_octets);
  }
  const crypto::Sha256 mac = crypto::hmac_sha256(key_, network);
  std::uint64_t number = 0;
  for (std::size_t i = 0; i < sizeof number; ++i) number = number << 8 | mac[i];
  return static_cast<std::int64_t>(number);
}

}  // namespace wildnout::battles
