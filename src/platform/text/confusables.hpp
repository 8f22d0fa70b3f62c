// Names that look alike, whatever their letters (Unicode Technical Standard 39).
#pragma once

#include <string>
#include <string_view>

namespace wildnout::text {

// The same for texts that a reader may take for one another: case folded, letters of different
// scripts that look alike made one, and the digits and capitals that stand in for letters too
// (0 for o; 1, l and i). Not fit to be shown. Throws std::runtime_error for what is no UTF-8.
[[nodiscard]] std::string look_of(std::string_view text);

// Whether a name mixes scripts in a way that serves to deceive (restriction level "highly
// restrictive" of the standard), or has invisible letters.
[[nodiscard]] bool is_suspicious(std::string_view name);

// Letters, digits, and after the first character `_`, `-` and `.`.
[[nodiscard]] bool is_plain_name(std::string_view name);

}  // namespace wildnout::text
