// Many readers that come, go and resume at random while several threads publish: nothing is lost,
// nothing comes twice, and the order is kept.
#include <gtest/gtest.h>

#include <deque>
#include <mutex>
#include <random>
#include <thread>

#include "platform/ws/test_house.hpp"

namespace wildnout::ws::test {
namespace {

constexpr unsigned readers = 200;
constexpr unsigned reader_threads = 4;
constexpr unsigned publishers = 3;
constexpr int messages_each = 1500;
constexpr int channel_count = 3;

std::string channel_number(int number) { return "battle:" + std::to_string(number); }

// What one reader knows of one channel, over all its sockets.
struct Place {
  std::string epoch;
  std::int64_t seq = -1;  // the last one seen; -1: never subscribed
  std::vector<std::int64_t> last_of_publisher = std::vector<std::int64_t>(publishers, -1);
};

class Reader {
 public:
  Reader(House& house, std::mutex& dialling, unsigned number)
      : house_{house}, dialling_{dialling}, number_{number}, random_{number} {}

  void act() {
    switch (pick(6)) {
      case 0:
        peer_.reset();
        return;
      case 1:
        subscribe_to(pick(channel_count));
        return;
      case 2:
        unsubscribe_from(pick(channel_count));
        return;
      default:
        read(std::chrono::milliseconds{pick(10)});
        return;
    }
  }

  // Comes back for good and reads to the end of every channel it has ever had.
  void finish(const std::vector<std::int64_t>& ends) {
    for (int i = 0; i < channel_count; ++i) {
      if (places_[i].seq >= 0) subscribe_to(i);
    }
    for (int i = 0; i < channel_count; ++i) {
      while (places_[i].seq >= 0 && places_[i].seq < ends[i]) take(peer_->next());
      if (places_[i].seq >= 0) EXPECT_EQ(places_[i].seq, ends[i]);
    }
  }

 private:
  int pick(int below) { return static_cast<int>(random_() % static_cast<unsigned>(below)); }

  void connect() {
    if (peer_) return;
    is_subscribed_.assign(channel_count, false);
    Offer offer;
    offer.token = std::to_string(number_);
    offer.shard = number_ % 2;
    {
      const std::lock_guard lock{dialling_};
      peer_.emplace(house_.dial(offer));
    }
    peer_->read_head();
    ASSERT_EQ(text(peer_->next(), "type"), "connection");
  }

  void subscribe_to(int number) {
    connect();
    Place& place = places_[number];
    // What comes before the answer on a channel it has already moves its place on, and comes once
    // more behind the answer; so it leaves first.
    if (is_subscribed_[number]) unsubscribe_from(number);
    const std::string command =
        R"({"type":"subscribe","id":)" + std::to_string(number) + R"(,"channel":")" +
        channel_number(number) + '"' +
        (place.seq >= 0 ? R"(,"since":{"epoch":")" + place.epoch + R"(","seq":)" +
                              std::to_string(place.seq) + "}"
                        : std::string{}) +
        "}";
    peer_->say(command);
    const auto answer = read_until("subscribed");
    if (place.seq >= 0) {
      ASSERT_TRUE(answer.at("recovered").as_bool());
      ASSERT_EQ(text(answer, "epoch"), place.epoch);
    } else {
      place.seq = number_of(answer);
      place.epoch = text(answer, "epoch");
    }
    is_subscribed_[number] = true;
  }

  void unsubscribe_from(int number) {
    if (!peer_ || !is_subscribed_[number]) return;
    peer_->say(R"({"type":"unsubscribe","channel":")" + channel_number(number) + "\"}");
    read_until("unsubscribed");
    is_subscribed_[number] = false;
  }

  json::object read_until(std::string_view type) {
    while (true) {
      auto message = peer_->next();
      if (text(message, "type") == type) return message;
      take(message);
    }
  }

  void read(std::chrono::milliseconds patience) {
    if (!peer_) return;
    while (const auto frame = peer_->next_frame(patience)) {
      take(json::parse(frame->payload).as_object());
    }
  }

  static std::int64_t number_of(const json::object& message) { return number(message, "seq"); }

  void take(const json::object& message) {
    const int channel = text(message, "channel").back() - '0';
    Place& place = places_[channel];
    ASSERT_EQ(number_of(message), place.seq + 1);
    place.seq = number_of(message);
    const auto& data = message.at("data").as_array();
    const auto publisher = data.at(0).to_number<std::size_t>();
    const auto value = data.at(1).to_number<std::int64_t>();
    ASSERT_GT(value, place.last_of_publisher[publisher]);
    place.last_of_publisher[publisher] = value;
  }

  House& house_;
  std::mutex& dialling_;
  unsigned number_;
  std::minstd_rand random_;
  std::optional<Peer> peer_;
  std::vector<bool> is_subscribed_;
  Place places_[channel_count];
};

TEST(storm, of_publishing_and_resuming_leaves_no_gap_no_repeat_and_no_disorder) {
  Limits limits = House::quick_limits();
  limits.history_messages = std::size_t{publishers} * messages_each;
  limits.history_bytes = 64 * 1024 * 1024;
  limits.queue_bytes = 64 * 1024 * 1024;  // a reader's pauses are the test's own
  House house{limits};
  std::mutex dialling;
  std::vector<Peer> keepers;  // so that the channels are known before the first message
  keepers.push_back(house.enter("1000"));
  for (int i = 0; i < channel_count; ++i) subscribe(keepers[0], channel_number(i));
  std::atomic<unsigned> busy = publishers;
  {
    std::vector<std::jthread> threads;
    for (unsigned publisher = 0; publisher < publishers; ++publisher) {
      threads.emplace_back([&house, &busy, publisher] {
        for (int i = 0; i < messages_each; ++i) {
          for (int channel = 0; channel < channel_count; ++channel) {
            house.hub->publish(channel_number(channel), "event",
                               "[" + std::to_string(publisher) + "," + std::to_string(i) + "]",
                               Delivery::must);
          }
          if (i % 4 == 0) std::this_thread::sleep_for(std::chrono::milliseconds{2});
        }
        --busy;
      });
    }
    for (unsigned thread = 0; thread < reader_threads; ++thread) {
      threads.emplace_back([&, thread] {
        std::deque<Reader> mine;
        for (unsigned i = thread; i < readers; i += reader_threads) {
          mine.emplace_back(house, dialling, i);
        }
        while (busy > 0 && !testing::Test::HasFailure()) {
          for (Reader& reader : mine) reader.act();
        }
        const std::vector<std::int64_t> ends(channel_count,
                                             std::int64_t{publishers} * messages_each);
        for (Reader& reader : mine) {
          if (!testing::Test::HasFailure()) reader.finish(ends);
        }
      });
    }
  }
  EXPECT_EQ(house.hub->counts().slow_closed, 0u);
}

}  // namespace
}  // namespace wildnout::ws::test
