// What a socket makes of the frames that clients send, right ones and wrong ones.
#include <gtest/gtest.h>

#include "platform/ws/test_house.hpp"
#include "platform/ws/utf8.hpp"

namespace wildnout::ws::test {
namespace {

constexpr std::string_view ping = R"({"type":"ping","id":3})";

TEST(frames, a_message_in_fragments_with_a_ping_between_is_one_message) {
  House house;
  Peer peer = house.enter("1");
  peer.send_bytes(client_frame(1, ping.substr(0, 5), false));
  peer.send_bytes(client_frame(9, "between"));
  peer.send_bytes(client_frame(0, ping.substr(5, 5), false));
  const auto pong = peer.next_frame();
  ASSERT_TRUE(pong);
  EXPECT_EQ(pong->opcode, 10u);
  EXPECT_EQ(pong->payload, "between");
  peer.send_bytes(client_frame(0, ping.substr(10)));
  EXPECT_EQ(number(peer.next_of("pong"), "id"), 3);
}

TEST(frames, may_come_byte_by_byte_on_many_sockets_at_once) {
  House house;
  std::vector<Peer> peers;
  for (unsigned i = 0; i < 4; ++i) peers.push_back(house.enter(std::to_string(i)));
  const std::string frames = client_frame(1, ping) + client_frame(1, ping);
  for (const char byte : frames) {
    for (Peer& peer : peers) peer.send_bytes({&byte, 1});
    house.settle();
  }
  for (Peer& peer : peers) {
    EXPECT_EQ(text(peer.next(), "type"), "pong");
    EXPECT_EQ(text(peer.next(), "type"), "pong");
  }
}

TEST(frames, many_in_one_packet_are_answered_in_order) {
  House house;
  Peer peer = house.enter("1");
  std::string frames;
  for (int i = 0; i < 200; ++i) {
    const bool is_slow = i % 10 == 0;
    frames += client_frame(1, "{\"type\":\"" + std::string{is_slow ? "subscribe" : "ping"} +
                                  "\",\"channel\":\"battles\",\"id\":" + std::to_string(i) + "}");
  }
  peer.send_bytes(frames);
  for (int i = 0; i < 200; ++i) EXPECT_EQ(number(peer.next(), "id"), i);
}

TEST(frames, a_text_of_the_largest_size_is_taken) {
  House house;
  Peer peer = house.enter("1");
  std::string text{ping};
  text.resize(64 * 1024, ' ');
  peer.say(text);
  EXPECT_EQ(number(peer.next_of("pong"), "id"), 3);
}

struct WrongFrames {
  const char* name;
  std::string bytes;
  unsigned code;
};

class wrong_frames : public testing::TestWithParam<WrongFrames> {};

TEST_P(wrong_frames, close_with_their_code) {
  House house;
  Peer peer = house.enter("1");
  peer.send_bytes(GetParam().bytes);
  EXPECT_EQ(peer.wait_for_close().code, GetParam().code);
}

const std::string too_big(64 * 1024 + 1, ' ');

INSTANTIATE_TEST_SUITE_P(
    all, wrong_frames,
    testing::Values(WrongFrames{"too_big", client_frame(1, too_big), 1009},
                    WrongFrames{"too_big_in_fragments",
                                client_frame(1, too_big.substr(0, 40000), false) +
                                    client_frame(0, too_big.substr(0, 40000)),
                                1009},
                    WrongFrames{"unmasked", client_frame(1, ping, true, false, false), 1002},
                    WrongFrames{"rsv1_without_deflate", client_frame(1, ping, true, true), 1002},
                    WrongFrames{"rsv2", std::string{"\xA1\x80\x00\x00\x00\x00", 6}, 1002},
                    WrongFrames{"reserved_opcode", client_frame(3, ping), 1002},
                    WrongFrames{"reserved_control", client_frame(11, ""), 1002},
                    WrongFrames{"fragmented_control", client_frame(9, "", false), 1002},
                    WrongFrames{"long_control", client_frame(9, std::string(126, 'x')), 1002},
                    WrongFrames{"continuation_of_nothing", client_frame(0, ping), 1002},
                    WrongFrames{"text_inside_a_message",
                                client_frame(1, "{", false) + client_frame(1, "}"), 1002},
                    WrongFrames{"close_of_one_byte", client_frame(8, "x"), 1002},
                    WrongFrames{"close_with_a_reserved_code", client_frame(8, "\x03\xED"), 1002},
                    WrongFrames{"not_utf8", client_frame(1, "{\"type\":\"\xC3\x28\"}"), 1007},
                    WrongFrames{"utf8_cut_off", client_frame(1, "\"\xE2\x82"), 1007},
                    WrongFrames{"surrogate", client_frame(1, "\"\xED\xA0\x80\""), 1007},
                    WrongFrames{"binary", client_frame(2, ping), 1003}),
    [](const auto& param) { return std::string{param.param.name}; });

TEST(frames, a_close_is_answered_with_its_code_and_the_connection_ends) {
  House house;
  Peer peer = house.enter("1");
  peer.send_bytes(client_frame(8,
                               "\x03\xE8"
                               "bye"));
  const Closed closed = peer.wait_for_close();
  EXPECT_EQ(closed.code, 1000u);
  peer.hang_up();
  while (house.hub->counts().sockets > 0) std::this_thread::yield();
}

TEST(frames, nothing_behind_a_close_is_read) {
  House house;
  Peer peer = house.enter("1");
  peer.send_bytes(client_frame(8, "\x03\xE8") + client_frame(1, ping));
  EXPECT_EQ(peer.next_frame()->opcode, 8u);
  EXPECT_TRUE(peer.is_quiet());
}

TEST(frames, a_peer_that_never_answers_a_close_is_dropped) {
  House house;
  Peer peer = house.enter("1");
  const auto from = Clock::now();
  peer.send_bytes(client_frame(2, ""));
  EXPECT_EQ(peer.wait_for_close().code, 1003u);
  while (house.hub->counts().sockets > 0) std::this_thread::yield();
  EXPECT_GE(Clock::now() - from, std::chrono::milliseconds{300});
}

TEST(frames, the_tenth_malformed_message_closes) {
  House house;
  Peer peer = house.enter("1");
  const std::vector<std::string> malformed{"",
                                           "{",
                                           "[]",
                                           "null",
                                           "{}",
                                           "{\"type\":1}",
                                           "\"ping\"",
                                           "{\"type\":\"ping\"} x",
                                           std::string(100, '[') + std::string(100, ']')};
  for (const std::string& message : malformed) {
    peer.say(message);
    const auto error = peer.next();
    EXPECT_EQ(text(error, "type"), "error") << message;
    EXPECT_EQ(text(error.at("error").as_object(), "code"), "malformed_json");
  }
  EXPECT_EQ(text(ask(peer, ping, "pong"), "type"), "pong");
  peer.say("once more");
  const Closed closed = peer.wait_for_close();
  EXPECT_EQ(closed.code, 1008u);
  EXPECT_EQ(closed.reason, "Too many malformed messages");
}

TEST(utf8, knows_the_edges_of_rfc_3629) {
  for (const std::string_view good :
       {"", "a", "\xC2\x80", "\xDF\xBF", "\xE0\xA0\x80", "\xED\x9F\xBF", "\xEE\x80\x80",
        "\xF0\x90\x80\x80", "\xF4\x8F\xBF\xBF"}) {
    EXPECT_TRUE(is_utf8(good));
  }
  for (const std::string_view bad :
       {"\x80", "\xC0\xAF", "\xC1\xBF", "\xE0\x9F\xBF", "\xED\xA0\x80", "\xF0\x8F\xBF\xBF",
        "\xF4\x90\x80\x80", "\xF5\x80\x80\x80", "\xE2\x82", "a\xFF", "\xC2"}) {
    EXPECT_FALSE(is_utf8(bad));
  }
}

}  // namespace
}  // namespace wildnout::ws::test
