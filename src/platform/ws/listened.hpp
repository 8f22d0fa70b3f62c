// The channels that have listeners in this process: asked from any thread before composing a
// message.
#pragma once

#include <array>
#include <boost/unordered/unordered_flat_set.hpp>
#include <cstddef>
#include <functional>
#include <mutex>
#include <string_view>

namespace wildnout::ws {

// Keeps 64-bit hashes only: two channels that share one are told apart nowhere here, which costs
// a message that nobody gets. Striped, so that threads seldom meet.
class ListenedChannels {
 public:
  void add(std::string_view channel) {
    const std::size_t hash = hash_of(channel);
    Stripe& stripe = stripes_[hash % stripes_.size()];
    const std::lock_guard lock{stripe.mutex};
    stripe.hashes.insert(hash);
  }

  void remove(std::string_view channel) {
    const std::size_t hash = hash_of(channel);
    Stripe& stripe = stripes_[hash % stripes_.size()];
    const std::lock_guard lock{stripe.mutex};
    stripe.hashes.erase(hash);
  }

  [[nodiscard]] bool contains(std::string_view channel) const {
    const std::size_t hash = hash_of(channel);
    const Stripe& stripe = stripes_[hash % stripes_.size()];
    const std::lock_guard lock{stripe.mutex};
    return stripe.hashes.contains(hash);
  }

  [[nodiscard]] std::size_t size() const {
    std::size_t sum = 0;
    for (const Stripe& stripe : stripes_) {
      const std::lock_guard lock{stripe.mutex};
      sum += stripe.hashes.size();
    }
    return sum;
  }

 private:
  static constexpr std::size_t stripe_count = 31;

  struct Stripe {
    mutable std::mutex mutex;
    boost::unordered_flat_set<std::size_t> hashes;
  };

  static std::size_t hash_of(std::string_view channel) {
    return std::hash<std::string_view>{}(channel);
  }

  std::array<Stripe, stripe_count> stripes_;
};

}  // namespace wildnout::ws
