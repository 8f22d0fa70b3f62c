// The client against a real Redis that is killed, hangs, loses its scripts, and comes back.
#include "platform/redis/client.hpp"

#include <gtest/gtest.h>

#include <boost/asio/ip/tcp.hpp>
#include <deque>
#include <vector>

#include "support/redis.hpp"
#include "support/run.hpp"

namespace wildnout::redis {
namespace {

using namespace std::chrono_literals;
using testing::Loop;
using testing::RedisServer;

constexpr auto patience = 10s;

Settings settings_for(const std::string& url) {
  Settings settings;
  settings.target = parse_url(url);
  settings.probe_every = 20ms;
  settings.probe_when_slow = 20ms;
  settings.probe_limit = patience;
  settings.shortest_pause = 5ms;
  settings.longest_pause = 20ms;
  return settings;
}

// A client that runs for as long as the test.
class House {
 public:
  explicit House(const std::string& url) : House{settings_for(url)} {}
  explicit House(Settings settings) : client{loop.executor(), std::move(settings)} {
    boost::asio::co_spawn(loop.executor(), client.run(),
                          [this](std::exception_ptr) { has_ended_ = true; });
  }
  ~House() {
    client.stop();
    loop.turn_until([this] { return has_ended_; });
  }
  House(const House&) = delete;
  House& operator=(const House&) = delete;

  void wait_for(State state) {
    loop.turn_until([&] { return client.health().state == state; });
  }
  Outcome ask(Command command, std::chrono::milliseconds limit = patience) {
    return loop.run([&]() -> Task<Outcome> { co_return co_await client.ask(command, limit); });
  }
  Outcome ask(ScriptCall call) {
    return loop.run([&]() -> Task<Outcome> { co_return co_await client.ask(call, patience); });
  }

  Loop loop;
  Client client;

 private:
  bool has_ended_ = false;
};

TEST(RedisClient, AsksAndIsAnsweredInOrder) {
  const RedisServer server;
  House house{server.url()};
  house.wait_for(State::ready);
  EXPECT_EQ(house.ask(Command{"SET"}.add("name").add("value")).reply.text(), "OK");
  std::vector<std::int64_t> answers;
  for (int i = 1; i <= 1000; ++i) {
    house.client.send(Command{"INCR"}.add("count"), patience,
                      [&](Outcome outcome) { answers.push_back(outcome.reply.integer()); });
  }
  house.loop.turn_until([&] { return answers.size() == 1000; });
  for (int i = 1; i <= 1000; ++i) EXPECT_EQ(answers[static_cast<std::size_t>(i - 1)], i);
  EXPECT_GT(house.client.health().latency.count(), 0);
}

TEST(RedisClient, HandsOnWhatRedisAnswersAsAnError) {
  const RedisServer server;
  House house{server.url()};
  house.wait_for(State::ready);
  const Outcome outcome = house.ask(Command{"NONSENSE"});
  EXPECT_EQ(outcome.fault, Fault::none);
  EXPECT_FALSE(outcome.is_good());
  EXPECT_TRUE(outcome.reply.text().starts_with("ERR"));
}

TEST(RedisClient, ComesInByPasswordUserAndDatabase) {
  const RedisServer server{
      {"--requirepass", "first", "--user", "worker", "on", ">second", "~*", "&*", "+@all"}};
  const std::string path = server.socket();
  House owner{"unix://:first@" + path};
  owner.wait_for(State::ready);
  House worker{"unix://worker:second@" + path + "?db=3"};
  worker.wait_for(State::ready);
  EXPECT_TRUE(worker.ask(Command{"SET"}.add("here").add("3")).is_good());
  EXPECT_EQ(owner.ask(Command{"GET"}.add("here")).reply.kind(), ReplyView::Kind::nil);
  EXPECT_TRUE(owner.ask(Command{"SELECT"}.add(3)).is_good());
  EXPECT_EQ(owner.ask(Command{"GET"}.add("here")).reply.text(), "3");
  House stranger{"unix://:wrong@" + path};
  EXPECT_EQ(stranger.ask(Command{"PING"}).fault, Fault::away);
  stranger.loop.run([]() -> Task<> { co_await async::sleep_for(100ms); });
  EXPECT_EQ(stranger.client.health().state, State::away);
}

TEST(RedisClient, SendsAScriptWholeWhereRedisDoesNotKnowIt) {
  const RedisServer server;
  House house{server.url()};
  house.wait_for(State::ready);
  const Script script{"return {KEYS[1], ARGV[1]}"};
  for (int round = 0; round < 2; ++round) {
    ScriptCall call{script, 1};
    call.add("key").add(7);
    const Outcome outcome = house.ask(std::move(call));
    ASSERT_EQ(outcome.reply.size(), 2U);
    EXPECT_EQ(outcome.reply[0].text(), "key");
    EXPECT_EQ(outcome.reply[1].text(), "7");
    EXPECT_TRUE(house.ask(Command{"SCRIPT"}.add("FLUSH")).is_good());
  }
}

TEST(RedisClient, SaysAtOnceThatThereIsNoRedis) {
  House house{"unix:///nonexistent/redis.sock"};
  EXPECT_EQ(house.ask(Command{"PING"}).fault, Fault::away);
  EXPECT_EQ(house.client.health().state, State::away);
}

TEST(RedisClient, TellsWhoeverWaitsThatTheConnectionIsLostAndMakesAnother) {
  RedisServer server;
  House house{server.url()};
  house.wait_for(State::ready);
  server.hang();
  int lost = 0;
  for (int i = 0; i < 10; ++i) {
    house.client.send(Command{"PING"}, patience, [&](const Outcome& outcome) {
      lost += outcome.fault == Fault::lost ? 1 : 0;
    });
  }
  // They are under way when the server dies.
  house.loop.run([]() -> Task<> { co_await async::sleep_for(20ms); });
  server.kill();
  house.loop.turn_until([&] { return lost == 10; });
  house.wait_for(State::away);
  server.start();
  house.wait_for(State::ready);
  EXPECT_EQ(house.ask(Command{"PING"}).reply.text(), "PONG");
}

TEST(RedisClient, DoesNotMistakeALateAnswerForAnothers) {
  RedisServer server;
  Settings settings = settings_for(server.url());
  settings.bounds.silence = patience;
  House house{settings};
  house.wait_for(State::ready);
  server.hang();
  EXPECT_EQ(house.ask(Command{"ECHO"}.add("first"), 30ms).fault, Fault::late);
  EXPECT_EQ(house.client.health().state, State::slow);
  server.go_on();
  EXPECT_EQ(house.ask(Command{"ECHO"}.add("second")).reply.text(), "second");
  house.wait_for(State::ready);
}

TEST(RedisClient, GivesUpAConnectionThatStaysSilent) {
  RedisServer server;
  Settings settings = settings_for(server.url());
  settings.bounds.silence = 50ms;
  House house{settings};
  house.wait_for(State::ready);
  server.hang();
  EXPECT_EQ(house.ask(Command{"PING"}).fault, Fault::lost);
  house.wait_for(State::away);
  server.go_on();
  house.wait_for(State::ready);
}

TEST(RedisClient, StopsWhileItStillConnects) {
  // Nobody accepts: the first wait to be greeted, those beyond the queue to be connected.
  boost::asio::io_context context;
  boost::asio::ip::tcp::acceptor listener{context};
  const boost::asio::ip::tcp::endpoint at{boost::asio::ip::address_v4::loopback(), 0};
  listener.open(at.protocol());
  listener.bind(at);
  listener.listen(0);
  Settings settings =
      settings_for("redis://127.0.0.1:" + std::to_string(listener.local_endpoint().port()));
  settings.connect_timeout = 10min;
  std::deque<House> houses;
  for (int i = 0; i < 5; ++i) houses.emplace_back(settings);
  for (House& house : houses) house.loop.run([]() -> Task<> { co_await async::sleep_for(20ms); });
  for (House& house : houses) EXPECT_EQ(house.client.health().state, State::away);
}

TEST(RedisClient, RefusesMoreThanItMayHaveUnderWay) {
  const RedisServer server;
  Settings settings = settings_for(server.url());
  settings.bounds.commands = 10;
  settings.probe_every = patience;
  House house{settings};
  house.wait_for(State::ready);
  EXPECT_TRUE(house.ask(Command{"PING"}).is_good());
  int good = 0;
  int full = 0;
  for (int i = 0; i < 15; ++i) {
    house.client.send(Command{"PING"}, patience, [&](const Outcome& outcome) {
      good += outcome.is_good() ? 1 : 0;
      full += outcome.fault == Fault::full ? 1 : 0;
    });
  }
  house.loop.turn_until([&] { return good + full == 15; });
  EXPECT_EQ(good, 10);
  EXPECT_EQ(full, 5);
}

}  // namespace
}  // namespace wildnout::redis
