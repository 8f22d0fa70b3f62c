// Checking and making the signatures of webhooks.
#include "platform/crypto/webhook.hpp"

#include <algorithm>
#include <charconv>
#include <cstdint>

#include "platform/crypto/digest.hpp"

namespace wildnout::crypto {
namespace {

constexpr std::string_view secret_prefix = "whsec_";
constexpr std::string_view version_prefix = "v1,";
constexpr std::size_t max_timestamp_digits = 12;

std::optional<std::uint32_t> digit_of(char c) {
  if (c >= 'A' && c <= 'Z') return c - 'A';
  if (c >= 'a' && c <= 'z') return c - 'a' + 26;
  if (c >= '0' && c <= '9') return c - '0' + 52;
  if (c == '+') return 62;
  if (c == '/') return 63;
  return std::nullopt;
}

// As the libraries of senders read it: padding may be missing, bits beyond the last byte are
// dropped.
std::optional<std::string> parse_base64(std::string_view text) {
  while (text.ends_with('=')) text.remove_suffix(1);
  std::string bytes;
  std::uint32_t bits = 0;
  unsigned count = 0;
  for (const char c : text) {
    const auto digit = digit_of(c);
    if (!digit) return std::nullopt;
    bits = bits << 6 | *digit;
    count += 6;
    if (count < 8) continue;
    count -= 8;
    bytes.push_back(static_cast<char>(bits >> count & 0xFF));
  }
  return bytes;
}

}  // namespace

std::optional<WebhookSecret> WebhookSecret::parse(std::string_view text) {
  if (text.starts_with(secret_prefix)) text.remove_prefix(secret_prefix.size());
  auto key = parse_base64(text);
  const bool is_fit =
      key && key->size() >= min_webhook_secret_bytes && key->size() <= max_webhook_secret_bytes;
  if (!is_fit) return std::nullopt;
  return WebhookSecret{std::move(*key)};
}

bool WebhookSecret::accepts(const SignedMessage& message) const {
  const std::string wanted = sign(message);
  bool is_accepted = false;
  std::string_view left = message.signatures;
  while (!left.empty()) {
    const std::string_view one = left.substr(0, left.find(' '));
    left.remove_prefix(std::min(left.size(), one.size() + 1));
    is_accepted |= are_equal(one, wanted);
  }
  return is_accepted;
}

std::string WebhookSecret::sign(const SignedMessage& message) const {
  std::string content;
  content.reserve(message.id.size() + message.timestamp.size() + message.body.size() + 2);
  content.append(message.id).append(".").append(message.timestamp).append(".").append(message.body);
  return std::string{version_prefix} + base64(hmac_sha256(key_, content));
}

bool is_timely(const SignedMessage& message, Timestamp now) {
  const bool has_id = !message.id.empty() && message.id.size() <= max_webhook_id_characters &&
                      std::ranges::all_of(message.id, [](char c) { return c > ' ' && c < '\x7F'; });
  const std::string_view digits = message.timestamp;
  if (!has_id || digits.empty() || digits.size() > max_timestamp_digits) return false;
  if (!std::ranges::all_of(digits, [](char c) { return c >= '0' && c <= '9'; })) return false;
  std::int64_t seconds = 0;
  std::from_chars(digits.data(), digits.data() + digits.size(), seconds);
  const auto apart = std::chrono::floor<std::chrono::seconds>(now).time_since_epoch() -
                     std::chrono::seconds{seconds};
  return std::chrono::abs(apart) <= webhook_tolerance;
}

}  // namespace wildnout::crypto
