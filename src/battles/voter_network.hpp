// Where votes come from, told apart without being kept: a keyed hash of the voter's network.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "platform/values/network.hpp"

namespace wildnout::battles {

// Numbers of networks, the same on every node and after a restart, of no use without the key.
class VoterNetworks {
 public:
  explicit VoterNetworks(std::string key) : key_{std::move(key)} {}

  // The first 64 bits of HMAC-SHA256 over the address (IPv4, also as written in IPv6) or its /64
  // (IPv6: one household has so many addresses). Nothing for loopback, which nobody shares.
  [[nodiscard]] std::optional<std::int64_t> of(const Address& address) const;

 private:
  std::string key_;
};

}  // namespace wildnout::battles
