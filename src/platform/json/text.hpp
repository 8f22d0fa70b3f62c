// Writing the scalars of JSON: quoted strings and numbers.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace wildnout::json {

// Quotes and escapes. `text` must be UTF-8: it is passed on as it is.
void append_quoted(std::string_view text, std::string& out);

void append_integer(std::int64_t value, std::string& out);

// The shortest form that reads back as the same double; null for what JSON cannot say (NaN,
// infinities).
void append_real(double value, std::string& out);

}  // namespace wildnout::json
