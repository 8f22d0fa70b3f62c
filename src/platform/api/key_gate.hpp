// Lets the requests of one key in one by one; who waits holds nothing but their place.
#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <utility>

#include "platform/async/task.hpp"

namespace wildnout::api {

// Of one shard: requests of a key on other shards and nodes are met in PostgreSQL. One thread only.
class KeyGate {
 public:
  struct Doors;  // who is inside and who waits, by key

  // The right to be inside. It goes to the next in line at its end, wherever that comes from.
  class Passage {
   public:
    Passage(std::shared_ptr<Doors> doors, std::string key, std::chrono::milliseconds left)
        : doors_{std::move(doors)}, key_{std::move(key)}, left_{left} {}
    Passage(Passage&&) = default;
    Passage& operator=(Passage&&) = delete;
    ~Passage();

    // What is left of the time that one may wait.
    [[nodiscard]] std::chrono::milliseconds left() const { return left_; }

   private:
    std::shared_ptr<Doors> doors_;  // shared with the gate: requests may outlive it at shutdown
    std::string key_;
    std::chrono::milliseconds left_;
  };

  KeyGate();

  // First come, first served. Throws Refused 409 `conflict` after `patience`.
  [[nodiscard]] Task<Passage> enter(std::string key, std::chrono::milliseconds patience);

 private:
  std::shared_ptr<Doors> doors_;  // shared as above
};

}  // namespace wildnout::api
