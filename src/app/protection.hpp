// Every protected column of the product, for the rotation of keys and the examination.
#pragma once

#include <vector>

#include "platform/protection/rotation.hpp"

namespace wildnout::app {

[[nodiscard]] std::vector<protection::Column> protected_columns();

}  // namespace wildnout::app
