// Compact JSON Web Tokens (RFC 7519, RFC 7515 section 3.1) signed with RS256, strictly read.
#pragma once

#include <boost/json/object.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "platform/crypto/rsa.hpp"

namespace wildnout::crypto {

inline constexpr std::size_t max_token_bytes = 8 * 1024;
inline constexpr std::int64_t max_token_number = std::int64_t{1} << 53;

// A token taken apart; nothing in it may be believed before its signature was accepted. The views
// are into the text that was given.
struct Token {
  std::string_view signed_text;  // header.payload
  std::string_view payload;      // still base64url
  std::string signature;         // bytes
  std::optional<std::string> key_id;
};

// Nothing unless: at most 8 KiB, three parts of unpadded base64url, a header that is a JSON object
// with alg exactly RS256, typ absent or "JWT" (in either case), kid absent or a string, no crit.
[[nodiscard]] std::optional<Token> split_token(std::string_view text);

// The payload of a token whose signature was accepted. Nothing unless it is a JSON object.
[[nodiscard]] std::optional<boost::json::object> claims_of(const Token& token);

// A claim that is a whole number within +-2^53 (a wider one has no exact meaning in JSON), or a
// string; nothing when it is absent or anything else.
[[nodiscard]] std::optional<std::int64_t> number_claim(const boost::json::object& claims,
                                                       std::string_view name);
[[nodiscard]] std::optional<std::string_view> text_claim(const boost::json::object& claims,
                                                         std::string_view name);

[[nodiscard]] std::string make_token(const SigningKey& key, std::string_view key_id,
                                     const boost::json::object& claims);

}  // namespace wildnout::crypto
