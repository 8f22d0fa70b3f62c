// How keys are read, kept and handed to the shards.
#include "identity/keys.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <map>

#include "platform/http/client.hpp"

namespace wildnout::identity {
namespace {

using std::chrono::milliseconds;
using Clock = std::chrono::steady_clock;

// What has not come by then will not come.
constexpr std::chrono::seconds patience{30};

// Any RSA key will do; making one takes a while.
const crypto::PublicKey& key() {
  static const crypto::PublicKey made = crypto::SigningKey::make().public_key();
  return made;
}

std::string set_of(std::string_view id) {
  return R"({"keys":[)" + crypto::jwk_of(key(), id) + "]}";
}

// A source that the test turns on and off. Read on the home shard, set by the test's thread.
struct Endpoint {
  std::atomic<int> reads{0};
  std::atomic<bool> is_up{true};
  std::atomic<bool> is_rotated{false};

  Task<std::string> read() {
    ++reads;
    co_await async::sleep_for(milliseconds{20});
    if (!is_up) throw std::runtime_error{"down"};
    co_return set_of(is_rotated ? "second" : "first");
  }
};

// What outlives a store in these tests.
struct Shelf final : KeyArchive {
  std::map<std::string, Kept> kept;

  Task<std::optional<Kept>> find(std::string issuer) override {
    const auto found = kept.find(issuer);
    co_return found == kept.end() ? std::nullopt : std::optional{found->second};
  }
  Task<> keep(std::string issuer, std::string jwks) override {
    kept[issuer] = {std::move(jwks), milliseconds{0}};
    co_return;
  }
};

// Two running shards, with the store at home on the second.
class Keys : public ::testing::Test {
 protected:
  void start(KeyTimes times) {
    std::vector<KeyStore::Source> sources;
    sources.push_back({{"https://clerk.example.com", {}, false},
                       KeyStore::Read{[this](http::Client&) { return endpoint.read(); }}});
    store.emplace(shards, 1, std::move(sources), times);
    shards.start();
    async::spawn(shards[1].executor(), "keys", run());
  }
  ~Keys() override {
    shards.post(1, [this] { store->stop(); });
    EXPECT_EQ(ended.get_future().wait_for(patience), std::future_status::ready);
    shards.stop();
  }
  Task<> run() {
    http::Client client{shards[1].executor()};
    co_await store->run(client, shelf);
    ended.set_value();
  }
  // What a shard sees: the key's id, "none", or "" before there is any.
  std::string seen(unsigned shard) {
    std::promise<std::string> seen;
    shards.post(shard, [&] {
      const IssuerKeys& issuer = store->slot(shard).issuers->front();
      seen.set_value(!issuer.is_available ? "none" : issuer.keys.keys.at(0).id);
    });
    return seen.get_future().get();
  }
  bool sees_soon(unsigned shard, const std::string& id) {
    const auto deadline = Clock::now() + patience;
    while (Clock::now() < deadline) {
      if (seen(shard) == id) return true;
      std::this_thread::sleep_for(milliseconds{10});
    }
    return false;
  }

  Endpoint endpoint;
  Shelf shelf;
  async::Shards shards{2};
  std::optional<KeyStore> store;
  std::promise<void> ended;
};

TEST_F(Keys, EveryShardSeesThemAndTheirChange) {
  start({.refresh = milliseconds{50}});
  EXPECT_TRUE(sees_soon(0, "first"));
  EXPECT_TRUE(sees_soon(1, "first"));
  endpoint.is_rotated = true;
  EXPECT_TRUE(sees_soon(0, "second"));
  EXPECT_TRUE(sees_soon(1, "second"));
}

TEST_F(Keys, AFailureIsTriedAgainSoon) {
  endpoint.is_up = false;
  start({.retry_least = milliseconds{10}});
  while (endpoint.reads < 3) std::this_thread::sleep_for(milliseconds{5});
  EXPECT_EQ(seen(0), "none");
  endpoint.is_up = true;
  EXPECT_TRUE(sees_soon(0, "first"));
}

TEST_F(Keys, TheLastGoodOnesStayThroughFailures) {
  start({.refresh = milliseconds{30}, .retry_least = milliseconds{30}, .keep = 2 * patience});
  EXPECT_TRUE(sees_soon(0, "first"));
  endpoint.is_up = false;
  const int reads = endpoint.reads;
  while (endpoint.reads < reads + 3) std::this_thread::sleep_for(milliseconds{5});
  EXPECT_EQ(seen(0), "first");
}

TEST_F(Keys, TheLastGoodOnesStayForAWhileAndNoLonger) {
  start({.refresh = milliseconds{30}, .retry_least = milliseconds{30}, .keep = milliseconds{300}});
  EXPECT_TRUE(sees_soon(0, "first"));
  endpoint.is_up = false;
  EXPECT_TRUE(sees_soon(0, "none"));
  endpoint.is_up = true;
  EXPECT_TRUE(sees_soon(0, "first"));
}

TEST_F(Keys, AStartWithTheSourceDownTakesThoseThatWereKeptIfTheyAreNotTooOld) {
  endpoint.is_up = false;
  shelf.kept["https://clerk.example.com"] = {set_of("kept"), std::chrono::hours{23}};
  start({.retry_least = milliseconds{10}});
  EXPECT_TRUE(sees_soon(0, "kept"));
  endpoint.is_up = true;
  EXPECT_TRUE(sees_soon(0, "first"));
}

TEST_F(Keys, ThoseKeptLongerThanADayAreNotTaken) {
  endpoint.is_up = false;
  shelf.kept["https://clerk.example.com"] = {set_of("kept"), std::chrono::hours{25}};
  start({.retry_least = milliseconds{10}});
  while (endpoint.reads < 3) std::this_thread::sleep_for(milliseconds{5});
  EXPECT_EQ(seen(0), "none");
}

TEST_F(Keys, ManyWhoAskForAnUnknownKeyCauseOneReadAndThenNoneForAWhile) {
  start({});
  EXPECT_TRUE(sees_soon(0, "first"));
  const int before = endpoint.reads;
  endpoint.is_rotated = true;
  constexpr int askers = 100;
  std::atomic<int> served{0};
  const auto ask = [this](unsigned shard, std::atomic<int>& count) -> Task<> {
    co_await store->refetch();
    if (store->slot(shard).issuers->front().keys.keys.at(0).id == "second") ++count;
  };
  for (int i = 0; i < askers; ++i) {
    const unsigned shard = static_cast<unsigned>(i % 2);
    async::spawn(shards[shard].executor(), "ask", ask(shard, served));
  }
  const auto deadline = Clock::now() + patience;
  while (served < askers && Clock::now() < deadline) {
    std::this_thread::sleep_for(milliseconds{10});
  }
  EXPECT_EQ(served, askers);
  EXPECT_EQ(endpoint.reads, before + 1);
  endpoint.is_rotated = false;
  std::atomic<int> ignored{0};
  async::spawn(shards[0].executor(), "ask again", ask(0, ignored));
  std::this_thread::sleep_for(milliseconds{100});
  EXPECT_EQ(endpoint.reads, before + 1);
}

}  // namespace
}  // namespace wildnout::identity
