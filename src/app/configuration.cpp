// Loading: each setting from its strongest source, then the rules between settings.
#include "app/configuration.hpp"

#include <unistd.h>

#include <algorithm>
#include <boost/asio/ip/address.hpp>
#include <boost/url/parse.hpp>
#include <fstream>
#include <sstream>

#include "app/configuration_file.hpp"
#include "app/configuration_settings.hpp"
#include "platform/crypto/jwks.hpp"

namespace wildnout::app {
namespace {

constexpr std::chrono::seconds production_min_phase{60};
constexpr std::size_t max_secret_bytes = 64 * 1024;

std::string trimmed_end(std::string text) {
  while (!text.empty() && (text.back() == '\n' || text.back() == '\r')) text.pop_back();
  return text;
}

std::optional<std::string> read_whole(const std::filesystem::path& path) {
  std::ifstream stream{path};
  std::string text(max_secret_bytes, '\0');
  stream.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (stream.bad() || stream.gcount() == 0) return std::nullopt;
  text.resize(static_cast<std::size_t>(stream.gcount()));
  return text;
}

// Whether the URL is https, or http to this machine itself.
bool is_safe_url(std::string_view url) {
  const auto parsed = boost::urls::parse_absolute_uri(url);
  if (!parsed) return false;
  if (parsed->scheme() == "https") return true;
  const std::string host = parsed->host_address();
  if (host == "localhost") return true;
  boost::system::error_code error;
  const auto address = boost::asio::ip::make_address(host, error);
  return !error && address.is_loopback();
}

struct Found {
  std::string value;
  std::string origin;
};

class Loader {
 public:
  Loader(const Sources& sources, Purpose purpose) : sources_{sources}, purpose_{purpose} {}

  Configuration load() {
    read_file();
    refuse_unknown();
    for (const Setting& setting : settings()) take(setting);
    derive();
    // With the environment in doubt, its rules would tell of faults that are none.
    if (!is_at_fault("WILDNOUT_ENV")) check_rules();
    if (!faults_.empty()) throw ConfigurationError{std::move(faults_)};
    return std::move(configuration_);
  }

 private:
  void read_file() {
    std::filesystem::path path = sources_.file;
    bool is_named = true;
    if (const auto flag = sources_.flags.find("config"); flag != sources_.flags.end()) {
      path = flag->second;
    } else if (const auto* named = in_environment("WILDNOUT_CONFIG")) {
      path = *named;
    } else {
      is_named = false;
    }
    std::error_code error;
    if (!is_named && !std::filesystem::exists(path, error)) return;
    file_ = read_configuration_file(path, faults_);
  }

  // A flag or a line of the file that nothing reads is a slip of the pen. An unknown variable may
  // be anybody's (container platforms add WILDNOUT_PORT and its like): only a warning.
  void refuse_unknown() {
    for (const auto& [name, value] : sources_.flags) {
      if (name != "config" && !is_known(name, '-', false)) {
        add_fault(name, "--" + name, "is no setting", "see wildnout config for every key");
      }
    }
    for (const auto& [name, found] : file_) {
      if (!is_known(name, '_', true)) {
        add_fault(name, found.origin, "is no setting", "see wildnout config for every key");
      }
    }
    for (const auto& [name, value] : sources_.environment) {
      if (name.starts_with("WILDNOUT_") && name != "WILDNOUT_CONFIG" &&
          std::ranges::find(settings(), name, &Setting::name) == settings().end()) {
        configuration_.warnings.push_back("the environment variable " + name + " is no setting");
      }
    }
  }

  static bool is_known(std::string_view name, char separator, bool is_file) {
    return std::ranges::any_of(settings(), [&](const Setting& setting) {
      const std::string known = short_name(setting.name, separator);
      if (!is_file) return setting.kind != Kind::secret && name == known;
      return name == known || (setting.kind != Kind::open && name == known + "_file");
    });
  }

  const std::string* in_environment(const std::string& name) const {
    const auto found = sources_.environment.find(name);
    if (found == sources_.environment.end() || found->second.empty()) return nullptr;
    return &found->second;
  }

  // The strongest source that has the setting.
  std::optional<Found> find(const Setting& setting) {
    const std::string name{setting.name};
    const std::string flag = short_name(name, '-');
    if (const auto found = sources_.flags.find(flag); found != sources_.flags.end()) {
      return Found{found->second, "--" + flag};
    }
    const std::string* plain = in_environment(name);
    if (setting.kind != Kind::open) {
      if (const std::string* path = in_environment(name + "_FILE")) {
        if (plain != nullptr) {
          add_fault(name, "environment", "is set twice, also as " + name + "_FILE",
                    "unset one of the two");
          return std::nullopt;
        }
        return from_file(setting, *path, name + "_FILE in the environment");
      }
    }
    if (plain != nullptr) return Found{*plain, "environment"};
    const std::string key = short_name(name, '_');
    if (const auto found = file_.find(key + "_file");
        setting.kind != Kind::open && found != file_.end()) {
      return from_file(setting, found->second.value, found->second.origin);
    }
    if (const auto found = file_.find(key); found != file_.end()) {
      return Found{found->second.value, found->second.origin};
    }
    const std::string_view fallback =
        configuration_.is_development() ? setting.development_fallback : setting.fallback;
    if (fallback.empty()) return std::nullopt;
    return Found{std::string{fallback}, "default"};
  }

  std::optional<Found> from_file(const Setting& setting, const std::string& path,
                                 std::string origin) {
    auto text = read_whole(path);
    if (!text) {
      add_fault(std::string{setting.name}, std::move(origin),
                "the file " + path + " cannot be read or is empty",
                "name a file that this user may read");
      return std::nullopt;
    }
    return Found{trimmed_end(std::move(*text)), std::move(origin)};
  }

  void take(const Setting& setting) {
    const std::string name{setting.name};
    const auto found = find(setting);
    origins_[name] = found ? found->origin : "";
    if (found) {
      try {
        setting.take(configuration_, found->value);
      } catch (const BadValue& bad) {
        std::string problem = std::string{"must be "} + bad.what();
        if (setting.kind == Kind::open) problem += ", not \"" + found->value + '"';
        add_fault(name, found->origin, std::move(problem), std::string{setting.fix});
      }
    }
    std::string shown = found ? found->value : "";
    if (setting.kind == Kind::secret && found) shown = "(secret)";
    if (setting.kind == Kind::pem && found) shown = "(a public key)";
    configuration_.in_force.push_back({name, shown, found ? found->origin : "unset"});
  }

  // Values that follow from others.
  void derive() {
    if (configuration_.public_url.empty()) {
      std::ostringstream url;
      url << "http://" << configuration_.listen;
      configuration_.public_url = url.str();
      show("WILDNOUT_PUBLIC_URL", url.str());
    }
    Clerk& clerk = configuration_.clerk;
    if (!clerk.issuer.empty() && clerk.jwks_url.empty() && clerk.jwks_file.empty() &&
        clerk.pem.empty()) {
      clerk.jwks_url = clerk.issuer + "/.well-known/jwks.json";
      show("CLERK_JWKS_URL", clerk.jwks_url);
    }
  }

  void show(std::string_view key, std::string value) {
    const auto at = std::ranges::find(configuration_.in_force, key, &SettingInForce::key);
    at->value = std::move(value);
    at->origin = "derived";
  }

  void check_rules() {
    check_database();
    check_clerk();
    if (!configuration_.is_development()) check_production();
  }

  void check_database() {
    if (purpose_ == Purpose::inspect || !configuration_.database_url.reveal().empty()) return;
    add_fault("DATABASE_URL", "unset", "is needed",
              "set it to a PostgreSQL 15 (./run starts a private one), or name a file with it in "
              "DATABASE_URL_FILE");
  }

  void check_clerk() {
    const Clerk& clerk = configuration_.clerk;
    const int sources = !clerk.jwks_url.empty() + !clerk.jwks_file.empty() + !clerk.pem.empty();
    if (sources > 1) {
      add_fault("CLERK_JWKS_URL, CLERK_JWKS_FILE, CLERK_JWT_KEY", "", "only one may be set",
                "keep the one that keys shall come from");
    }
    if (sources > 0 && clerk.issuer.empty()) {
      add_fault("CLERK_ISSUER", "unset", "is needed beside a source of keys",
                "set it to the `iss` of your tokens, like https://clerk.example.com");
    }
    check_jwks_file(clerk.jwks_file);
    const bool has_issuer = !clerk.issuer.empty() || configuration_.dev_issuer != DevIssuer::off;
    if (purpose_ == Purpose::serve && configuration_.is_development() && !has_issuer) {
      add_fault("CLERK_ISSUER", "unset", "is needed while WILDNOUT_DEV_ISSUER is off",
                "set it, or set WILDNOUT_DEV_ISSUER=loopback");
    }
  }

  void check_jwks_file(const std::filesystem::path& path) {
    if (path.empty()) return;
    const auto text = read_whole(path);
    std::string problem;
    try {
      if (!text) problem = "the file " + path.string() + " cannot be read or is empty";
      if (text && crypto::parse_jwks(*text).keys.empty()) {
        problem = "holds no RSA key of 2048 bits or more for RS256";
      }
    } catch (const crypto::KeyFault& fault) {
      problem = fault.what();
    }
    if (problem.empty()) return;
    add_fault("CLERK_JWKS_FILE", origins_["CLERK_JWKS_FILE"], std::move(problem),
              "save Clerk's /.well-known/jwks.json there");
  }

  void check_production() {
    const Configuration& c = configuration_;
    if (purpose_ == Purpose::serve && c.clerk.issuer.empty()) {
      add_fault("CLERK_ISSUER", "unset", "is needed in production",
                "set it to your Clerk Frontend API URL, like https://clerk.example.com");
    }
    if (c.dev_issuer != DevIssuer::off) {
      add_fault("WILDNOUT_DEV_ISSUER", origins_["WILDNOUT_DEV_ISSUER"], "must be off in production",
                "unset it, or set WILDNOUT_ENV=development");
    }
    if (c.is_demo) {
      add_fault("WILDNOUT_DEMO", origins_["WILDNOUT_DEMO"], "must be off in production",
                "unset it, or set WILDNOUT_ENV=development");
    }
    if (c.min_phase < production_min_phase) {
      add_fault("WILDNOUT_MIN_PHASE", origins_["WILDNOUT_MIN_PHASE"],
                "must be at least 60s in production", "unset it");
    }
    if (!c.is_limiting) {
      add_fault("RATE_LIMITS", origins_["RATE_LIMITS"], "must not be off in production",
                "use on, or observe to see whom they would stop");
    }
    check_https("CLERK_ISSUER", c.clerk.issuer);
    check_https("CLERK_JWKS_URL", c.clerk.jwks_url);
    if (!c.clerk.secret_key.reveal().empty()) check_https("CLERK_API_URL", c.clerk.api_url);
    if (!origins_["WILDNOUT_PUBLIC_URL"].empty()) check_https("WILDNOUT_PUBLIC_URL", c.public_url);
    if (c.encryption_keys.reveal().empty()) {
      configuration_.warnings.push_back(
          "ENCRYPTION_KEYS is unset: a key of this machine's own is used, and other nodes need the "
          "same");
    }
    if (!c.clerk.issuer.empty() && c.clerk.authorized_parties.empty()) {
      configuration_.warnings.push_back(
          "CLERK_AUTHORIZED_PARTIES is unset: tokens made for any origin are taken");
    }
  }

  void check_https(const std::string& key, const std::string& url) {
    if (url.empty() || is_safe_url(url)) return;
    add_fault(key, origins_[key], "must be https in production, not \"" + url + '"',
              "use an https URL (http is taken for loopback alone)");
  }

  bool is_at_fault(std::string_view key) const {
    return std::ranges::find(faults_, key, &ConfigurationFault::key) != faults_.end();
  }

  // One fault a key: what follows from the first would only hide it.
  void add_fault(std::string key, std::string origin, std::string problem, std::string fix) {
    if (is_at_fault(key)) return;
    faults_.push_back({std::move(key), std::move(origin), std::move(problem), std::move(fix)});
  }

  const Sources& sources_;
  Purpose purpose_;
  Configuration configuration_;
  std::map<std::string, FileSetting, std::less<>> file_;
  std::map<std::string, std::string> origins_;
  std::vector<ConfigurationFault> faults_;
};

}  // namespace

Sources Sources::of_process(std::map<std::string, std::string> flags) {
  Sources sources;
  sources.flags = std::move(flags);
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string_view text{*entry};
    const std::size_t equals = text.find('=');
    if (equals == std::string_view::npos) continue;
    sources.environment.emplace(text.substr(0, equals), text.substr(equals + 1));
  }
  return sources;
}

std::vector<Flag> configuration_flags() {
  std::vector<Flag> flags{{"config", "file to read settings from (wildnout.toml)"}};
  for (const Setting& setting : settings()) {
    if (setting.kind == Kind::secret) continue;
    flags.push_back({short_name(setting.name, '-'), std::string{setting.meaning}});
  }
  return flags;
}

std::string Configuration::describe() const {
  std::size_t key_width = 0;
  std::size_t value_width = 0;
  for (const SettingInForce& line : in_force) {
    key_width = std::max(key_width, line.key.size());
    value_width = std::max(value_width, line.value.size());
  }
  std::string text;
  for (const SettingInForce& line : in_force) {
    text += line.key + std::string(key_width - line.key.size() + 2, ' ') + line.value +
            std::string(value_width - line.value.size() + 2, ' ') + line.origin + '\n';
  }
  return text;
}

ConfigurationError::ConfigurationError(std::vector<ConfigurationFault> faults)
    : faults_{std::move(faults)} {
  text_ = "The configuration has " + std::to_string(faults_.size()) +
          (faults_.size() == 1 ? " fault:\n" : " faults:\n");
  for (const ConfigurationFault& fault : faults_) {
    text_ += "  " + fault.key + (fault.origin.empty() ? "" : " (" + fault.origin + ")") + ' ' +
             fault.problem + "\n    to mend it: " + fault.fix + '\n';
  }
}

Configuration load(const Sources& sources, Purpose purpose) {
  return Loader{sources, purpose}.load();
}

}  // namespace wildnout::app
