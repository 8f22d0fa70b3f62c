// Where settings come from, which win, and which faults are told.
#include "app/configuration.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>

#include "platform/crypto/digest.hpp"
#include "platform/crypto/jwks.hpp"

namespace wildnout::app {
namespace {

using namespace std::chrono_literals;

// A folder of files that go away with the test.
class Folder {
 public:
  Folder() {
    std::string name = (std::filesystem::temp_directory_path() / "configuration.XXXXXX").string();
    path_ = mkdtemp(name.data());
  }
  ~Folder() { std::filesystem::remove_all(path_); }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;

  std::string write(const std::string& name, const std::string& text) const {
    std::ofstream{path_ / name} << text;
    return path_ / name;
  }

 private:
  std::filesystem::path path_;
};

Sources development() {
  Sources sources;
  sources.file = "/nonexistent/wildnout.toml";
  sources.environment = {{"WILDNOUT_ENV", "development"},
                         {"DATABASE_URL", "postgresql://app:hunter2@db/app"}};
  return sources;
}

Sources production() {
  Sources sources = development();
  sources.environment["WILDNOUT_ENV"] = "production";
  sources.environment["CLERK_ISSUER"] = "https://clerk.example.com";
  return sources;
}

std::vector<ConfigurationFault> faults_of(const Sources& sources,
                                          Purpose purpose = Purpose::serve) {
  try {
    (void)load(sources, purpose);
  } catch (const ConfigurationError& error) {
    return error.faults();
  }
  return {};
}

// The keys at fault, joined by spaces.
std::string keys_at_fault(const Sources& sources, Purpose purpose = Purpose::serve) {
  std::string keys;
  for (const auto& fault : faults_of(sources, purpose)) {
    keys += (keys.empty() ? "" : " ") + fault.key;
  }
  return keys;
}

TEST(Configuration, HasTheDefaultsOfTheContract) {
  const Configuration c = load(development());
  EXPECT_TRUE(c.is_development());
  EXPECT_EQ(c.listen.port(), 8080);
  EXPECT_TRUE(c.listen.address().is_loopback());
  EXPECT_EQ(c.public_url, "http://127.0.0.1:8080");
  EXPECT_EQ(c.data, "var");
  EXPECT_TRUE(c.roles.api && c.roles.realtime && c.roles.worker);
  EXPECT_EQ(c.dev_issuer, DevIssuer::loopback);
  EXPECT_EQ(c.grace, 10s);
  EXPECT_EQ(c.socket_reauth, 15min);
  EXPECT_EQ(c.min_phase, 1s);
  EXPECT_EQ(c.sockets_per_address, 5000U);
  EXPECT_GE(c.threads, 1U);
  EXPECT_FALSE(c.has_transaction_pooler);
}

TEST(Configuration, ProductionIsTheDefaultAndStricter) {
  Sources sources = production();
  sources.environment.erase("WILDNOUT_ENV");
  const Configuration c = load(sources);
  EXPECT_FALSE(c.is_development());
  EXPECT_EQ(c.dev_issuer, DevIssuer::off);
  EXPECT_EQ(c.grace, 20s);
  EXPECT_EQ(c.min_phase, 60s);
  EXPECT_EQ(c.clerk.jwks_url, "https://clerk.example.com/.well-known/jwks.json");
}

TEST(Configuration, FlagsBeatTheEnvironmentWhichBeatsTheFile) {
  const Folder folder;
  Sources sources = development();
  sources.file =
      folder.write("wildnout.toml",
                   "listen = \"127.0.0.1:1\"\nthreads = 3\n"
                   "[clerk]\nissuer = \"https://a.example\"\n"
                   "authorized_parties = [\"https://b.example\", \"https://c.example\"]\n"
                   "[socket]\nreauth = \"2m\"\n");
  sources.environment["WILDNOUT_LISTEN"] = "127.0.0.1:2";
  sources.environment["WILDNOUT_SOCKET_REAUTH"] = "3m";
  sources.flags["listen"] = "127.0.0.1:3";
  const Configuration c = load(sources);
  EXPECT_EQ(c.listen.port(), 3);
  EXPECT_EQ(c.socket_reauth, 3min);
  EXPECT_EQ(c.threads, 3U);
  EXPECT_EQ(c.clerk.issuer, "https://a.example");
  EXPECT_EQ(c.clerk.authorized_parties.size(), 2U);
  const std::string text = c.describe();
  EXPECT_NE(text.find("--listen"), std::string::npos);
  EXPECT_NE(text.find("wildnout.toml:2"), std::string::npos);
  EXPECT_NE(text.find("environment"), std::string::npos);
  EXPECT_NE(text.find("default"), std::string::npos);
}

TEST(Configuration, TellsEveryFaultAtOnceWithKeyOriginAndFix) {
  const Folder folder;
  Sources sources = development();
  sources.file = folder.write("wildnout.toml", "log = \"loud\"\nlisten_to = 3\ndata = 1.5\n");
  sources.environment["WILDNOUT_LISTEN"] = "8080";
  sources.environment["WILDNOUT_METRICS_ALLOW"] = "10.0.0.0/8,here";
  sources.flags["threads"] = "many";
  sources.flags["colour"] = "red";
  sources.environment.erase("DATABASE_URL");
  const auto faults = faults_of(sources);
  EXPECT_EQ(faults.size(), 8U);
  for (const auto& fault : faults) {
    EXPECT_FALSE(fault.key.empty() || fault.origin.empty() || fault.problem.empty() ||
                 fault.fix.empty())
        << fault.key;
  }
  const auto log = std::ranges::find(faults, "WILDNOUT_LOG", &ConfigurationFault::key);
  ASSERT_NE(log, faults.end());
  EXPECT_EQ(log->origin, "wildnout.toml:1");
  EXPECT_EQ(log->problem, "must be one of debug, info, warn, error, not \"loud\"");
}

TEST(Configuration, NeverShowsASecret) {
  Sources sources = development();
  EXPECT_EQ(load(sources).describe().find("hunter2"), std::string::npos);
  EXPECT_NE(load(sources).describe().find("(secret)"), std::string::npos);
  sources.environment["DATABASE_URL"] = "hunter2";
  try {
    (void)load(sources);
    ADD_FAILURE() << "taken";
  } catch (const ConfigurationError& error) {
    EXPECT_EQ(std::string{error.what()}.find("hunter2"), std::string::npos);
  }
  sources.flags["database-url"] = "postgresql://b";  // command lines can be read by others
  EXPECT_NE(keys_at_fault(sources).find("database-url"), std::string::npos);
}

TEST(Configuration, ReadsASecretFromTheFileThatIsNamed) {
  const Folder folder;
  Sources sources = development();
  sources.environment.erase("DATABASE_URL");
  EXPECT_EQ(keys_at_fault(sources), "DATABASE_URL");
  sources.environment["DATABASE_URL_FILE"] = folder.write("url", "postgresql://db/app\n");
  EXPECT_EQ(load(sources).database_url.reveal(), "postgresql://db/app");
  sources.environment["DATABASE_URL"] = "postgresql://db/app";
  EXPECT_EQ(keys_at_fault(sources).substr(0, 12), "DATABASE_URL");
  sources.environment.erase("DATABASE_URL");
  sources.environment["DATABASE_URL_FILE"] = "/nonexistent/url";
  EXPECT_NE(keys_at_fault(sources), "");
  sources.environment.erase("DATABASE_URL_FILE");
  sources.file = folder.write("wildnout.toml",
                              "database_url_file = \"" + folder.write("url", "host=db") + "\"\n");
  EXPECT_EQ(load(sources).database_url.reveal(), "host=db");
}

TEST(Configuration, TakesARedisOrNoneAndNeverShowsItsPassword) {
  EXPECT_EQ(load(development()).redis_url.reveal(), "");
  EXPECT_EQ(load(development()).redis_deadline, 50ms);
  const Folder folder;
  Sources sources = development();
  sources.environment["REDIS_URL_FILE"] = folder.write("url", "rediss://:canary@cache/1\n");
  const Configuration c = load(sources);
  EXPECT_EQ(c.redis_url.reveal(), "rediss://:canary@cache/1");
  EXPECT_EQ(c.describe().find("canary"), std::string::npos);
  sources.environment.erase("REDIS_URL_FILE");
  sources.environment["REDIS_URL"] = "http://:canary@cache";
  EXPECT_EQ(keys_at_fault(sources), "REDIS_URL");
  EXPECT_EQ(faults_of(sources, Purpose::serve)[0].problem.find("canary"), std::string::npos);
}

TEST(Configuration, ANamedFileMustBeThere) {
  Sources sources = development();
  sources.flags["config"] = "/nonexistent/other.toml";
  EXPECT_EQ(keys_at_fault(sources), "config");
  const Folder folder;
  sources.flags["config"] = folder.write("other.toml", "listen = \n");
  EXPECT_EQ(faults_of(sources).at(0).origin, "other.toml:1");
}

TEST(Configuration, AnUnknownVariableIsAWarningAlone) {
  Sources sources = development();
  sources.environment["WILDNOUT_PORT"] = "tcp://10.0.0.1:80";
  EXPECT_EQ(load(sources).warnings.size(), 1U);
}

TEST(Configuration, InspectingNeedsNeitherDatabaseNorKeys) {
  Sources sources;
  sources.file = "/nonexistent/wildnout.toml";
  EXPECT_EQ(keys_at_fault(sources, Purpose::inspect), "");
  EXPECT_EQ(keys_at_fault(sources, Purpose::database), "DATABASE_URL");
  EXPECT_EQ(keys_at_fault(sources, Purpose::serve), "DATABASE_URL CLERK_ISSUER");
}

TEST(Configuration, ProductionRefusesWhatIsForDevelopment) {
  Sources sources = production();
  sources.environment["WILDNOUT_DEV_ISSUER"] = "loopback";
  sources.environment["WILDNOUT_DEMO"] = "on";
  sources.environment["WILDNOUT_MIN_PHASE"] = "3s";
  EXPECT_EQ(keys_at_fault(sources), "WILDNOUT_DEV_ISSUER WILDNOUT_DEMO WILDNOUT_MIN_PHASE");
  sources.environment["WILDNOUT_ENV"] = "development";
  EXPECT_EQ(keys_at_fault(sources), "");
}

TEST(Configuration, ProductionWantsHttpsButForLoopback) {
  Sources sources = production();
  sources.environment["CLERK_ISSUER"] = "http://clerk.example.com";
  sources.environment["WILDNOUT_PUBLIC_URL"] = "http://api.example.com";
  EXPECT_EQ(keys_at_fault(sources), "CLERK_ISSUER CLERK_JWKS_URL WILDNOUT_PUBLIC_URL");
  sources.environment["CLERK_ISSUER"] = "http://127.0.0.1:4000/";
  sources.environment["WILDNOUT_PUBLIC_URL"] = "https://api.example.com";
  EXPECT_EQ(load(sources).clerk.issuer, "http://127.0.0.1:4000");
}

TEST(Configuration, TakesOneSourceOfKeysBesideItsIssuer) {
  const Folder folder;
  const crypto::PublicKey key = crypto::SigningKey::make().public_key();
  Sources sources = development();
  sources.environment["CLERK_JWKS_FILE"] =
      folder.write("jwks.json", R"({"keys":[)" + crypto::jwk_of(key, "a") + "]}");
  EXPECT_EQ(keys_at_fault(sources), "CLERK_ISSUER");
  sources.environment["CLERK_ISSUER"] = "https://clerk.example.com";
  EXPECT_TRUE(load(sources).clerk.jwks_url.empty());
  sources.environment["CLERK_JWKS_URL"] = "https://clerk.example.com/jwks";
  EXPECT_NE(keys_at_fault(sources).find("only"), 0U);
  EXPECT_EQ(faults_of(sources).size(), 1U);
  sources.environment.erase("CLERK_JWKS_URL");
  sources.environment["CLERK_JWKS_FILE"] = folder.write("jwks.json", R"({"keys":[]})");
  EXPECT_EQ(keys_at_fault(sources), "CLERK_JWKS_FILE");
  sources.environment.erase("CLERK_JWKS_FILE");
  sources.environment["CLERK_JWT_KEY"] = "nonsense";
  EXPECT_EQ(keys_at_fault(sources), "CLERK_JWT_KEY");
}

TEST(Configuration, DevelopmentWithNoIssuerAtAllIsAFault) {
  Sources sources = development();
  sources.environment["WILDNOUT_DEV_ISSUER"] = "off";
  EXPECT_EQ(keys_at_fault(sources), "CLERK_ISSUER");
}

TEST(Configuration, NetworksHoldTheAddressesOfTheirRange) {
  const auto in = [](const char* network, const char* address) {
    return Network::parse(network)->contains(boost::asio::ip::make_address(address));
  };
  EXPECT_TRUE(in("10.0.0.0/8", "10.200.3.4"));
  EXPECT_FALSE(in("10.0.0.0/8", "11.0.0.1"));
  EXPECT_TRUE(in("192.0.2.128/25", "192.0.2.129"));
  EXPECT_FALSE(in("192.0.2.128/25", "192.0.2.127"));
  EXPECT_TRUE(in("fd00::/8", "fd12::1"));
  EXPECT_TRUE(in("10.0.0.1", "::ffff:10.0.0.1"));
  EXPECT_FALSE(Network::parse("10.0.0.0/33"));
  EXPECT_FALSE(Network::parse("10.0.0.0/"));
}

TEST(Configuration, EverySettingButSecretsHasAFlag) {
  const auto flags = configuration_flags();
  EXPECT_TRUE(std::ranges::find(flags, "public-url", &Flag::name) != flags.end());
  EXPECT_TRUE(std::ranges::find(flags, "grace", &Flag::name) != flags.end());
  EXPECT_TRUE(std::ranges::find(flags, "database-url", &Flag::name) == flags.end());
}

}  // namespace
}  // namespace wildnout::app
