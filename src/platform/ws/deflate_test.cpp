// permessage-deflate: what is agreed on, what is compressed, and what is refused.
#include <gtest/gtest.h>

#include "platform/ws/handshake.hpp"
#include "platform/ws/test_house.hpp"

namespace wildnout::ws::test {
namespace {

constexpr std::string_view agreed =
    "Sec-WebSocket-Extensions: permessage-deflate; server_no_context_takeover; "
    "client_no_context_takeover";

Handshake answer_to(std::string_view extensions) {
  return answer_handshake("dGhlIHNhbXBsZSBub25jZQ==", {}, extensions);
}

TEST(deflate_offer, is_taken_without_context_takeover) {
  for (const std::string_view offer :
       {"permessage-deflate", "permessage-deflate; client_max_window_bits",
        "x-webkit-deflate-frame, permessage-deflate; client_max_window_bits=10",
        "permessage-deflate; server_max_window_bits=10, permessage-deflate",
        "Permessage-Deflate; server_no_context_takeover; client_no_context_takeover"}) {
    const Handshake handshake = answer_to(offer);
    EXPECT_TRUE(handshake.is_deflated) << offer;
    EXPECT_NE(handshake.response.find(std::string{agreed} + "\r\n"), std::string::npos) << offer;
  }
  EXPECT_NE(answer_to("permessage-deflate; server_max_window_bits=\"15\"")
                .response.find(std::string{agreed} + "; server_max_window_bits=15\r\n"),
            std::string::npos);
}

TEST(deflate_offer, that_cannot_be_kept_is_declined) {
  for (const std::string_view offer :
       {"", "gzip", "permessage-deflate; server_max_window_bits=9", "permessage-deflate; level=9",
        "permessage-deflate; client_max_window_bits=16",
        "permessage-deflate; server_max_window_bits",
        "permessage-deflate; client_no_context_takeover=1"}) {
    const Handshake handshake = answer_to(offer);
    EXPECT_FALSE(handshake.is_deflated) << offer;
    EXPECT_EQ(handshake.response.find("Extensions"), std::string::npos) << offer;
  }
}

class deflate : public testing::Test {
 protected:
  deflate() {
    offer.extensions = "permessage-deflate; client_max_window_bits";
    for (int i = 0; i < 200; ++i) text.append("entry ").append(std::to_string(i)).push_back(' ');
  }

  House house;
  Offer offer;
  std::string text;
};

TEST_F(deflate, long_messages_are_compressed_for_those_who_asked_and_the_same_for_all) {
  Peer one = house.enter(offer);
  Peer two = house.enter("2", 1);
  subscribe(one, "battle:1");
  subscribe(two, "battle:1");
  for (int i = 0; i < 2; ++i) {
    house.hub->publish("battle:1", "event", "\"" + text + "\"", Delivery::must);
    const auto frame = one.next_frame();
    ASSERT_TRUE(frame);
    EXPECT_TRUE(frame->is_deflated);
    EXPECT_LT(frame->payload.size(), text.size() / 2);
    const auto plain = two.next_frame();
    ASSERT_TRUE(plain);
    EXPECT_FALSE(plain->is_deflated);
    EXPECT_EQ(inflated(frame->payload), plain->payload);
  }
}

TEST_F(deflate, short_messages_are_sent_as_they_are) {
  Peer peer = house.enter(offer);
  subscribe(peer, "battle:1");
  house.hub->publish("battle:1", "event", "1", Delivery::must);
  EXPECT_FALSE(peer.next_frame()->is_deflated);
}

TEST_F(deflate, compressed_messages_from_a_client_are_read_also_in_fragments) {
  Peer peer = house.enter(offer);
  const std::string payload = deflated(R"({"type":"ping","id":"é"})");
  peer.send_bytes(client_frame(1, payload, true, true));
  EXPECT_EQ(wildnout::ws::test::text(peer.next_of("pong"), "id"), "é");
  peer.send_bytes(client_frame(1, payload.substr(0, 7), false, true));
  peer.send_bytes(client_frame(0, payload.substr(7)));
  EXPECT_EQ(wildnout::ws::test::text(peer.next_of("pong"), "id"), "é");
  peer.say(R"({"type":"ping","id":"plain"})");
  EXPECT_EQ(wildnout::ws::test::text(peer.next_of("pong"), "id"), "plain");
}

TEST_F(deflate, a_message_of_the_largest_size_is_inflated_and_a_larger_one_closes) {
  Peer peer = house.enter(offer);
  std::string ping = R"({"type":"ping"})";
  ping.resize(64 * 1024, ' ');
  peer.send_bytes(client_frame(1, deflated(ping), true, true));
  EXPECT_EQ(wildnout::ws::test::text(peer.next(), "type"), "pong");
  ping.push_back(' ');
  peer.send_bytes(client_frame(1, deflated(ping), true, true));
  EXPECT_EQ(peer.wait_for_close().code, 1009u);
}

TEST_F(deflate, a_bomb_closes) {
  Peer peer = house.enter(offer);
  peer.send_bytes(client_frame(1, deflated(std::string(30'000'000, ' ')), true, true));
  EXPECT_EQ(peer.wait_for_close().code, 1009u);
}

TEST_F(deflate, what_is_no_deflated_data_or_no_utf8_closes) {
  Peer one = house.enter(offer);
  one.send_bytes(client_frame(1, "\xFF\xFF\xFF\xFF", true, true));
  EXPECT_EQ(one.wait_for_close().code, 1007u);
  Peer two = house.enter(offer);
  two.send_bytes(client_frame(1, deflated("\"\xC3\x28\""), true, true));
  EXPECT_EQ(two.wait_for_close().code, 1007u);
}

TEST_F(deflate, control_frames_and_later_fragments_may_not_be_compressed) {
  Peer one = house.enter(offer);
  one.send_bytes(client_frame(9, "", true, true));
  EXPECT_EQ(one.wait_for_close().code, 1002u);
  Peer two = house.enter(offer);
  two.send_bytes(client_frame(1, "{", false) + client_frame(0, "}", true, true));
  EXPECT_EQ(two.wait_for_close().code, 1002u);
}

}  // namespace
}  // namespace wildnout::ws::test
