// One JSON text for one value, so that two parties hash the same bytes.
#pragma once

#include <string>
#include <string_view>

#include "platform/json/document.hpp"

namespace wildnout::json {

// RFC 8785 for the values that we use: no white space, members by the bytes of their names, strings
// with the shortest escapes, whole numbers in digits. One thing beyond it: members that are null
// are left out, so that a member which a later version adds, and which is null for what is older,
// changes no hash.
void append_canonical(Value value, std::string& out);

// Throws Malformed as Document does.
[[nodiscard]] std::string canonical(std::string_view text);

}  // namespace wildnout::json
