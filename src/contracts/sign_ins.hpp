// How a part of the house that counts sign-ins learns of them.
#pragma once

#include "contracts/ids.hpp"
#include "platform/values/network.hpp"

namespace wildnout {

// One object a shard.
class SignIns {
 public:
  virtual ~SignIns() = default;
  // Somebody proved to be this user, from there: said about once a minute for each token. Must not
  // throw; costs no statement of its own.
  virtual void seen(UserId user, const Address& from) noexcept = 0;
};

}  // namespace wildnout
