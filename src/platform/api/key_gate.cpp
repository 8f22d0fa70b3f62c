// The lines in front of the gate.
#include "platform/api/key_gate.hpp"

#include <algorithm>
#include <deque>
#include <unordered_map>

#include "platform/api/refusal.hpp"
#include "platform/async/signal.hpp"

namespace wildnout::api {

namespace {

using Clock = std::chrono::steady_clock;

struct Waiting {
  async::Signal signal;
  bool is_let_in = false;
};

}  // namespace

struct KeyGate::Doors {
  // A key that is here has somebody inside. Those who wait live in their tasks.
  std::unordered_map<std::string, std::deque<Waiting*>> lines;

  void leave(const std::string& key) {
    const auto line = lines.find(key);
    if (line->second.empty()) {
      lines.erase(line);
      return;
    }
    Waiting& next = *line->second.front();
    line->second.pop_front();
    next.is_let_in = true;
    next.signal.raise();
  }
};

namespace {

// A place in the line, given up at the end, also when the task is cut off; who was let in and does
// not come any more lets the next one in.
class Place {
 public:
  Place(std::shared_ptr<KeyGate::Doors> doors, std::string key)
      : doors_{std::move(doors)}, key_{std::move(key)} {
    doors_->lines.at(key_).push_back(&waiting_);
  }
  Place(const Place&) = delete;
  Place& operator=(const Place&) = delete;
  ~Place() {
    if (is_taken_) return;
    if (waiting_.is_let_in) {
      doors_->leave(key_);
    } else {
      std::erase(doors_->lines.at(key_), &waiting_);
    }
  }

  // Whether the turn came before the deadline.
  [[nodiscard]] Task<bool> wait(Clock::time_point deadline) {
    while (!waiting_.is_let_in && Clock::now() < deadline) {
      co_await waiting_.signal.wait_for(
          std::chrono::ceil<std::chrono::milliseconds>(deadline - Clock::now()));
    }
    is_taken_ = waiting_.is_let_in;
    co_return is_taken_;
  }

 private:
  std::shared_ptr<KeyGate::Doors> doors_;  // shared: see the gate
  std::string key_;
  Waiting waiting_;
  bool is_taken_ = false;
};

}  // namespace

KeyGate::KeyGate() : doors_{std::make_shared<Doors>()} {}

KeyGate::Passage::~Passage() {
  if (doors_) doors_->leave(key_);
}

Task<KeyGate::Passage> KeyGate::enter(std::string key, std::chrono::milliseconds patience) {
  const Clock::time_point deadline = Clock::now() + patience;
  if (doors_->lines.try_emplace(key).second) co_return Passage{doors_, std::move(key), patience};
  Place place{doors_, key};
  if (!co_await place.wait(deadline)) throw Refused{conflict};
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - Clock::now());
  co_return Passage{doors_, std::move(key), std::max(left, std::chrono::milliseconds{1})};
}

}  // namespace wildnout::api
