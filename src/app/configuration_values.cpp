// Reading numbers and durations, for every table of settings.
#include <algorithm>
#include <charconv>

#include "app/configuration_settings.hpp"

namespace wildnout::app {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds max_duration = std::chrono::hours{24};

}  // namespace

std::int64_t number_in(std::string_view text, std::int64_t low, std::int64_t high) {
  std::int64_t value = 0;
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value);
  if (error != std::errc{} || stop != end || value < low || value > high) {
    throw BadValue{"a whole number from " + std::to_string(low) + " to " + std::to_string(high)};
  }
  return value;
}

milliseconds duration_of(std::string_view text) {
  const std::size_t digits = std::min(text.find_first_not_of("0123456789"), text.size());
  const std::string_view unit = text.substr(digits);
  std::int64_t factor = 0;
  if (unit.empty() || unit == "s") factor = 1000;
  if (unit == "ms") factor = 1;
  if (unit == "m") factor = 60'000;
  if (unit == "h") factor = 3'600'000;
  if (factor == 0) throw BadValue{"a duration such as 500ms, 20s, 15m or 1h"};
  const std::int64_t most = max_duration.count() / factor;
  return milliseconds{number_in(text.substr(0, digits), 1, most) * factor};
}

}  // namespace wildnout::app
