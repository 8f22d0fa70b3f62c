// The typed configuration: from flags, environment and wildnout.toml, in that order of strength.
#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <chrono>
#include <cstdint>
#include <exception>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "audit/watch/thresholds.hpp"
#include "battles/fair_play/facts.hpp"
#include "battles/rules.hpp"
#include "platform/api/rate_limiter.hpp"
#include "platform/log/log.hpp"
#include "platform/values/constraints.hpp"
#include "platform/values/network.hpp"

namespace wildnout::app {

enum class Environment { development, production };
enum class DevIssuer { off, loopback, everywhere };  // who may ask POST /dev/token

struct Roles {
  bool api = false;
  bool realtime = false;
  bool worker = false;
};

// Whose session tokens are believed. `issuer` empty: Clerk is not configured. At most one of
// `jwks_url`, `jwks_file` and `pem` is set, and one is whenever `issuer` is.
struct Clerk {
  std::string issuer;  // no slash at its end
  std::string jwks_url;
  std::filesystem::path jwks_file;
  std::string pem;
  std::vector<std::string> authorized_parties;  // origins; empty: `azp` is not looked at
  Secret<std::vector<std::string>> webhook_secrets;
  std::string instance_id;         // that webhooks must come from; empty: not looked at
  Secret<std::string> secret_key;  // of the Backend API; empty: users are not gone through
  std::string api_url = "https://api.clerk.com/v1";
};

// One setting as it stands, for people.
struct SettingInForce {
  std::string key;
  std::string value;   // "(secret)" where it is one
  std::string origin;  // "default", "environment", "--listen", "wildnout.toml:3"
};

struct Configuration {
  Environment environment = Environment::production;
  boost::asio::ip::tcp::endpoint listen;
  std::optional<boost::asio::ip::tcp::endpoint> metrics_listen;
  std::vector<Network> metrics_allow;
  std::string public_url;  // no slash at its end
  std::vector<Network> trusted_proxies;
  std::vector<std::string> cors_origins;
  bool is_limiting = true;  // RATE_LIMITS is not off
  api::RateLimits rate_limits;
  std::filesystem::path data;
  Roles roles;
  unsigned threads = 1;
  log::Level log_level = log::Level::info;
  log::Format log_format = log::Format::json;
  Secret<std::string> database_url;
  bool has_transaction_pooler = false;
  Secret<std::string> redis_url;  // empty: there is none, this node shares nothing by it
  std::chrono::milliseconds redis_deadline{};
  Clerk clerk;
  Secret<std::string> encryption_keys;  // as crypto::KeyRing reads them; empty: not given
  // The database role that the server's connections take on; empty: that of DATABASE_URL. Found out
  // at the start, not set.
  std::string database_role;
  std::vector<std::string> admin_user_ids;  // Clerk's ids, or ids of users here
  DevIssuer dev_issuer = DevIssuer::off;
  bool is_demo = false;
  std::chrono::milliseconds grace{};
  std::chrono::milliseconds socket_reauth{};
  std::chrono::milliseconds min_phase{};
  battles::HouseRules battle_rules;         // where a battle's creator says nothing
  battles::fair_play::Detectors detectors;  // of organised voting
  audit::watch::Detectors anomalies;
  std::size_t sockets_per_address = 0;
  std::size_t sockets_per_user = 0;

  std::vector<SettingInForce> in_force;
  std::vector<std::string> warnings;  // for the log at start

  [[nodiscard]] bool is_development() const { return environment == Environment::development; }
  // The lines of `wildnout config`: key, value, origin in columns.
  [[nodiscard]] std::string describe() const;
};

// What a subcommand is going to do decides which settings may not be missing.
enum class Purpose {
  serve,     // needs a database and a source of keys
  database,  // needs a database
  inspect,   // needs nothing
};

struct Sources {
  std::map<std::string, std::string> flags;        // "listen" -> "127.0.0.1:0"
  std::map<std::string, std::string> environment;  // "WILDNOUT_LISTEN" -> …
  // Read when it exists; the flag `config` or WILDNOUT_CONFIG names another, which must exist.
  std::filesystem::path file = "wildnout.toml";

  [[nodiscard]] static Sources of_process(std::map<std::string, std::string> flags);
};

// A flag for the command line, "--public-url": the same rule gives each setting its three names,
// WILDNOUT_PUBLIC_URL, --public-url and public_url (or [public] url) in the file.
struct Flag {
  std::string name;  // without dashes
  std::string meaning;
};
// Every flag that `load` takes. Secrets have none: command lines can be read by other users.
[[nodiscard]] std::vector<Flag> configuration_flags();

struct ConfigurationFault {
  std::string key;
  std::string origin;
  std::string problem;  // with the value, unless it is secret
  std::string fix;
};

// Every fault at once.
class ConfigurationError : public std::exception {
 public:
  explicit ConfigurationError(std::vector<ConfigurationFault> faults);

  [[nodiscard]] const std::vector<ConfigurationFault>& faults() const { return faults_; }
  // One paragraph a fault, for the terminal.
  [[nodiscard]] const char* what() const noexcept override { return text_.c_str(); }

 private:
  std::vector<ConfigurationFault> faults_;
  std::string text_;
};

// Throws ConfigurationError.
[[nodiscard]] Configuration load(const Sources& sources, Purpose purpose = Purpose::serve);

}  // namespace wildnout::app
