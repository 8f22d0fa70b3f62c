// How sockets end: credentials, silence, slowness, and the end of the process.
#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_future.hpp>
#include <set>
#include <thread>

#include "platform/ws/test_house.hpp"

namespace wildnout::ws::test {
namespace {

using namespace std::chrono_literals;

TEST(credentials, that_end_close_the_sockets_of_their_session_alone) {
  House house;
  Peer one = house.enter("1/a", 0);
  Peer two = house.enter("1/a", 1);
  Peer other = house.enter("1/b", 1);
  Peer another = house.enter("2/a", 0);
  house.hub->close_session(user_number(1), "a");
  EXPECT_EQ(one.wait_for_close().code, 4401u);
  EXPECT_EQ(two.wait_for_close().code, 4401u);
  EXPECT_EQ(text(ask(other, R"({"type":"ping"})", "pong"), "type"), "pong");
  house.hub->close_session(user_number(1), "");
  EXPECT_EQ(other.wait_for_close().code, 4401u);
  EXPECT_EQ(text(ask(another, R"({"type":"ping"})", "pong"), "type"), "pong");
}

TEST(credentials, that_are_not_proved_again_in_time_close_the_socket) {
  House house;
  Peer peer = house.enter("1/a~200");
  EXPECT_EQ(peer.wait_for_close().code, 4401u);
}

TEST(credentials, may_be_renewed_on_a_living_socket) {
  House house;
  Peer peer = house.enter("1/a~3000");
  const auto answer = ask(peer, R"({"type":"authenticate","id":4,"token":"1/b"})", "authenticated");
  EXPECT_EQ(number(answer, "id"), 4);
  const auto expires_at = parse_timestamp(text(answer, "expiresAt"));
  ASSERT_TRUE(expires_at);
  EXPECT_GT(*expires_at, system_now() + 14min);
  EXPECT_TRUE(peer.is_quiet(3500ms)) << "the first proof has ended by now";
  house.hub->close_session(user_number(1), "a");
  EXPECT_TRUE(peer.is_quiet());
  house.hub->close_session(user_number(1), "b");
  EXPECT_EQ(peer.wait_for_close().code, 4401u);
}

TEST(credentials, of_another_user_or_bad_ones_change_nothing) {
  House house;
  Peer peer = house.enter("1/a");
  for (const std::string token : {"2/a", "bad"}) {
    const auto answer =
        ask(peer, "{\"type\":\"authenticate\",\"id\":4,\"token\":\"" + token + "\"}", "error");
    EXPECT_EQ(text(answer.at("error").as_object(), "code"), "unauthorized");
  }
  peer.say(R"({"type":"authenticate","token":"suspended"})");
  EXPECT_EQ(peer.wait_for_close().code, 4401u);
}

TEST(silence, is_met_with_pings_and_then_with_the_end) {
  Limits limits = House::quick_limits();
  limits.ping_every = 100ms;
  limits.silence = 3s;
  House house{limits};
  Peer lively = house.enter("1");
  Peer silent = house.enter("2");
  silent.ignore_pings();
  while (house.hub->counts().sockets > 1) ASSERT_TRUE(lively.is_quiet(50ms));
  EXPECT_EQ(silent.wait_for_close().code, 1001u);
  EXPECT_EQ(text(ask(lively, R"({"type":"ping"})", "pong"), "type"), "pong");
  EXPECT_GE(lively.pings(), 2);
  EXPECT_GE(silent.pings(), 2);
}

// A reader that does not read, with little room in the kernel on its side.
Offer slow_offer() {
  Offer offer;
  offer.token = "1";
  offer.receive_buffer = 4096;
  return offer;
}

TEST(slow_reader, is_closed_with_1013_past_the_bound_and_holds_up_nobody) {
  Limits limits = House::quick_limits();
  limits.close_time = 1min;  // it is this test that reads slowly
  House house{limits};
  Peer slow = house.enter(slow_offer());
  Peer quick = house.enter("2", 0);
  subscribe(slow, "battle:1");
  subscribe(quick, "battle:1");
  const std::string data = "\"" + std::string(16 * 1024, 'x') + "\"";
  std::int64_t seq = 0;
  while (house.hub->counts().slow_closed == 0) {
    house.hub->publish("battle:1", "event", data, Delivery::must);
    ASSERT_EQ(number(quick.next(), "seq"), ++seq);
    ASSERT_LT(seq, 2000);
  }
  EXPECT_GT(seq, 64);  // what is queued alone is 1 MiB
  const Closed closed = slow.wait_for_close();
  EXPECT_EQ(closed.code, 1013u);
}

TEST(slow_reader, can_resume_after_1013) {
  Limits limits = House::quick_limits();
  limits.queue_bytes = 8 * 1024;
  limits.history_bytes = 16 * 1024 * 1024;
  House house{limits};
  Peer slow = house.enter(slow_offer());
  const auto first = subscribe(slow, "battle:1");
  const std::string data = "\"" + std::string(16 * 1024, 'x') + "\"";
  std::int64_t published = 0;
  while (house.hub->counts().slow_closed == 0) {
    house.hub->publish("battle:1", "event", data, Delivery::must);
    ++published;
    house.settle();
  }
  std::int64_t seen = 0;
  while (const auto frame = slow.next_frame()) {
    if (frame->opcode != 1) break;
    ASSERT_EQ(number(json::parse(frame->payload).as_object(), "seq"), ++seen);
  }
  EXPECT_LT(seen, published);
  Peer again = house.enter("1");
  ASSERT_TRUE(resume(again, "battle:1", text(first, "epoch"), seen).at("recovered").as_bool());
  while (seen < published) ASSERT_EQ(number(again.next(), "seq"), ++seen);
}

TEST(slow_reader, gets_the_newest_state_messages_with_the_number_of_those_replaced) {
  House house;
  Peer slow = house.enter(slow_offer());
  subscribe(slow, "battle:1");
  const std::string data = "\"" + std::string(16 * 1024, 'x') + "\"";
  constexpr std::int64_t count = 2000;
  for (std::int64_t i = 1; i <= count; ++i) {
    const bool is_event = i % 500 == 0;
    house.hub->publish("battle:1", is_event ? "event" : "battle.tally",
                       is_event ? std::to_string(i) : data,
                       is_event ? Delivery::must : Delivery::latest);
    if (i % 50 == 0) house.settle();
  }
  house.settle();
  EXPECT_EQ(house.hub->counts().slow_closed, 0u);
  std::int64_t got = 0;
  std::int64_t skipped = 0;
  std::int64_t last = 0;
  std::int64_t events = 0;
  while (got + skipped < count) {
    const auto message = slow.next();
    EXPECT_GT(number(message, "seq"), last);
    last = number(message, "seq");
    ++got;
    if (message.contains("skipped")) skipped += number(message, "skipped");
    if (text(message, "type") == "event") EXPECT_EQ(number(message, "data"), 500 * ++events);
  }
  EXPECT_EQ(got + skipped, count);
  EXPECT_EQ(events, 4);
  EXPECT_EQ(last, count);
  EXPECT_GT(skipped, 0);
}

void drain(House& house, std::chrono::milliseconds patience) {
  boost::asio::io_context context{1};
  auto done = boost::asio::co_spawn(
      context.get_executor(), house.hub->drain(Clock::now() + patience), boost::asio::use_future);
  context.run();
  done.get();
}

TEST(drain, tells_everyone_when_to_come_back_and_closes_with_1012) {
  House house;
  std::vector<Peer> peers;
  for (unsigned i = 0; i < 40; ++i) peers.push_back(house.enter(std::to_string(i), i % 2));
  std::jthread drainer{[&house] { drain(house, 1min); }};
  std::set<std::int64_t> delays;
  for (Peer& peer : peers) {
    const auto message = peer.next();
    EXPECT_EQ(text(message, "type"), "shutdown");
    EXPECT_EQ(text(message, "channel"), "system");
    EXPECT_EQ(number(message, "seq"), 1);
    const auto delay = number(message.at("data").as_object(), "reconnectAfterMs");
    EXPECT_GE(delay, 500);
    EXPECT_LE(delay, 5000);
    delays.insert(delay);
    EXPECT_EQ(peer.wait_for_close().code, 1012u);
    peer.hang_up();
  }
  EXPECT_GT(delays.size(), 8u);
  drainer.join();
  EXPECT_EQ(house.hub->counts().sockets, 0u);
  Peer late = house.open({});
  EXPECT_EQ(late.wait_for_close().code, 1012u);
}

TEST(drain, cuts_off_at_its_deadline) {
  Limits limits = House::quick_limits();
  limits.close_time = 1min;
  House house{limits};
  const Peer stubborn = house.enter("1");
  const auto from = Clock::now();
  drain(house, 200ms);
  EXPECT_EQ(house.hub->counts().sockets, 0u);
  EXPECT_LT(Clock::now() - from, limits.close_time);
}

}  // namespace
}  // namespace wildnout::ws::test
