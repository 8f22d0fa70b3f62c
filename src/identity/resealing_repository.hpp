// The protected columns of this module, for the rotation of keys.
#pragma once

#include <vector>

#include "platform/protection/rotation.hpp"

namespace wildnout::identity {

[[nodiscard]] std::vector<protection::Column> protected_columns();

}  // namespace wildnout::identity
