// Where a Redis is and how to come in: REDIS_URL taken apart.
#pragma once

#include <stdexcept>
#include <string>
#include <string_view>

namespace wildnout::redis {

struct Target {
  std::string host;  // empty: a Unix socket
  std::string port;
  std::string socket_path;
  bool has_tls = false;
  std::string authority_file;  // PEM of who signed the server's certificate; empty: the system's
  std::string user;            // empty: Redis's default user
  std::string password;        // empty: none is asked for
  unsigned database = 0;

  // For logs: never holds a secret.
  [[nodiscard]] std::string name() const;
};

class BadUrl : public std::runtime_error {
  using std::runtime_error::runtime_error;
};

// redis://[[user]:password@]host[:port][/database], rediss:// for TLS (?cacert=/file.pem names
// another authority than the system's), unix://[[user]:password@]/path[?db=database]. Throws
// BadUrl; its text quotes nothing of the URL.
[[nodiscard]] Target parse_url(std::string_view url);

}  // namespace wildnout::redis
