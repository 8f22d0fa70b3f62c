// Which content coding a client takes (RFC 9110 section 12.5.3).
#pragma once

#include <cstdint>
#include <string_view>

namespace wildnout::http {

enum class Coding : std::uint8_t { identity, gzip, brotli };

struct CodingChoice {
  Coding coding = Coding::identity;
  bool is_identity_refused = false;  // `identity;q=0`, or `*;q=0` with no word on identity
};

// The best for the client by its weights; at equal weights brotli, then gzip, then identity. When
// it takes nothing that we have: identity. Items with a malformed weight do not count.
[[nodiscard]] CodingChoice choose_coding(std::string_view accept_encoding);

// Text, JSON, JavaScript, SVG and the like; parameters are ignored.
[[nodiscard]] bool is_compressible(std::string_view content_type);

// Whether an If-None-Match matches this ETag by weak comparison (RFC 9110 section 13.1.2).
[[nodiscard]] bool matches_etag(std::string_view if_none_match, std::string_view etag);

}  // namespace wildnout::http
