// One at a time, in the order of coming, with an end to every wait.
#include "platform/api/key_gate.hpp"

#include <gtest/gtest.h>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <vector>

#include "platform/api/refusal.hpp"
#include "support/run.hpp"

namespace wildnout::api {
namespace {

namespace asio = boost::asio;
using std::chrono::milliseconds;

class KeyGateTest : public ::testing::Test {
 protected:
  // Enters and stays inside until told to leave.
  Task<> visit(std::string key, int number, milliseconds patience = 2 * testing::task_limit) {
    const KeyGate::Passage passage = co_await gate_.enter(key, patience);
    entered_.push_back(number);
    while (leaving_ < number) co_await async::sleep_for(milliseconds{1});
  }
  void start(Task<> task) {
    asio::co_spawn(loop_.executor(), std::move(task), [this](std::exception_ptr fault) {
      ++ended_;
      if (fault) ++failed_;
    });
  }
  // Lets everything that was started come to its first wait.
  void settle() {
    loop_.run([]() -> Task<> { co_await async::sleep_for(milliseconds{5}); });
  }

  testing::Loop loop_;
  KeyGate gate_;
  std::vector<int> entered_;
  int leaving_ = 0;  // the highest number that may leave
  int ended_ = 0;
  int failed_ = 0;
};

TEST_F(KeyGateTest, LetsOneInAfterTheOtherInTheOrderOfComing) {
  for (int number = 1; number <= 4; ++number) start(visit("key", number));
  for (int inside = 1; inside <= 4; ++inside) {
    settle();
    EXPECT_EQ(entered_.size(), static_cast<std::size_t>(inside));
    leaving_ = inside;
    loop_.turn_until([&] { return ended_ == inside; });
  }
  EXPECT_EQ(entered_, (std::vector<int>{1, 2, 3, 4}));
}

TEST_F(KeyGateTest, KeysDoNotKnowEachOther) {
  start(visit("key", 1));
  start(visit("other", 2));
  settle();
  EXPECT_EQ(entered_, (std::vector<int>{1, 2}));
  leaving_ = 2;
  loop_.turn_until([&] { return ended_ == 2; });
}

TEST_F(KeyGateTest, RefusesWhoHasWaitedTooLongAndLetsTheNextIn) {
  start(visit("key", 1));
  settle();
  std::string code;
  loop_.run([&]() -> Task<> {
    try {
      co_await visit("key", 2, milliseconds{20});
    } catch (const Refused& refused) {
      code = refused.refusal().code;
    }
  });
  EXPECT_EQ(code, "conflict");
  start(visit("key", 3));
  leaving_ = 3;
  loop_.turn_until([&] { return ended_ == 2; });
  EXPECT_EQ(entered_, (std::vector<int>{1, 3}));
}

TEST_F(KeyGateTest, WhoGoesAwayWhileWaitingLeavesNoGap) {
  start(visit("key", 1));
  asio::cancellation_signal signal;
  asio::co_spawn(loop_.executor(), visit("key", 2),
                 asio::bind_cancellation_slot(signal.slot(), [this](std::exception_ptr fault) {
                   EXPECT_TRUE(fault);
                   ++ended_;
                 }));
  start(visit("key", 3));
  settle();
  signal.emit(asio::cancellation_type::terminal);
  loop_.turn_until([&] { return ended_ == 1; });
  leaving_ = 3;
  loop_.turn_until([&] { return ended_ == 3; });
  EXPECT_EQ(entered_, (std::vector<int>{1, 3}));
  EXPECT_EQ(failed_, 0);
}

TEST_F(KeyGateTest, MayEndBeforeItsVisitors) {
  testing::Loop loop;
  auto gate = std::make_unique<KeyGate>();
  for (int i = 0; i < 3; ++i) {
    asio::co_spawn(
        loop.executor(),
        [](KeyGate& at) -> Task<> {
          const KeyGate::Passage passage = co_await at.enter("key", testing::task_limit);
          co_await async::sleep_for(testing::task_limit);
        }(*gate),
        [](std::exception_ptr) {});
  }
  loop.run([]() -> Task<> { co_await async::sleep_for(milliseconds{5}); });
  gate.reset();
}

}  // namespace
}  // namespace wildnout::api
