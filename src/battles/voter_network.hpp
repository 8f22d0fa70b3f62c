// Where votes come from, told apart without being kept: a keyed hash of the voter's network.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "platform/crypto/network_numbers.hpp"

namespace wildnout::battles {

// Numbers of networks, the same on every node and after a restart, of no use without the key.
class VoterNetworks {
 public:
  explicit VoterNetworks(std::string key) : numbers_{std::move(key)} {}

  // Nothing for loopback, which nobody shares.
  [[nodiscard]] std::optional<std::int64_t> of(const Address& address) const;

 private:
  crypto::NetworkNumbers numbers_;
};

}  // namespace wildnout::battles
