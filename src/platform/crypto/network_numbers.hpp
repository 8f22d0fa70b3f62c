// Networks told apart without being kept: a keyed hash of where an address lies.
#pragma once

#include <cstdint>
#include <string>

#include "platform/values/network.hpp"

namespace wildnout::crypto {

// Numbers of networks, the same wherever the key is the same, and of no use without it.
class NetworkNumbers {
 public:
  explicit NetworkNumbers(std::string key) : key_{std::move(key)} {}

  // The first 64 bits of HMAC-SHA256 over the address (IPv4, also as written in IPv6) or its /64
  // (IPv6: one household has so many addresses).
  [[nodiscard]] std::int64_t of(const Address& address) const;

 private:
  std::string key_;
};

}  // namespace wildnout::crypto
