// Reading REDIS_URL.
#include "platform/redis/target.hpp"

#include <boost/url/parse.hpp>
#include <charconv>

namespace wildnout::redis {
namespace {

constexpr std::string_view default_port = "6379";
constexpr unsigned most_databases = 1024 * 1024;

unsigned database_of(std::string_view text) {
  unsigned number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size() || number >= most_databases) {
    throw BadUrl{"a database is a number"};
  }
  return number;
}

void read_parameters(const boost::urls::url_view& url, Target& target) {
  for (const auto& parameter : url.params()) {
    if (parameter.key == "db" && target.host.empty()) {
      target.database = database_of(parameter.value);
    } else if (parameter.key == "cacert" && target.has_tls) {
      target.authority_file = parameter.value;
    } else {
      throw BadUrl{"it has a parameter that is not known here"};
    }
  }
}

}  // namespace

std::string Target::name() const {
  if (host.empty()) return "unix:" + socket_path;
  return (has_tls ? "rediss://" : "redis://") + host + ':' + port;
}

Target parse_url(std::string_view text) {
  const auto parsed = boost::urls::parse_uri(text);
  if (!parsed || parsed->has_fragment()) throw BadUrl{"it is not a URL"};
  const boost::urls::url_view& url = *parsed;
  Target target;
  target.user = url.user();
  target.password = url.password();
  if (!target.user.empty() && target.password.empty()) throw BadUrl{"a user needs a password"};
  target.has_tls = url.scheme() == "rediss";
  if (url.scheme() == "unix") {
    if (!url.host().empty() || url.path().size() < 2) throw BadUrl{"the path of the socket"};
    target.socket_path = url.path();
  } else if (url.scheme() == "redis" || target.has_tls) {
    target.host = url.host_address();
    if (target.host.empty()) throw BadUrl{"it names no host"};
    target.port = url.has_port() ? std::string{url.port()} : std::string{default_port};
    if (url.path().size() > 1) target.database = database_of(url.path().substr(1));
  } else {
    throw BadUrl{"it begins with redis://, rediss:// or unix://"};
  }
  read_parameters(url, target);
  return target;
}

}  // namespace wildnout::redis
