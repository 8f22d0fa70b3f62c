// A storm of tokens with made-up key ids does not become a storm on the issuer.
#include <array>
#include <atomic>
#include <future>
#include <map>

#include "identity/fixture.hpp"
#include "platform/crypto/digest.hpp"
#include "platform/values/random.hpp"

namespace wildnout::identity {
namespace {

constexpr int tasks = 100;
constexpr int tokens_a_task = 1000;

struct NoArchive final : KeyArchive {
  Task<std::optional<Kept>> find(std::string) override { co_return std::nullopt; }
  Task<> keep(std::string, std::string) override { co_return; }
};

std::string token_with_random_key_id() {
  std::array<std::uint8_t, 16> id;
  random_bytes(id);
  const std::string header = R"({"alg":"RS256","kid":"ins_)" + crypto::hex(id) + R"("})";
  return crypto::base64url(header) + '.' + crypto::base64url(std::string_view{"{}"}) + ".AAAA";
}

// Everything of one shard that tells who calls, with a key source that counts its reads.
class Storm {
 public:
  Storm()
      : store_{shards_, 0, sources(), {}},
        database_{shards_[0].executor(), {.url = testing::database_url()}},
        settings_{test::clerk_settings()},
        service_{database_, settings_, nullptr, facts_, trail_},
        book_{shards_, 0, books_, database_, standing_, test::shared_vault(), trail_},
        authenticator_{{store_, csrf_, standing_}, 0, service_, book_} {
    shards_.start();
    async::spawn(shards_[0].executor(), "keys", run());
  }
  ~Storm() {
    shards_.post(0, [this] { store_.stop(); });
    ended_.get_future().wait();
    shards_.stop();
  }

  void begin() {
    for (int i = 0; i < tasks; ++i) async::spawn(shards_[0].executor(), "storm", send_many());
  }
  void await() { sent_.get_future().wait(); }
  [[nodiscard]] int reads() const { return reads_; }
  [[nodiscard]] int refused() const { return refused_; }

 private:
  std::vector<KeyStore::Source> sources() {
    return {{{std::string{test::clerk_issuer}, {}, false},
             KeyStore::Read{[this](http::Client&) { return read(); }}}};
  }
  Task<std::string> read() {
    ++reads_;
    co_return R"({"keys":[)" + crypto::jwk_of(test::clerk_key().public_key(), "ins_test") + "]}";
  }
  Task<> run() {
    http::Client client{shards_[0].executor()};
    NoArchive archive;
    co_await store_.run(client, archive);
    ended_.set_value();
  }
  Task<> send_many() {
    for (int i = 0; i < tokens_a_task; ++i) {
      test::Request request;
      request.headers["authorization"] = "Bearer " + token_with_random_key_id();
      try {
        (void)co_await authenticator_.authenticate(request);
      } catch (const api::Refused& refused) {
        if (refused.refusal().status == 401) ++refused_;
      }
    }
    if (++done_ == tasks) sent_.set_value();
  }

  std::atomic<int> reads_{0};
  std::atomic<int> refused_{0};
  int done_ = 0;
  std::promise<void> ended_;
  std::promise<void> sent_;
  async::Shards shards_{1};
  KeyStore store_;
  db::Database database_;
  Settings settings_;
  test::Facts facts_;
  CsrfTokens csrf_{"a key"};
  Standing standing_{shards_, 0, [](UserId, std::string) {}};
  SessionBooks books_ = SessionBooks(1);
  audit::Trail trail_ = audit::Trail::with_random_key();
  Service service_;
  SessionBook book_;
  Authenticator authenticator_;
};

TEST(KeyStorm, AHundredThousandUnknownKeyIdsCauseOneReadInHalfAMinute) {
  const auto from = std::chrono::steady_clock::now();
  Storm storm;
  storm.begin();
  storm.await();
  const auto taken = std::chrono::steady_clock::now() - from;
  EXPECT_EQ(storm.refused(), tasks * tokens_a_task);
  // The one at the start, one for the storm, and one more for each further half minute of it.
  EXPECT_LE(storm.reads(), 2 + taken / KeyTimes{}.refetch_gap);
  EXPECT_GE(storm.reads(), 1);
}

}  // namespace
}  // namespace wildnout::identity
