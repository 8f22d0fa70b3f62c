// TLS to a real Redis: whose certificate is believed.
#include <gtest/gtest.h>

#include <cstdlib>
#include <random>

#include "platform/redis/client.hpp"
#include "support/redis.hpp"
#include "support/run.hpp"

namespace wildnout::redis {
namespace {

using namespace std::chrono_literals;

constexpr auto patience = 10s;
constexpr int most_tries = 20;

// A key and a certificate for `localhost` that signs itself, in a folder.
void make_certificate(const std::string& folder) {
  const std::string command =
      "openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost"
      " -addext subjectAltName=DNS:localhost -keyout " +
      folder + "/key.pem -out " + folder + "/cert.pem 2>/dev/null";
  ASSERT_EQ(std::system(command.c_str()), 0);
}

class TlsServer {
 public:
  // Some free port: where one is taken redis-server ends, and another is tried.
  TlsServer() {
    make_certificate(files_.folder());
    std::random_device random;
    for (int tries = 0; tries < most_tries && !server_; ++tries) {
      port_ = std::to_string(20'000 + random() % 12'000);
      try {
        server_.emplace(std::vector<std::string>{
            "--tls-port", port_, "--bind", "127.0.0.1", "--tls-cert-file", certificate(),
            "--tls-key-file", files_.folder() + "/key.pem", "--tls-auth-clients", "no"});
      } catch (const std::runtime_error&) {
        continue;
      }
    }
  }

  [[nodiscard]] std::string certificate() const { return files_.folder() + "/cert.pem"; }
  [[nodiscard]] std::string url(const std::string& host) const {
    return "rediss://" + host + ':' + port_ + "/?cacert=" + certificate();
  }
  [[nodiscard]] std::string url_without_authority() const { return "rediss://localhost:" + port_; }

 private:
  testing::RedisServer files_;  // for its folder
  std::optional<testing::RedisServer> server_;
  std::string port_;
};

// What a PING over a URL comes to, once connected or after three failed attempts.
Fault ping(const std::string& url) {
  testing::Loop loop;
  Settings settings;
  settings.target = parse_url(url);
  settings.shortest_pause = 5ms;
  settings.probe_limit = patience;
  Client client{loop.executor(), settings};
  bool has_ended = false;
  boost::asio::co_spawn(loop.executor(), client.run(),
                        [&](std::exception_ptr) { has_ended = true; });
  const Outcome outcome = loop.run([&]() -> Task<Outcome> {
    for (int tries = 0; tries < most_tries && !client.is_ready(); ++tries) {
      co_await async::sleep_for(50ms);
    }
    co_return co_await client.ask(Command{"PING"}, patience);
  });
  client.stop();
  loop.turn_until([&] { return has_ended; });
  return outcome.fault;
}

TEST(RedisTls, BelievesTheAuthorityThatIsNamedForTheNameThatIsAskedFor) {
  const TlsServer server;
  EXPECT_EQ(ping(server.url("localhost")), Fault::none);
  EXPECT_EQ(ping(server.url("127.0.0.1")), Fault::away);
  EXPECT_EQ(ping(server.url_without_authority()), Fault::away);
}

}  // namespace
}  // namespace wildnout::redis
