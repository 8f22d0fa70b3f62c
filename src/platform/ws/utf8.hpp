// Whether bytes are UTF-8 as RFC 3629 has it.
#pragma once

#include <string_view>

namespace wildnout::ws {

// No overlong forms, no surrogates, nothing above U+10FFFF.
[[nodiscard]] bool is_utf8(std::string_view text);

}  // namespace wildnout::ws
