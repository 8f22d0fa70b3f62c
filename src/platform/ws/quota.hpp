// How many sockets each user, or each address, holds in this process.
#pragma once

#include <cstddef>
#include <mutex>
#include <unordered_map>

namespace wildnout::ws {

// From any thread; asked when a socket opens and ends only.
template <class Key>
class Quota {
 public:
  explicit Quota(std::size_t most) : most_{most} {}

  // False when `key` holds as many as it may.
  [[nodiscard]] bool take(const Key& key) {
    const std::lock_guard lock{mutex_};
    std::size_t& held = held_[key];
    if (held >= most_) return false;  // not 0, so the entry was there
    ++held;
    return true;
  }

  void give_back(const Key& key) {
    const std::lock_guard lock{mutex_};
    const auto found = held_.find(key);
    if (found != held_.end() && --found->second == 0) held_.erase(found);
  }

  [[nodiscard]] std::size_t holders() const {
    const std::lock_guard lock{mutex_};
    return held_.size();
  }

 private:
  std::size_t most_;
  mutable std::mutex mutex_;
  std::unordered_map<Key, std::size_t> held_;
};

}  // namespace wildnout::ws
