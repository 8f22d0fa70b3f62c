// Signatures of webhooks as Standard Webhooks and Svix have them: HMAC-SHA256 over id, time, body.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "platform/values/time.hpp"

namespace wildnout::crypto {

inline constexpr std::size_t min_webhook_secret_bytes = 16;
inline constexpr std::size_t max_webhook_secret_bytes = 64;
inline constexpr std::size_t max_webhook_id_characters = 255;
// How far the sender's clock and time on the way may be off, in both directions.
inline constexpr std::chrono::seconds webhook_tolerance{300};

// A delivery as it came; everything counts byte by byte.
struct SignedMessage {
  std::string_view id;
  std::string_view timestamp;   // seconds since 1970, digits alone
  std::string_view signatures;  // "v1,BASE64 v1,BASE64 …"
  std::string_view body;
};

class WebhookSecret {
 public:
  // With or without "whsec_", base64 with or without padding. Nothing when it is neither, or of
  // another length than the limits above.
  [[nodiscard]] static std::optional<WebhookSecret> parse(std::string_view text);

  // Any `v1` signature of the list will do; those of other versions are passed over. Looks at no
  // clock.
  [[nodiscard]] bool accepts(const SignedMessage& message) const;

  // "v1,BASE64".
  [[nodiscard]] std::string sign(const SignedMessage& message) const;

 private:
  explicit WebhookSecret(std::string key) : key_{std::move(key)} {}
  std::string key_;
};

// Whether the message has an id, and a time that is near enough.
[[nodiscard]] bool is_timely(const SignedMessage& message, Timestamp now);

}  // namespace wildnout::crypto
