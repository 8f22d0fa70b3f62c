// Hands stored events to their subscribers: in order, at least once, on one node at a time.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "platform/async/signal.hpp"
#include "platform/bus/event.hpp"
#include "platform/db/database.hpp"
#include "platform/json/json.hpp"

namespace wildnout::bus {

// One for the process, on one shard. Leads while it holds the lease "outbox"; other nodes stand by
// and take over within `lease_time` of its death. An event whose subscribers fail `attempts` times
// is parked with its fault, and the rest goes on.
class Dispatcher {
 public:
  explicit Dispatcher(db::Database& database) : database_{database} {}

  // Subscribe everything before `run`.
  template <Event T, class Consumer>
  void subscribe(Consumer consumer) {
    subscribe<T>(T::type, std::move(consumer));
  }

  // For a struct that several types of events share.
  template <class T, class Consumer>
  void subscribe(std::string_view type, Consumer consumer) {
    consumers_[std::string{type}].push_back(
        [consumer = std::move(consumer)](const Envelope& envelope) -> Task<> {
          co_await consumer(envelope, json::read<T>(std::string_view{envelope.data}));
        });
  }

  // Works until `stop`.
  [[nodiscard]] Task<> run();
  void stop();

  // An event was committed on this node: look now. On this shard's thread.
  void wake() { signal_.raise(); }

 private:
  [[nodiscard]] Task<bool> lead();
  [[nodiscard]] Task<std::size_t> deliver_some();
  [[nodiscard]] Task<bool> deliver(const Envelope& envelope, int attempts);
  [[nodiscard]] Task<> forget_old();

  db::Database& database_;
  std::map<std::string, std::vector<std::function<Task<>(const Envelope&)>>, std::less<>>
      consumers_;
  async::Signal signal_;
  Uuid holder_ = Uuid::make();
  bool is_stopping_ = false;
};

}  // namespace wildnout::bus
