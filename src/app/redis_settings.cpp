// From REDIS_URL and REDIS_DEADLINE to the client's settings.
#include "app/redis_settings.hpp"

#include "app/configuration_settings.hpp"

namespace wildnout::app {

std::string redis_url_of(const std::string& text) {
  try {
    (void)redis::parse_url(text);
  } catch (const redis::BadUrl& bad) {
    throw BadValue{std::string{"a redis://, rediss:// or unix:// URL: "} + bad.what()};
  }
  return text;
}

redis::Settings redis_settings(const Configuration& configuration) {
  redis::Settings settings;
  settings.target = redis::parse_url(configuration.redis_url.reveal());
  settings.probe_limit = configuration.redis_deadline;
  return settings;
}

}  // namespace wildnout::app
