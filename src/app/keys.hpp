// The installation's keys: from the configuration, or a file of the data folder.
#pragma once

#include "app/configuration.hpp"
#include "platform/crypto/key_ring.hpp"

namespace wildnout::app {

// Those of ENCRYPTION_KEYS; without them one of this machine's own, made on the first start and
// kept under WILDNOUT_DATA. Throws crypto::BadKeys, std::system_error.
[[nodiscard]] crypto::KeyRing open_keys(const Configuration& configuration);

}  // namespace wildnout::app
