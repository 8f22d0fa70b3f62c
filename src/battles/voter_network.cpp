// From an address to the number of its network, if it has one.
#include "battles/voter_network.hpp"

namespace wildnout::battles {
namespace {

bool is_loopback(const Address& address) {
  if (!address.is_v6() || !address.to_v6().is_v4_mapped()) return address.is_loopback();
  return boost::asio::ip::make_address_v4(boost::asio::ip::v4_mapped, address.to_v6())
      .is_loopback();
}

}  // namespace

std::optional<std::int64_t> VoterNetworks::of(const Address& address) const {
  if (is_loopback(address)) return std::nullopt;
  return numbers_.of(address);
}

}  // namespace wildnout::battles
