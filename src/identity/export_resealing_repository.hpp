// Rewriting the pieces of archives under the newest key.
#pragma once

#include <vector>

#include "platform/protection/rotation.hpp"

namespace wildnout::identity {

// `export_chunks.sealed`.
[[nodiscard]] std::vector<protection::Column> protected_archives();

}  // namespace wildnout::identity
