// Taking tokens apart and making them.
#include "platform/crypto/jwt.hpp"

#include <algorithm>
#include <boost/json.hpp>
#include <cmath>

#include "platform/crypto/digest.hpp"

namespace wildnout::crypto {
namespace {

namespace json = boost::json;

std::optional<json::object> parse_object(std::string_view encoded) {
  const auto text = parse_base64url(encoded);
  if (!text) return std::nullopt;
  boost::system::error_code error;
  json::value value = json::parse({text->data(), text->size()}, error);
  if (error || !value.is_object()) return std::nullopt;
  return std::move(value.get_object());
}

bool is_jwt(std::string_view type) {
  constexpr std::string_view wanted = "JWT";
  return std::ranges::equal(type, wanted, [](char a, char b) { return (a & ~0x20) == b; });
}

bool is_header_fit(const json::object& header) {
  if (header.contains("crit")) return false;
  const auto algorithm = text_claim(header, "alg");
  if (algorithm != "RS256") return false;
  if (header.contains("typ") && !is_jwt(text_claim(header, "typ").value_or(""))) return false;
  return !header.contains("kid") || text_claim(header, "kid").has_value();
}

}  // namespace

std::optional<Token> split_token(std::string_view text) {
  if (text.size() > max_token_bytes) return std::nullopt;
  const std::size_t first = text.find('.');
  if (first == std::string_view::npos) return std::nullopt;
  const std::size_t second = text.find('.', first + 1);
  if (second == std::string_view::npos) return std::nullopt;
  const auto header = parse_object(text.substr(0, first));
  if (!header || !is_header_fit(*header)) return std::nullopt;
  auto signature = parse_base64url(text.substr(second + 1));  // a fourth part has a dot: refused
  if (!signature || signature->empty()) return std::nullopt;
  Token token{text.substr(0, second), text.substr(first + 1, second - first - 1),
              std::move(*signature), std::nullopt};
  if (const auto id = text_claim(*header, "kid")) token.key_id = std::string{*id};
  return token;
}

std::optional<json::object> claims_of(const Token& token) { return parse_object(token.payload); }

std::optional<std::int64_t> number_claim(const json::object& claims, std::string_view name) {
  const json::value* value = claims.if_contains(name);
  if (value == nullptr) return std::nullopt;
  if (const std::int64_t* number = value->if_int64()) {
    if (*number > max_token_number || *number < -max_token_number) return std::nullopt;
    return *number;
  }
  // Some libraries print whole numbers as 1.7e9.
  if (const double* number = value->if_double()) {
    const auto limit = static_cast<double>(max_token_number);
    if (!(std::abs(*number) <= limit) || std::trunc(*number) != *number) return std::nullopt;
    return static_cast<std::int64_t>(*number);
  }
  return std::nullopt;
}

std::optional<std::string_view> text_claim(const json::object& claims, std::string_view name) {
  const json::value* value = claims.if_contains(name);
  const json::string* text = value == nullptr ? nullptr : value->if_string();
  if (text == nullptr) return std::nullopt;
  return std::string_view{*text};
}

std::string make_token(const SigningKey& key, std::string_view key_id, const json::object& claims) {
  const json::object header{{"alg", "RS256"}, {"kid", key_id}, {"typ", "JWT"}};
  std::string text = base64url(json::serialize(header)) + '.' + base64url(json::serialize(claims));
  const std::string signature = key.sign(text);
  return text + '.' + base64url(signature);
}

}  // namespace wildnout::crypto
