// A shard's cache whose misses are loaded once, however many ask at the same time.
#pragma once

#include <boost/unordered/unordered_flat_map.hpp>
#include <chrono>
#include <exception>
#include <functional>
#include <memory>
#include <utility>
#include <vector>

#include "platform/async/suspend.hpp"
#include "platform/async/task.hpp"

namespace wildnout::cache {

// Values are immutable and shared by the cache and the requests that are using them. A value lives
// `lifetime` at most; `drop` ends it at once, and a load that began before the drop is not kept, so
// who changed something and dropped it reads the change. One thread only.
template <class Key, class Value, class Hash = std::hash<Key>>
class FlightCache {
 public:
  using Shared = std::shared_ptr<const Value>;

  FlightCache(std::size_t capacity, std::chrono::milliseconds lifetime)
      : capacity_{capacity}, lifetime_{lifetime} {}

  // The fresh value, or nothing: the way without a coroutine.
  [[nodiscard]] Shared find(const Key& key) const {
    const auto found = entries_.find(key);
    if (found == entries_.end() || !found->second.value) return nullptr;
    return Clock::now() < found->second.fresh_until ? found->second.value : nullptr;
  }

  // The fresh value, or what `load()` (a task giving Shared, which may be null) finds. A failed
  // load throws to all who wait for it and is not kept.
  template <class Load>
  [[nodiscard]] Task<Shared> get(Key key, Load load) {
    if (Shared value = find(key)) co_return value;
    auto flight = flight_of(key);
    if (flight->is_started) {
      co_await landing(flight);
    } else {
      flight->is_started = true;
      try {
        flight->value = co_await load();
      } catch (...) {
        flight->fault = std::current_exception();
      }
      land(key, flight);
    }
    if (flight->fault) std::rethrow_exception(flight->fault);
    co_return flight->value;
  }

  // Who waits for a load under way still gets it; who comes from now on starts a new one.
  void drop(const Key& key) { entries_.erase(key); }

  void drop_all() { entries_.clear(); }

  [[nodiscard]] std::size_t size() const { return entries_.size(); }

 private:
  using Clock = std::chrono::steady_clock;

  struct Flight {
    bool is_started = false;
    bool is_over = false;
    Shared value;
    std::exception_ptr fault;
    std::vector<async::Resume> waiters;
  };
  struct Entry {
    Shared value;
    Clock::time_point fresh_until;
    std::shared_ptr<Flight> flight;  // shared with the tasks that wait for it
  };

  std::shared_ptr<Flight> flight_of(const Key& key) {
    if (entries_.size() >= capacity_ && !entries_.contains(key)) make_room();
    Entry& entry = entries_[key];
    entry.value = nullptr;
    if (!entry.flight) entry.flight = std::make_shared<Flight>();
    return entry.flight;
  }

  void land(const Key& key, const std::shared_ptr<Flight>& flight) {
    flight->is_over = true;
    const auto found = entries_.find(key);
    if (found != entries_.end() && found->second.flight == flight) {
      if (flight->value) {
        found->second.value = flight->value;
        found->second.fresh_until = Clock::now() + lifetime_;
        found->second.flight = nullptr;
      } else {
        entries_.erase(found);
      }
    }
    for (auto& waiter : std::exchange(flight->waiters, {})) waiter.post();
  }

  static Task<> landing(std::shared_ptr<Flight> flight) {
    if (flight->is_over) co_return;
    co_await async::suspend(
        [&](async::Resume resume) { flight->waiters.push_back(std::move(resume)); });
  }

  // Throws out what is no longer fresh; when all is, whatever comes first.
  void make_room() {
    const auto now = Clock::now();
    erase_if(entries_, [&](const auto& item) {
      return !item.second.flight && item.second.fresh_until <= now;
    });
    while (entries_.size() >= capacity_) entries_.erase(entries_.begin());
  }

  std::size_t capacity_;
  std::chrono::milliseconds lifetime_;
  // Flat: a hit in a large cache costs two misses of the processor's, not four.
  boost::unordered_flat_map<Key, Entry, Hash> entries_;
};

}  // namespace wildnout::cache
