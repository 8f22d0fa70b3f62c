// Events on a real PostgreSQL: in order, at least once, by one node at a time, parked when
// hopeless.
#include "platform/bus/dispatcher.hpp"

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/describe/class.hpp>
#include <memory>

#include "platform/bus/outbox.hpp"
#include "platform/db/plain.hpp"
#include "support/database.hpp"
#include "support/run.hpp"

namespace wildnout::bus {
namespace {

struct Noted {
  static constexpr std::string_view type = "test.noted";
  std::string text;
};
BOOST_DESCRIBE_STRUCT(Noted, (), (text))

struct Ignored {
  static constexpr std::string_view type = "test.ignored";
  std::string text;
};
BOOST_DESCRIBE_STRUCT(Ignored, (), (text))

// A node: its database, its dispatcher, and what its subscribers have heard.
class DispatcherNode {
 public:
  explicit DispatcherNode(testing::Loop& loop)
      : loop_{loop}, database{loop.executor(), {.url = testing::database_url()}} {
    dispatcher.subscribe<Noted>([this](const Envelope& envelope, Noted noted) -> Task<> {
      ++attempts[noted.text];
      if (failures[noted.text] > 0) {
        --failures[noted.text];
        throw std::runtime_error{"not now"};
      }
      heard.push_back(noted.text);
      ids.push_back(envelope.id);
      co_return;
    });
  }
  ~DispatcherNode() { stop(); }

  void start() {
    is_running_ = true;
    boost::asio::co_spawn(loop_.executor(), dispatcher.run(), [this](std::exception_ptr fault) {
      EXPECT_FALSE(fault);
      is_running_ = false;
    });
  }
  void stop() {
    if (!is_running_) return;
    dispatcher.stop();
    loop_.turn_until([this] { return !is_running_; });
  }

 private:
  testing::Loop& loop_;
  bool is_running_ = false;

 public:
  db::Database database;
  Dispatcher dispatcher{database};
  std::vector<std::string> heard;
  std::vector<Uuid> ids;
  std::map<std::string, int> failures;  // still to come, by text
  std::map<std::string, int> attempts;
};

class DispatcherTest : public ::testing::Test {
 protected:
  DispatcherTest() { server.run("TRUNCATE wildnout.outbox; DELETE FROM wildnout.leases"); }

  void publish(const std::string& text, Uuid aggregate = Uuid::make()) {
    loop.run([&]() -> Task<> {
      co_await node.database.transact([&](db::Session& session) -> Task<> {
        co_await bus::publish(session, aggregate, Noted{text});
      });
    });
    node.dispatcher.wake();
  }
  std::int64_t count(const std::string& where) {
    return std::stoll(
        server.ask("SELECT count(*) FROM wildnout.outbox WHERE " + where).at(0).at(0));
  }
  void wait_for(std::size_t events) {
    loop.turn_until([&] { return node.heard.size() >= events; });
  }

  db::PlainConnection server{testing::database_url()};
  testing::Loop loop;
  DispatcherNode node{loop};
};

using Texts = std::vector<std::string>;

TEST_F(DispatcherTest, AnEventIsDeliveredOnceItsTransactionHasCommitted) {
  node.start();
  EXPECT_THROW(loop.run([&] {
    return node.database.transact([&](db::Session& session) -> Task<> {
      co_await bus::publish(session, Uuid::make(), Noted{"undone"});
      throw std::domain_error{"refused"};
    });
  }),
               std::domain_error);
  publish("done");
  wait_for(1);
  loop.turn_until([&] { return count("delivered_at IS NOT NULL") == 1; });
  EXPECT_EQ(node.heard, Texts{"done"});
  EXPECT_EQ(count("true"), 1);
}

TEST_F(DispatcherTest, AnEventThatNobodyWantsCountsAsDelivered) {
  node.start();
  loop.run(
      [&] { return bus::publish(node.database.session(), Uuid::make(), Ignored{"to nobody"}); });
  loop.turn_until([&] { return count("delivered_at IS NOT NULL") == 1; });
  EXPECT_TRUE(node.heard.empty());
}

TEST_F(DispatcherTest, EverySubscriberOfATypeHearsTheEvent) {
  std::vector<std::string> others;
  node.dispatcher.subscribe<Noted>("test.noted", [&](const Envelope&, Noted noted) -> Task<> {
    others.push_back(noted.text);
    co_return;
  });
  node.start();
  publish("to both");
  wait_for(1);
  loop.turn_until([&] { return !others.empty(); });
  EXPECT_EQ(others, node.heard);
}

TEST_F(DispatcherTest, EventsOfOneAggregateComeInTheirOrderThroughFailures) {
  const Uuid one = Uuid::make();
  const Uuid other = Uuid::make();
  node.failures["a1"] = 2;
  publish("a1", one);
  publish("b1", other);
  publish("a2", one);
  publish("b2", other);
  node.start();
  wait_for(4);
  EXPECT_EQ(node.heard, (Texts{"b1", "b2", "a1", "a2"})) << "only its own aggregate waits";
  EXPECT_EQ(node.attempts["a1"], 3);
  EXPECT_EQ(node.attempts["a2"], 1);
}

TEST_F(DispatcherTest, AFailureIsWrittenDownAndAnEventIsParkedAfterTenOfThem) {
  const Uuid aggregate = Uuid::make();
  node.failures["hopeless"] = 1000;
  publish("hopeless", aggregate);
  publish("next", aggregate);
  node.start();
  wait_for(1);
  EXPECT_EQ(node.heard, Texts{"next"});
  EXPECT_EQ(node.attempts["hopeless"], 10);
  EXPECT_EQ(count("parked_at IS NOT NULL AND delivered_at IS NULL AND attempts = 10"
                  " AND fault <> ''"),
            1);
  loop.turn_until([&] { return count("delivered_at IS NOT NULL") == 1; });
}

TEST_F(DispatcherTest, WhatWasDeliveredButNotWrittenDownIsDeliveredAgainUnderTheSameId) {
  node.start();
  publish("twice");
  wait_for(1);
  loop.turn_until([&] { return count("delivered_at IS NOT NULL") == 1; });
  // As if the process had died between the two.
  server.run("UPDATE wildnout.outbox SET delivered_at = NULL");
  node.dispatcher.wake();
  wait_for(2);
  EXPECT_EQ(node.ids.at(0), node.ids.at(1));
}

TEST_F(DispatcherTest, OneOfTwoNodesDeliversAndTheOtherTakesOverAfterItsDeath) {
  DispatcherNode standby{loop};
  node.start();
  publish("first");
  wait_for(1);
  standby.start();
  for (int i = 0; i < 20; ++i) publish("more");
  wait_for(21);
  EXPECT_TRUE(standby.heard.empty());
  node.stop();
  server.run("UPDATE wildnout.leases SET held_until = now() - interval '1 second'");
  publish("last");
  loop.turn_until([&] { return !standby.heard.empty(); });
  EXPECT_EQ(standby.heard, Texts{"last"});
  EXPECT_EQ(node.heard.size(), 21U);
}

TEST_F(DispatcherTest, EventsWrittenInALongTransactionAreNotSkipped) {
  node.start();
  loop.run([&]() -> Task<> {
    co_await node.database.transact([&](db::Session& session) -> Task<> {
      co_await bus::publish(session, Uuid::make(), Noted{"early, committed late"});
      co_await bus::publish(node.database.session(), Uuid::make(), Noted{"late"});
      while (node.heard.empty()) co_await async::sleep_for(std::chrono::milliseconds{1});
    });
  });
  wait_for(2);
  EXPECT_EQ(node.heard, (Texts{"late", "early, committed late"}));
}

TEST_F(DispatcherTest, DeliveredEventsAreForgottenAfterADay) {
  server.run(
      "INSERT INTO wildnout.outbox (id, type, aggregate_id, data, delivered_at, parked_at) VALUES"
      " (gen_random_uuid(), 'old', gen_random_uuid(), '{}', now() - interval '25 hours', NULL),"
      " (gen_random_uuid(), 'new', gen_random_uuid(), '{}', now() - interval '23 hours', NULL),"
      " (gen_random_uuid(), 'parked', gen_random_uuid(), '{}', NULL, now() - interval '9 days')");
  node.start();
  loop.turn_until([&] { return count("type = 'old'") == 0; });
  EXPECT_EQ(count("type IN ('new', 'parked')"), 2);
}

}  // namespace
}  // namespace wildnout::bus
