// Subscribing, resuming, and what listeners get.
#include <gtest/gtest.h>

#include "platform/ws/test_house.hpp"

namespace wildnout::ws::test {
namespace {

class channels : public testing::Test {
 protected:
  void publish(const std::string& channel, int value, Delivery delivery = Delivery::must,
               const std::string& type = "event") {
    house.hub->publish(channel, type, std::to_string(value), delivery);
  }

  House house;
};

TEST_F(channels, subscribing_answers_with_epoch_number_and_snapshot) {
  Peer peer = house.enter("1");
  const auto answer = subscribe(peer, "battle:1");
  EXPECT_EQ(number(answer, "id"), 1);
  EXPECT_EQ(text(answer, "channel"), "battle:1");
  EXPECT_EQ(text(answer, "epoch").size(), 16u);
  EXPECT_EQ(number(answer, "seq"), 0);
  EXPECT_FALSE(answer.at("recovered").as_bool());
  EXPECT_EQ(text(answer.at("snapshot").as_object(), "of"), "battle:1");
}

TEST_F(channels, a_message_reaches_listeners_on_every_shard_with_its_number) {
  Peer here = house.enter("1", 0);
  Peer there = house.enter("2", 1);
  Peer other = house.enter("3", 1);
  subscribe(here, "battle:1");
  subscribe(there, "battle:1");
  subscribe(other, "battle:2");
  house.hub->publish("battle:1", "battle.tally", R"({"votes":[1,2]})", Delivery::latest);
  for (Peer* const peer : {&here, &there}) {
    const auto message = peer->next();
    EXPECT_EQ(text(message, "type"), "battle.tally");
    EXPECT_EQ(text(message, "channel"), "battle:1");
    EXPECT_EQ(number(message, "seq"), 1);
    EXPECT_EQ(json::serialize(message.at("data")), R"({"votes":[1,2]})");
    EXPECT_GT(number(message, "timestamp"), 1'700'000'000'000);
  }
  EXPECT_TRUE(other.is_quiet());
}

TEST_F(channels, every_socket_hears_system_and_its_own_channel_by_itself) {
  Peer one = house.enter("1", 0);
  Peer two = house.enter("2", 1);
  publish("system", 5, Delivery::must, "maintenance");
  EXPECT_EQ(text(one.next(), "channel"), "system");
  EXPECT_EQ(text(two.next(), "type"), "maintenance");
  const std::string own = "user:" + user_number(2).text();
  publish(own, 6);
  EXPECT_EQ(text(two.next(), "channel"), own);
  EXPECT_TRUE(one.is_quiet());
}

TEST_F(channels, messages_of_one_thread_keep_their_order) {
  Peer peer = house.enter("1", 1);
  subscribe(peer, "battle:1");
  for (int i = 1; i <= 2000; ++i) publish("battle:1", i);
  for (int i = 1; i <= 2000; ++i) {
    const auto message = peer.next();
    ASSERT_EQ(number(message, "seq"), i);
    ASSERT_EQ(number(message, "data"), i);
  }
}

TEST_F(channels, unsubscribing_ends_the_messages_and_may_be_repeated) {
  Peer peer = house.enter("1");
  subscribe(peer, "battle:1");
  for (int i = 0; i < 2; ++i) {
    const auto answer =
        ask(peer, R"({"type":"unsubscribe","id":"x","channel":"battle:1"})", "unsubscribed");
    EXPECT_EQ(text(answer, "id"), "x");
    EXPECT_EQ(text(answer, "channel"), "battle:1");
  }
  publish("battle:1", 1);
  EXPECT_TRUE(peer.is_quiet());
}

TEST_F(channels, a_socket_cannot_leave_the_channels_that_it_has_by_itself) {
  Peer peer = house.enter("1");
  const auto answer = ask(peer, R"({"type":"unsubscribe","channel":"system"})", "error");
  EXPECT_EQ(text(answer.at("error").as_object(), "code"), "conflict");
}

TEST_F(channels, a_reader_that_comes_back_gets_what_it_missed_and_then_what_is_new) {
  Peer peer = house.enter("1");
  const auto first = subscribe(peer, "battle:1");
  publish("battle:1", 1);
  EXPECT_EQ(number(peer.next(), "seq"), 1);
  peer.hang_up();
  house.settle();
  for (int i = 2; i <= 5; ++i) publish("battle:1", i);
  Peer again = house.enter("1", 1);
  const auto answer = resume(again, "battle:1", text(first, "epoch"), 1);
  EXPECT_TRUE(answer.at("recovered").as_bool());
  EXPECT_EQ(number(answer, "seq"), 5);
  publish("battle:1", 6);
  for (int i = 2; i <= 6; ++i) {
    const auto message = again.next();
    EXPECT_EQ(number(message, "seq"), i);
    EXPECT_EQ(number(message, "data"), i);
  }
}

TEST_F(channels, a_reader_of_another_epoch_or_of_the_future_is_not_recovered) {
  Peer peer = house.enter("1");
  const auto first = subscribe(peer, "battle:1");
  publish("battle:1", 1);
  EXPECT_EQ(number(peer.next(), "seq"), 1);
  EXPECT_FALSE(resume(peer, "battle:1", "0123456789abcdef", 0).at("recovered").as_bool());
  EXPECT_FALSE(resume(peer, "battle:1", text(first, "epoch"), 2).at("recovered").as_bool());
  const auto answer = resume(peer, "battle:1", text(first, "epoch"), 1);
  EXPECT_TRUE(answer.at("recovered").as_bool());
  EXPECT_TRUE(peer.is_quiet());
}

TEST_F(channels, a_reader_that_stayed_away_too_long_is_not_recovered) {
  Peer peer = house.enter("1");
  const auto first = subscribe(peer, "battle:1");
  for (int i = 1; i <= 300; ++i) publish("battle:1", i);
  Peer late = house.enter("2");
  house.settle();
  EXPECT_FALSE(resume(late, "battle:1", text(first, "epoch"), 1).at("recovered").as_bool());
  EXPECT_TRUE(resume(late, "battle:1", text(first, "epoch"), 44).at("recovered").as_bool());
  for (int i = 45; i <= 300; ++i) EXPECT_EQ(number(late.next(), "seq"), i);
}

TEST_F(channels, the_own_channel_can_be_resumed_from_the_place_in_the_welcome) {
  Peer peer = house.enter("9");
  const std::string own = "user:" + user_number(9).text();
  const auto place = house.welcome.at("resume").as_object().at(own).as_object();
  peer.hang_up();
  while (house.hub->counts().sockets > 0) std::this_thread::yield();
  house.settle();
  publish(own, 1);
  publish(own, 2);
  Peer again = house.enter("9");
  EXPECT_EQ(number(house.welcome.at("resume").as_object().at(own).as_object(), "seq"), 2);
  const auto answer = resume(again, own, text(place, "epoch"), number(place, "seq"));
  EXPECT_TRUE(answer.at("recovered").as_bool());
  EXPECT_EQ(number(again.next(), "seq"), 1);
  EXPECT_EQ(number(again.next(), "seq"), 2);
  publish(own, 3);
  EXPECT_EQ(number(again.next(), "seq"), 3);
}

TEST_F(channels, what_is_published_while_the_snapshot_is_taken_comes_behind_it) {
  Peer peer = house.enter("1");
  house.gates[0].on_snapshot = [this](const std::string& channel) {
    for (int i = 1; i <= 3; ++i) publish(channel, i);
  };
  const auto answer = subscribe(peer, "slow:1");
  EXPECT_EQ(number(answer, "seq"), 0);
  for (int i = 1; i <= 3; ++i) EXPECT_EQ(number(peer.next(), "seq"), i);
}

TEST_F(channels, subscribing_again_loses_nothing_that_came_between) {
  Peer peer = house.enter("1");
  subscribe(peer, "slow:1");
  peer.say(R"({"type":"subscribe","id":2,"channel":"slow:1"})");
  for (int i = 1; i <= 50; ++i) publish("slow:1", i);
  std::int64_t seq = 0;
  bool is_answered = false;
  while (seq < 50 || !is_answered) {
    const auto message = peer.next();
    if (text(message, "type") == "subscribed") {
      is_answered = true;
      EXPECT_EQ(number(message, "seq"), seq);
    } else {
      EXPECT_EQ(number(message, "seq"), ++seq);
    }
  }
}

TEST_F(channels, of_state_messages_a_returning_reader_gets_the_newest_and_how_many_it_skipped) {
  Peer peer = house.enter("1");
  const auto first = subscribe(peer, "battle:1");
  for (int i = 1; i <= 3; ++i) publish("battle:1", i, Delivery::latest, "battle.tally");
  publish("battle:1", 4);
  for (int i = 5; i <= 1000; ++i) publish("battle:1", i, Delivery::latest, "battle.tally");
  house.settle();
  const std::string epoch = text(first, "epoch");
  Peer late = house.enter("2");
  EXPECT_TRUE(resume(late, "battle:1", epoch, 0).at("recovered").as_bool());
  const auto event = late.next();
  EXPECT_EQ(number(event, "seq"), 4);
  const auto tally = late.next();
  EXPECT_EQ(number(tally, "seq"), 1000);
  EXPECT_EQ(number(tally, "skipped"), 998);
  EXPECT_TRUE(resume(late, "battle:1", epoch, 998).at("recovered").as_bool());
  EXPECT_EQ(number(late.next(), "skipped"), 1);
  EXPECT_TRUE(resume(late, "battle:1", epoch, 999).at("recovered").as_bool());
  EXPECT_FALSE(late.next().contains("skipped"));
}

struct RefusedCommand {
  const char* name;
  std::string text;
  std::string code;
};

class refused_commands : public testing::TestWithParam<RefusedCommand> {};

TEST_P(refused_commands, are_answered_with_an_error_and_the_socket_lives_on) {
  House house;
  Peer peer = house.enter("1");
  const auto answer = ask(peer, GetParam().text, "error");
  EXPECT_EQ(text(answer.at("error").as_object(), "code"), GetParam().code);
  EXPECT_FALSE(text(answer.at("error").as_object(), "message").empty());
  EXPECT_EQ(number(answer, "id"), 5);
  EXPECT_EQ(text(ask(peer, R"({"type":"ping"})", "pong"), "type"), "pong");
}

INSTANTIATE_TEST_SUITE_P(
    all, refused_commands,
    testing::Values(
        RefusedCommand{"type", R"({"type":"dance","id":5})", "validation_error"},
        RefusedCommand{"channel", R"({"type":"subscribe","id":5})", "validation_error"},
        RefusedCommand{"name", R"({"type":"subscribe","id":5,"channel":"a b"})",
                       "validation_error"},
        RefusedCommand{"since", R"({"type":"subscribe","id":5,"channel":"battles","since":7})",
                       "validation_error"},
        RefusedCommand{
            "negative",
            R"({"type":"subscribe","id":5,"channel":"a","since":{"epoch":"x","seq":-1}})",
            "validation_error"},
        RefusedCommand{"forbidden", R"({"type":"subscribe","id":5,"channel":"secret"})",
                       "forbidden"},
        RefusedCommand{"unknown", R"({"type":"subscribe","id":5,"channel":"nowhere"})",
                       "not_found"},
        RefusedCommand{"foreign", R"({"type":"subscribe","id":5,"channel":"user:1"})", "not_found"},
        RefusedCommand{"fault", R"({"type":"subscribe","id":5,"channel":"faulty"})",
                       "internal_error"},
        RefusedCommand{"state", R"({"type":"subscribe","id":5,"channel":"faulty-state"})",
                       "internal_error"},
        RefusedCommand{"presence", R"({"type":"presence","id":5,"channel":"secret"})", "forbidden"},
        RefusedCommand{"typing", R"({"type":"typing","id":5,"channel":"battles"})", "forbidden"},
        RefusedCommand{"token", R"({"type":"authenticate","id":5})", "validation_error"}),
    [](const auto& param) { return std::string{param.param.name}; });

TEST_F(channels, a_failed_subscription_leaves_nothing_behind) {
  Peer peer = house.enter("1");
  ask(peer, R"({"type":"subscribe","channel":"faulty-state"})", "error");
  house.settle();
  EXPECT_FALSE(house.hub->has_listeners("faulty-state"));
  publish("faulty-state", 1);
  EXPECT_TRUE(peer.is_quiet());
}

TEST_F(channels, a_socket_has_a_limit_of_channels) {
  Peer peer = house.enter("1");
  for (int i = 0; i < 64; ++i) subscribe(peer, "battle:" + std::to_string(i));
  const auto error = ask(peer, R"({"type":"subscribe","channel":"one-more"})", "error");
  EXPECT_EQ(text(error.at("error").as_object(), "code"), "conflict");
  ask(peer, R"({"type":"unsubscribe","channel":"battle:0"})", "unsubscribed");
  subscribe(peer, "one-more");
}

TEST_F(channels, whether_anybody_listens_is_known) {
  EXPECT_FALSE(house.hub->has_listeners("battle:1"));
  Peer one = house.enter("1", 0);
  Peer two = house.enter("2", 1);
  subscribe(one, "battle:1");
  subscribe(two, "battle:1");
  EXPECT_TRUE(house.hub->has_listeners("battle:1"));
  one.hang_up();
  while (house.hub->counts().sockets > 1) std::this_thread::yield();
  house.settle();
  EXPECT_TRUE(house.hub->has_listeners("battle:1"));
  two.hang_up();
  while (house.hub->counts().sockets > 0) std::this_thread::yield();
  house.settle();
  EXPECT_FALSE(house.hub->has_listeners("battle:1"));
  EXPECT_EQ(house.hub->counts().channels, 0u);
}

TEST_F(channels, typing_goes_to_the_others_with_no_number_and_is_not_kept) {
  Peer one = house.enter("1", 0);
  Peer two = house.enter("2", 1);
  const auto first = subscribe(one, "talk:1");
  subscribe(two, "talk:1");
  one.say(R"({"type":"typing","channel":"talk:1"})");
  const auto message = two.next();
  EXPECT_EQ(text(message, "type"), "typing");
  EXPECT_EQ(text(message, "channel"), "talk:1");
  EXPECT_EQ(text(message.at("data").as_object(), "userId"), user_number(1).text());
  EXPECT_EQ(text(message.at("data").as_object(), "displayName"), "User \"1\"");
  EXPECT_FALSE(message.contains("seq"));
  EXPECT_TRUE(one.is_quiet());
  EXPECT_EQ(number(resume(two, "talk:1", text(first, "epoch"), 0), "seq"), 0);
}

TEST_F(channels, presence_counts_users_once_and_names_at_most_fifty) {
  std::vector<Peer> peers;
  for (unsigned i = 0; i < 60; ++i) {
    peers.push_back(house.enter(std::to_string(i % 55), i % 2));
    subscribe(peers.back(), "battle:1");
  }
  const auto answer =
      ask(peers[0], R"({"type":"presence","id":4,"channel":"battle:1"})", "presence");
  EXPECT_EQ(number(answer, "id"), 4);
  EXPECT_EQ(text(answer, "channel"), "battle:1");
  EXPECT_EQ(number(answer, "count"), 55);
  EXPECT_EQ(answer.at("users").as_array().size(), 50u);
  const auto& user = answer.at("users").as_array()[0].as_object();
  EXPECT_EQ(text(user, "id"), user_number(0).text());
  EXPECT_EQ(text(user, "displayName"), "User \"0\"");
  const auto empty = ask(peers[0], R"({"type":"presence","channel":"battle:2"})", "presence");
  EXPECT_EQ(number(empty, "count"), 0);
}

}  // namespace
}  // namespace wildnout::ws::test
