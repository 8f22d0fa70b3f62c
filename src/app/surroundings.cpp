// The texts of the security headers.
#include "app/surroundings.hpp"

namespace wildnout::app {
namespace {

constexpr std::string_view for_all =
    "X-Content-Type-Options: nosniff\r\n"
    "Referrer-Policy: no-referrer\r\n"
    "Cross-Origin-Resource-Policy: same-origin\r\n"
    "X-XSS-Protection: 0\r\n";

// Of a year, on this host alone: what else lives under the domain is not ours to decide on.
constexpr std::string_view transport = "Strict-Transport-Security: max-age=31536000\r\n";

constexpr std::string_view for_pages =
    "Content-Security-Policy: default-src 'self'; img-src 'self' data:; object-src 'none';"
    " base-uri 'none'; form-action 'self'; frame-ancestors 'none'\r\n"
    "Cross-Origin-Opener-Policy: same-origin\r\n"
    "X-Frame-Options: DENY\r\n"
    "Permissions-Policy: accelerometer=(), camera=(), geolocation=(), gyroscope=(),"
    " magnetometer=(), microphone=(), payment=(), usb=()\r\n";

constexpr std::string_view for_data =
    "Content-Security-Policy: default-src 'none'; frame-ancestors 'none'\r\n";

}  // namespace

http::Surroundings surroundings_of(const Configuration& configuration) {
  http::Surroundings surroundings;
  surroundings.trusted_proxies = configuration.trusted_proxies;
  surroundings.headers = for_all;
  const bool is_secure =
      !configuration.is_development() && configuration.public_url.starts_with("https://");
  if (is_secure) surroundings.headers += transport;
  surroundings.page_headers = for_pages;
  surroundings.data_headers = for_data;
  return surroundings;
}

}  // namespace wildnout::app
