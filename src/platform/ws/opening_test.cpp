// How a socket opens, or is refused.
#include <gtest/gtest.h>

#include "platform/ws/test_house.hpp"

namespace wildnout::ws::test {
namespace {

TEST(opening, proves_that_the_key_was_read_and_echoes_the_sub_protocol) {
  House house;
  Offer offer;
  offer.protocols = "chat, wildnout.v1, bearer.abc";
  const Peer peer = house.enter(offer);
  EXPECT_TRUE(house.head.starts_with("HTTP/1.1 101 "));
  // The example of RFC 6455 section 1.3.
  EXPECT_NE(house.head.find("Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n"),
            std::string::npos);
  EXPECT_NE(house.head.find("Sec-WebSocket-Protocol: wildnout.v1\r\n"), std::string::npos);
  EXPECT_EQ(house.head.find("bearer"), std::string::npos);
  EXPECT_EQ(house.head.find("Extensions"), std::string::npos);
}

TEST(opening, names_no_sub_protocol_when_none_was_offered) {
  House house;
  const Peer peer = house.enter("1");
  EXPECT_EQ(house.head.find("Sec-WebSocket-Protocol"), std::string::npos);
}

TEST(opening, welcomes_with_user_connection_and_places_to_resume_from) {
  House house;
  const Peer peer = house.enter("7");
  const auto& welcome = house.welcome;
  EXPECT_EQ(text(welcome, "type"), "connection");
  EXPECT_EQ(text(welcome, "status"), "connected");
  EXPECT_EQ(text(welcome, "userId"), user_number(7).text());
  EXPECT_TRUE(Uuid::parse(text(welcome, "connectionId")));
  const auto& places = welcome.at("resume").as_object();
  EXPECT_EQ(places.size(), 2u);
  EXPECT_EQ(number(places.at("system").as_object(), "seq"), 0);
  EXPECT_EQ(text(places.at("user:" + user_number(7).text()).as_object(), "epoch").size(), 16u);
}

struct RefusedToken {
  std::string token;
  unsigned code;
  std::string reason;
};

class refused_opening : public testing::TestWithParam<RefusedToken> {};

TEST_P(refused_opening, opens_and_closes_with_its_reason) {
  House house;
  Offer offer;
  offer.token = GetParam().token;
  Peer peer = house.open(offer);
  const Closed closed = peer.wait_for_close();
  EXPECT_EQ(closed.code, GetParam().code);
  EXPECT_EQ(closed.reason, GetParam().reason);
  house.settle();
  EXPECT_EQ(house.hub->counts().users, 0u);
}

INSTANTIATE_TEST_SUITE_P(tokens, refused_opening,
                         testing::Values(RefusedToken{"", 1008, "Authentication required"},
                                         RefusedToken{"bad", 1008, "Invalid authentication"},
                                         RefusedToken{"suspended", 1008, "Account suspended"},
                                         RefusedToken{"faulty", 1013, "Please try again shortly"}));

TEST(opening, answers_what_came_behind_the_head) {
  House house;
  Offer offer;
  offer.surplus = client_frame(1, R"({"type":"ping","id":"a"})");
  Peer peer = house.enter(offer);
  EXPECT_EQ(text(peer.next_of("pong"), "id"), "a");
}

TEST(opening, refuses_the_socket_beyond_a_users_limit_until_one_has_gone) {
  House house;
  std::vector<Peer> peers;
  for (unsigned i = 0; i < 20; ++i) peers.push_back(house.enter("3", i % 2));
  Offer offer;
  offer.token = "3";
  {
    Peer refused = house.open(offer);
    const Closed closed = refused.wait_for_close();
    EXPECT_EQ(closed.code, 1008u);
    EXPECT_EQ(closed.reason, "Too many connections of this user");
  }
  const Peer another = house.enter("4");
  peers.pop_back();
  while (house.hub->counts().sockets > 20) std::this_thread::yield();
  const Peer again = house.enter("3");
  EXPECT_EQ(house.hub->counts().users, 2u);
}

TEST(opening, refuses_the_socket_beyond_an_addresss_limit) {
  Limits limits = House::quick_limits();
  limits.sockets_per_address = 3;
  House house{limits};
  std::vector<Peer> peers;
  for (unsigned i = 0; i < 3; ++i) peers.push_back(house.enter(std::to_string(i), i % 2));
  Peer refused = house.open({});
  const Closed closed = refused.wait_for_close();
  EXPECT_EQ(closed.code, 1008u);
  EXPECT_EQ(closed.reason, "Too many connections from this address");
}

TEST(opening, does_not_open_a_socket_whose_session_ended_meanwhile) {
  House house;
  Offer offer;
  offer.token = "slow:5/gone";
  Peer peer = house.dial(offer);
  house.settle();
  house.hub->close_session(user_number(5), "gone");
  peer.read_head();
  EXPECT_EQ(peer.wait_for_close().code, 4401u);
}

TEST(opening, forgets_a_peer_that_left_while_it_was_looked_at) {
  House house;
  Offer offer;
  offer.token = "slow:5";
  house.dial(offer).hang_up();
  house.settle();
  while (house.hub->counts().sockets > 0) std::this_thread::yield();
  EXPECT_EQ(house.hub->counts().users, 0u);
}

TEST(hub, ends_in_good_order_with_sockets_open_and_shards_stopped) {
  House house;
  const Peer peer = house.enter("1");
  Offer offer;
  offer.token = "slow:2";
  offer.shard = 1;
  const Peer waiting = house.dial(offer);
  house.settle();
  house.shards.stop();
}

TEST(hub, ends_in_good_order_with_sockets_open_and_shards_running) {
  House house;
  const Peer peer = house.enter("1");
  Offer offer;
  offer.token = "slow:2";
  offer.shard = 1;
  const Peer waiting = house.dial(offer);
  house.settle();
}

}  // namespace
}  // namespace wildnout::ws::test
