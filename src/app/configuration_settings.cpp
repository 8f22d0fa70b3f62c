// Reading each setting's value.
#include "app/configuration_settings.hpp"

#include <algorithm>
#include <array>
#include <boost/url/parse.hpp>
#include <charconv>
#include <thread>

#include "app/redis_settings.hpp"
#include "platform/crypto/key_ring.hpp"
#include "platform/crypto/rsa.hpp"
#include "platform/crypto/webhook.hpp"
#include "platform/values/spelling.hpp"

namespace wildnout::app {
namespace {

using std::chrono::milliseconds;

constexpr unsigned max_threads = 256;
constexpr std::int64_t max_sockets = 1'000'000;
constexpr std::int64_t max_integrity_minutes = 1440;
constexpr std::int64_t max_rate_limit = 1'000'000;  // requests a minute
constexpr std::int64_t max_cost = 1'000;
constexpr std::int64_t max_bad_credentials = 1'000;
constexpr const char* rate_fix = "give a number of requests a minute";

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view blanks = " \t\r\n";
  const std::size_t first = text.find_first_not_of(blanks);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(blanks) - first + 1);
}

bool truth_of(std::string_view text) {
  if (text == "on" || text == "true" || text == "1" || text == "yes") return true;
  if (text == "off" || text == "false" || text == "0" || text == "no") return false;
  throw BadValue{"on or off"};
}

std::vector<std::string> list_of(std::string_view text) {
  std::vector<std::string> items;
  while (!text.empty()) {
    const std::size_t comma = std::min(text.find(','), text.size());
    const std::string_view item = trimmed(text.substr(0, comma));
    if (!item.empty()) items.emplace_back(item);
    text.remove_prefix(std::min(comma + 1, text.size()));
  }
  return items;
}

template <class T>
T choice_of(std::string_view text, std::initializer_list<std::pair<std::string_view, T>> choices) {
  std::string names;
  for (const auto& [name, value] : choices) {
    if (text == name) return value;
    names.append(names.empty() ? "" : ", ").append(name);
  }
  throw BadValue{"one of " + names};
}

// "127.0.0.1:8080", "[::1]:8080", "localhost:8080"; port 0 is any free one.
boost::asio::ip::tcp::endpoint endpoint_of(std::string_view text) {
  const std::size_t colon = text.rfind(':');
  if (colon == std::string_view::npos) throw BadValue{"an address and a port"};
  const auto port = static_cast<std::uint16_t>(number_in(text.substr(colon + 1), 0, 65535));
  std::string host{text.substr(0, colon)};
  if (host == "localhost") host = "127.0.0.1";
  if (host.size() > 2 && host.front() == '[' && host.back() == ']') {
    host = host.substr(1, host.size() - 2);
  }
  boost::system::error_code error;
  const auto address = boost::asio::ip::make_address(host, error);
  if (error) throw BadValue{"an IP address and a port"};
  return {address, port};
}

std::string url_of(std::string_view text) {
  while (text.ends_with('/')) text.remove_suffix(1);
  const auto url = boost::urls::parse_absolute_uri(text);
  if (!url || (url->scheme() != "https" && url->scheme() != "http") || url->host().empty() ||
      url->has_query() || url->has_userinfo()) {
    throw BadValue{"an http or https URL with neither user nor query"};
  }
  return std::string{text};
}

std::vector<Network> networks_of(std::string_view text) {
  std::vector<Network> networks;
  for (const std::string& item : list_of(text)) {
    const auto network = Network::parse(item);
    if (!network) throw BadValue{"a list of CIDRs; " + item + " is none"};
    networks.push_back(*network);
  }
  return networks;
}

Roles roles_of(std::string_view text) {
  Roles roles;
  for (const std::string& item : list_of(text)) {
    *choice_of<bool*>(
        item, {{"api", &roles.api}, {"realtime", &roles.realtime}, {"worker", &roles.worker}}) =
        true;
  }
  if (!roles.api && !roles.realtime && !roles.worker) throw BadValue{"at least one role"};
  return roles;
}

std::vector<std::string> parties_of(std::string_view text) {
  std::vector<std::string> origins = list_of(text);
  for (std::string& origin : origins) origin = url_of(origin);
  return origins;
}

// "https://app.example.com": as browsers write the Origin of a page, and nothing else.
std::vector<std::string> origins_of(std::string_view text) {
  std::vector<std::string> origins = list_of(text);
  for (const std::string& origin : origins) {
    const auto url = boost::urls::parse_absolute_uri(origin);
    const bool is_origin =
        url && (url->scheme() == "https" || url->scheme() == "http") && !url->host().empty() &&
        url->encoded_path().empty() && !url->has_query() && !url->has_userinfo() &&
        std::ranges::none_of(origin, [](char c) { return c >= 'A' && c <= 'Z'; });
    if (!is_origin) throw BadValue{"a list of origins; " + origin + " is none"};
  }
  return origins;
}

// The number of a role; one that RATE_LIMITS_… does not name keeps that of a user.
void set_role_limit(Configuration& configuration, std::string_view role, std::string_view text) {
  const auto limit = static_cast<std::uint32_t>(number_in(text, 1, max_rate_limit));
  configuration.rate_limits.roles.emplace_back(role, limit);
}

std::uint32_t rate_limit_of(std::string_view text) {
  return static_cast<std::uint32_t>(number_in(text, 1, max_rate_limit));
}

std::string pem_of(std::string_view text) {
  // One-line forms with \n in them are common in environment files.
  std::string pem{text};
  for (std::size_t at = pem.find("\\n"); at != std::string::npos; at = pem.find("\\n", at)) {
    pem.replace(at, 2, "\n");
  }
  try {
    (void)crypto::PublicKey::from_pem(pem);
  } catch (const crypto::KeyFault& fault) {
    throw BadValue{std::string{"a PEM of an RSA public key of 2048 bits or more: "} + fault.what()};
  }
  return pem;
}

std::string encryption_keys_of(const std::string& text) {
  try {
    (void)crypto::KeyRing::parse(text);
  } catch (const crypto::BadKeys& bad) {
    throw BadValue{bad.what()};
  }
  return text;
}

std::string database_url_of(std::string_view text) {
  const bool is_uri = text.starts_with("postgresql://") || text.starts_with("postgres://");
  if (!is_uri && text.find('=') == std::string_view::npos) {
    throw BadValue{"a postgresql:// URL or a libpq keyword string"};
  }
  return std::string{text};
}

unsigned threads_of(std::string_view text) {
  if (text == "cores") return std::clamp(std::thread::hardware_concurrency(), 1U, max_threads);
  return static_cast<unsigned>(number_in(text, 1, max_threads));
}

battles::fair_play::Detectors detectors_of(std::string_view text) {
  using battles::fair_play::Detector;
  using battles::fair_play::Detectors;
  if (text == "all") return Detectors::all();
  Detectors detectors;
  if (text == "none") return detectors;
  for (const std::string& item : list_of(text)) {
    const auto detector = parse_spelled<Detector>(item);
    if (!detector) throw BadValue{"all, none, or a list of detectors; " + item + " is none"};
    detectors.add(*detector);
  }
  if (detectors.empty()) throw BadValue{"all, none, or a list of detectors"};
  return detectors;
}

std::vector<std::string> webhook_secrets_of(std::string_view text) {
  std::vector<std::string> secrets = list_of(text);
  for (const std::string& secret : secrets) {
    if (!crypto::WebhookSecret::parse(secret)) {
      throw BadValue{"secrets of 16 to 64 bytes in base64, separated by commas"};
    }
  }
  return secrets;
}

std::string api_url_of(std::string_view text) {
  std::string url = url_of(text);
  return url.ends_with("/v1") ? url : url + "/v1";
}

using Text = const std::string&;

constexpr std::string_view pem_fix =
    "copy the \"JWKS Public Key\" (PEM) of the Clerk dashboard, or name its file in "
    "CLERK_JWT_KEY_FILE";

// In the order in which they are read, and before those of anomalies.
constexpr std::array all_settings{
    Setting{"WILDNOUT_ENV", "development or production", "production", "production", Kind::open,
            "set it to development or production",
            [](Configuration& c, Text v) {
              c.environment = choice_of<Environment>(v, {{"development", Environment::development},
                                                         {"production", Environment::production}});
            }},
    Setting{"WILDNOUT_LISTEN", "address:port to serve on; port 0 is any free one", "127.0.0.1:8080",
            "127.0.0.1:8080", Kind::open, "write it like 127.0.0.1:8080",
            [](Configuration& c, Text v) { c.listen = endpoint_of(v); }},
    Setting{"WILDNOUT_METRICS_LISTEN", "address:port for /metrics on a listener of its own", "", "",
            Kind::open, "write it like 127.0.0.1:9090, or leave it out",
            [](Configuration& c, Text v) { c.metrics_listen = endpoint_of(v); }},
    Setting{"WILDNOUT_METRICS_ALLOW", "CIDRs that may read /metrics beside loopback", "", "",
            Kind::open, "write it like 10.0.0.0/8,fd00::/8",
            [](Configuration& c, Text v) { c.metrics_allow = networks_of(v); }},
    Setting{"WILDNOUT_PUBLIC_URL", "the URL that clients see (http:// and the listener)", "", "",
            Kind::open, "write it like https://api.example.com",
            [](Configuration& c, Text v) { c.public_url = url_of(v); }},
    Setting{"TRUSTED_PROXIES", "CIDRs whose X-Forwarded-For is believed", "", "", Kind::open,
            "write it like 10.0.0.0/8,fd00::/8",
            [](Configuration& c, Text v) { c.trusted_proxies = networks_of(v); }},
    Setting{"CORS_ORIGINS", "origins whose pages may call, written exactly", "", "", Kind::open,
            "list origins like https://app.example.com, with no path",
            [](Configuration& c, Text v) { c.cors_origins = origins_of(v); }},
    Setting{"RATE_LIMITS", "on, observe (only log whom they would stop) or off", "on", "on",
            Kind::open, "use on, observe or off",
            [](Configuration& c, Text v) {
              enum class Mode { on, observe, off };
              const Mode mode = choice_of<Mode>(
                  v, {{"on", Mode::on}, {"observe", Mode::observe}, {"off", Mode::off}});
              c.is_limiting = mode != Mode::off;
              c.rate_limits.is_observing = mode == Mode::observe;
            }},
    Setting{"RATE_LIMITS_ANONYMOUS", "requests a minute of an address", "60", "60", Kind::open,
            rate_fix, [](Configuration& c, Text v) { c.rate_limits.anonymous = rate_limit_of(v); }},
    Setting{"RATE_LIMITS_USER", "requests a minute of a user", "100", "100", Kind::open, rate_fix,
            [](Configuration& c, Text v) { c.rate_limits.user = rate_limit_of(v); }},
    Setting{"RATE_LIMITS_CREATOR", "of a creator", "300", "300", Kind::open, rate_fix,
            [](Configuration& c, Text v) { set_role_limit(c, "creator", v); }},
    Setting{"RATE_LIMITS_MODERATOR", "of a moderator", "600", "600", Kind::open, rate_fix,
            [](Configuration& c, Text v) { set_role_limit(c, "moderator", v); }},
    Setting{"RATE_LIMITS_ADMIN", "of an admin", "600", "600", Kind::open, rate_fix,
            [](Configuration& c, Text v) { set_role_limit(c, "admin", v); }},
    Setting{"RATE_LIMITS_SERVICE", "of a machine with the role service", "6000", "6000", Kind::open,
            rate_fix, [](Configuration& c, Text v) { set_role_limit(c, "service", v); }},
    Setting{"RATE_LIMITS_VOTES", "votes a minute of a user, beside the rest", "120", "120",
            Kind::open, rate_fix,
            [](Configuration& c, Text v) { c.rate_limits.burst = rate_limit_of(v); }},
    Setting{"RATE_LIMITS_HEAVY_COST", "what a search or an upload counts as", "5", "5", Kind::open,
            "give a number of requests",
            [](Configuration& c, Text v) {
              c.rate_limits.heavy_cost = static_cast<std::uint32_t>(number_in(v, 1, max_cost));
            }},
    Setting{"RATE_LIMITS_BAD_CREDENTIALS", "refused credentials of an address within the window",
            "5", "5", Kind::open, "give a number",
            [](Configuration& c, Text v) {
              c.rate_limits.bad_credentials =
                  static_cast<std::uint32_t>(number_in(v, 1, max_bad_credentials));
            }},
    Setting{"RATE_LIMITS_LOCK_WINDOW", "that window", "15m", "15m", Kind::open, "write it like 15m",
            [](Configuration& c, Text v) {
              c.rate_limits.lock_window = std::chrono::ceil<std::chrono::seconds>(duration_of(v));
            }},
    Setting{"WILDNOUT_DATA", "folder of the private parts", "var", "var", Kind::open,
            "name a folder",
            [](Configuration& c, Text v) {
              if (v.empty()) throw BadValue{"a folder"};
              c.data = v;
            }},
    Setting{"WILDNOUT_ROLES", "what this node does: api, realtime, worker", "api,realtime,worker",
            "api,realtime,worker", Kind::open, "list some of api,realtime,worker",
            [](Configuration& c, Text v) { c.roles = roles_of(v); }},
    Setting{"WILDNOUT_THREADS", "threads that serve", "cores", "cores", Kind::open,
            "leave it out to use every core",
            [](Configuration& c, Text v) { c.threads = threads_of(v); }},
    Setting{"WILDNOUT_LOG", "debug, info, warn or error", "info", "info", Kind::open,
            "use debug, info, warn or error",
            [](Configuration& c, Text v) {
              c.log_level = choice_of<log::Level>(v, {{"debug", log::Level::debug},
                                                      {"info", log::Level::info},
                                                      {"warn", log::Level::warn},
                                                      {"error", log::Level::error}});
            }},
    Setting{"WILDNOUT_LOG_FORMAT", "json or text", "json", "text", Kind::open, "use json or text",
            [](Configuration& c, Text v) {
              c.log_format = choice_of<log::Format>(
                  v, {{"json", log::Format::json}, {"text", log::Format::text}});
            }},
    Setting{
        "DATABASE_URL", "PostgreSQL 15", "", "", Kind::secret,
        "write it like postgresql://user:password@host/database",
        [](Configuration& c, Text v) { c.database_url = Secret<std::string>{database_url_of(v)}; }},
    Setting{
        "DATABASE_POOLER", "transaction behind a transaction-mode pooler", "none", "none",
        Kind::open, "use none or transaction",
        [](Configuration& c, Text v) {
          c.has_transaction_pooler = choice_of<bool>(v, {{"none", false}, {"transaction", true}});
        }},
    Setting{"REDIS_URL", "a Redis that nodes share limits by", "", "", Kind::secret,
            "write it like redis://:password@host:6379/0, or rediss:// for TLS",
            [](Configuration& c, Text v) { c.redis_url = Secret<std::string>{redis_url_of(v)}; }},
    Setting{"REDIS_DEADLINE", "how long a request waits for Redis", "50ms", "50ms", Kind::open,
            "write it like 50ms",
            [](Configuration& c, Text v) { c.redis_deadline = duration_of(v); }},
    Setting{"CLERK_ISSUER", "the `iss` of session tokens: Clerk's Frontend API URL", "", "",
            Kind::open, "write it like https://clerk.example.com",
            [](Configuration& c, Text v) { c.clerk.issuer = url_of(v); }},
    Setting{"CLERK_JWKS_URL", "where its keys are (issuer + /.well-known/jwks.json)", "", "",
            Kind::open, "write it like https://clerk.example.com/.well-known/jwks.json",
            [](Configuration& c, Text v) { c.clerk.jwks_url = url_of(v); }},
    Setting{"CLERK_JWKS_FILE", "a file with its keys, instead of the URL", "", "", Kind::open,
            "name a JWKS file that can be read",
            [](Configuration& c, Text v) { c.clerk.jwks_file = v; }},
    Setting{"CLERK_JWT_KEY", "its one public key as PEM, instead of the URL", "", "", Kind::pem,
            pem_fix, [](Configuration& c, Text v) { c.clerk.pem = pem_of(v); }},
    Setting{"CLERK_AUTHORIZED_PARTIES", "origins whose tokens are taken (`azp`)", "", "",
            Kind::open, "list origins like https://example.com",
            [](Configuration& c, Text v) { c.clerk.authorized_parties = parties_of(v); }},
    Setting{"ENCRYPTION_KEYS", "id:64hex,…; the first is used, all are known", "", "", Kind::secret,
            "make one with: echo k1:$(openssl rand -hex 32)",
            [](Configuration& c, Text v) {
              c.encryption_keys = Secret<std::string>{encryption_keys_of(v)};
            }},
    Setting{"CLERK_WEBHOOK_SECRETS",
            "what Clerk's webhooks are signed with; each of several will do", "", "", Kind::secret,
            "copy the endpoint's Signing Secret, like whsec_…",
            [](Configuration& c, Text v) {
              c.clerk.webhook_secrets = Secret<std::vector<std::string>>{webhook_secrets_of(v)};
            }},
    Setting{"CLERK_SECRET_KEY", "of Clerk's Backend API: users are compared once a day", "", "",
            Kind::secret, "copy it from Clerk's API keys, like sk_live_…",
            [](Configuration& c, Text v) { c.clerk.secret_key = Secret<std::string>{v}; }},
    Setting{"CLERK_API_URL", "where that API is, with or without /v1", "https://api.clerk.com/v1",
            "https://api.clerk.com/v1", Kind::open, "write it like https://api.clerk.com/v1",
            [](Configuration& c, Text v) { c.clerk.api_url = api_url_of(v); }},
    Setting{"CLERK_INSTANCE_ID", "the Clerk instance that webhooks must come from", "", "",
            Kind::open, "copy it from a webhook's instance_id, like ins_…",
            [](Configuration& c, Text v) { c.clerk.instance_id = v; }},
    Setting{"ADMIN_USER_IDS", "user ids that are admins from the start", "", "", Kind::open,
            "list user ids, separated by commas",
            [](Configuration& c, Text v) { c.admin_user_ids = list_of(v); }},
    Setting{"WILDNOUT_DEV_ISSUER", "off, loopback or public: who may ask POST /dev/token", "off",
            "loopback", Kind::open, "use off, loopback or public",
            [](Configuration& c, Text v) {
              c.dev_issuer = choice_of<DevIssuer>(v, {{"off", DevIssuer::off},
                                                      {"loopback", DevIssuer::loopback},
                                                      {"public", DevIssuer::everywhere}});
            }},
    Setting{"WILDNOUT_DEMO", "on: demo users, battles and traffic", "off", "off", Kind::open,
            "use on or off", [](Configuration& c, Text v) { c.is_demo = truth_of(v); }},
    Setting{"WILDNOUT_GRACE", "how long a stop may wait for requests to end", "20s", "10s",
            Kind::open, "write it like 20s",
            [](Configuration& c, Text v) { c.grace = duration_of(v); }},
    Setting{"WILDNOUT_SOCKET_REAUTH", "how long a socket lives on one proof of its session", "15m",
            "15m", Kind::open, "write it like 15m",
            [](Configuration& c, Text v) { c.socket_reauth = duration_of(v); }},
    Setting{"WILDNOUT_SOCKETS_PER_ADDRESS", "sockets from one address", "5000", "5000", Kind::open,
            "give a number",
            [](Configuration& c, Text v) {
              c.sockets_per_address = static_cast<std::size_t>(number_in(v, 1, max_sockets));
            }},
    Setting{"WILDNOUT_SOCKETS_PER_USER", "sockets of one user", "20", "20", Kind::open,
            "give a number",
            [](Configuration& c, Text v) {
              c.sockets_per_user = static_cast<std::size_t>(number_in(v, 1, max_sockets));
            }},
    Setting{"WILDNOUT_MIN_PHASE", "the shortest phase of a battle", "60s", "1s", Kind::open,
            "write it like 60s", [](Configuration& c, Text v) { c.min_phase = duration_of(v); }},
    Setting{"WILDNOUT_DETECTORS", "detectors of organised voting that may run: all, none or some",
            "all", "all", Kind::open,
            "list some of burst,youngAccounts,sharedNetwork,ring,identicalTiming",
            [](Configuration& c, Text v) { c.detectors = detectors_of(v); }},
    Setting{"WILDNOUT_FAIR_PLAY", "rules.fairPlay of battles that leave it out", "void", "off",
            Kind::open, "use off, observe or void",
            [](Configuration& c, Text v) {
              c.battle_rules.fair_play =
                  choice_of<battles::FairPlay>(v, {{"off", battles::FairPlay::off},
                                                   {"observe", battles::FairPlay::observe},
                                                   {"void", battles::FairPlay::void_}});
            }},
    Setting{"WILDNOUT_INTEGRITY_MINUTES", "rules.integrityMinutes of battles that leave it out",
            "10", "0", Kind::open, "give a number of minutes",
            [](Configuration& c, Text v) {
              c.battle_rules.integrity_minutes =
                  static_cast<std::int32_t>(number_in(v, 0, max_integrity_minutes));
            }},
};

}  // namespace

std::span<const Setting> settings() {
  static const std::vector<Setting> joined = [] {
    std::vector<Setting> all{all_settings.begin(), all_settings.end()};
    const auto more = anomaly_settings();
    all.insert(all.end(), more.begin(), more.end());
    return all;
  }();
  return joined;
}

std::string short_name(std::string_view setting, char separator) {
  constexpr std::string_view prefix = "WILDNOUT_";
  if (setting.starts_with(prefix)) setting.remove_prefix(prefix.size());
  std::string name;
  for (const char c : setting) name += c == '_' ? separator : static_cast<char>(c | 0x20);
  return name;
}

}  // namespace wildnout::app
