// The small grammars of a request: percent-encoding, parameters, media types, entity tags.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace wildnout::api {

// RFC 3986 section 2.1, appended to `out`; `plus_is_space` as in forms. False when a '%' is not
// followed by two hexadecimal digits; then `out` has part of it.
[[nodiscard]] bool percent_decode(std::string_view text, bool plus_is_space, std::string& out);

// Well-formed UTF-8 (RFC 3629) without U+0000.
[[nodiscard]] bool is_clean_text(std::string_view text);

// "application/json" of "Application/JSON; charset=utf-8", compared without case.
[[nodiscard]] bool is_media_type(std::string_view content_type, std::string_view wanted);

// Whether a list of entity tags (RFC 9110 section 8.8.3), or "*", names this one. Weak tags in the
// list count only where `takes_weak`.
[[nodiscard]] bool lists_tag(std::string_view list, std::string_view etag, bool takes_weak);

}  // namespace wildnout::api
