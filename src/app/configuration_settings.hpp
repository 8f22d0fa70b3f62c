// The table of settings: names, meaning, default, how each is read. Between configuration*.cpp
// only.
#pragma once

#include <span>
#include <stdexcept>
#include <string>
#include <string_view>

#include "app/configuration.hpp"

namespace wildnout::app {

// A value that cannot be taken; the message completes "must be …".
class BadValue : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

enum class Kind {
  open,    // may be shown, has a flag
  secret,  // never shown, no flag, may come from the file that NAME_FILE names
  pem,     // may be shown, may come from the file that NAME_FILE names
};

struct Setting {
  std::string_view name;  // of the environment variable
  std::string_view meaning;
  std::string_view fallback;              // in production; empty: unset
  std::string_view development_fallback;  // in development
  Kind kind;
  std::string_view fix;
  void (*take)(Configuration&, const std::string&);  // throws BadValue
};

// In the order in which they are read; WILDNOUT_ENV is the first.
[[nodiscard]] std::span<const Setting> settings();

// How the watch looks for anomalies; part of the above.
[[nodiscard]] std::span<const Setting> anomaly_settings();

// A whole number between these. Throws BadValue.
[[nodiscard]] std::int64_t number_in(std::string_view text, std::int64_t low, std::int64_t high);

// "500ms", "20s", "15m", "1h"; a bare number is seconds; a day at most. Throws BadValue.
[[nodiscard]] std::chrono::milliseconds duration_of(std::string_view text);

// "WILDNOUT_PUBLIC_URL" -> "public-url" with '-', "public_url" with '_'.
[[nodiscard]] std::string short_name(std::string_view setting, char separator);

}  // namespace wildnout::app
