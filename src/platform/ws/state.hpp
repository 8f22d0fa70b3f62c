// What all shards of the hub share: limits, counts, and the way to post to each other.
#pragma once

#include <atomic>
#include <boost/asio/ip/address.hpp>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "platform/async/shards.hpp"
#include "platform/values/uuid.hpp"
#include "platform/ws/hub.hpp"
#include "platform/ws/listened.hpp"
#include "platform/ws/quota.hpp"

namespace wildnout::ws {

class Part;

// Shared by the hub, its sockets and the work posted between shards, whichever ends last.
class State : public std::enable_shared_from_this<State> {
 public:
  State(async::Shards& shards, Limits limits);
  ~State();

  [[nodiscard]] const Limits& limits() const { return limits_; }
  [[nodiscard]] unsigned size() const { return static_cast<unsigned>(parts_.size()); }
  [[nodiscard]] Part& part(unsigned index) { return *parts_[index]; }
  [[nodiscard]] unsigned home_of(const std::string& channel) const {
    return static_cast<unsigned>(std::hash<std::string>{}(channel) % parts_.size());
  }

  // Runs work(Part&) on that shard's thread, soon. Two posts from one thread to one shard keep
  // their order; every message and every (un)subscription goes this way, also to the own shard.
  template <class Work>
  void post(unsigned index, Work work) {
    shards_.post(index, [state = shared_from_this(), index, work = std::move(work)]() mutable {
      work(state->part(index));
    });
  }

  ListenedChannels listened;
  Quota<Uuid> users;
  Quota<boost::asio::ip::address> addresses;
  std::atomic<std::size_t> sockets{0};
  std::atomic<std::uint64_t> delivered{0};
  std::atomic<std::uint64_t> slow_closed{0};
  std::atomic<std::uint64_t> next_number{1};  // of a socket
  std::atomic<bool> is_draining{false};

 private:
  async::Shards& shards_;
  const Limits limits_;
  std::vector<std::unique_ptr<Part>> parts_;
};

}  // namespace wildnout::ws
