// Counts what callers use in Redis, for all nodes together: one of these a shard.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "platform/async/task.hpp"
#include "platform/limits/cell.hpp"
#include "platform/limits/refusals.hpp"
#include "platform/redis/client.hpp"

namespace wildnout::limits {

struct SharedSettings {
  // Redis has so long for a verdict; after it whoever asked does without.
  std::chrono::milliseconds deadline{50};
  std::string prefix = "wildnout:limit:";  // of every key
};

// GCRA as in Meter, by one atomic script on Redis's own clock. What is asked in one turn of the
// event loop goes to Redis in one call; while two calls are under way the next one gathers. One
// exact round trip a request was chosen over leasing slices of an allowance to nodes: within 1 % of
// 60 or 120 a minute there is no room for a slice that another node might want.
//
// A refusal is remembered until Redis would say otherwise: what a caller has used flows back by the
// clock alone and is only ever added to, so whoever floods a node costs Redis next to nothing.
class SharedMeter {
 public:
  // `client` outlives it. `executor` is the shard's.
  SharedMeter(Executor executor, redis::Client& client, SharedSettings settings = {});
  ~SharedMeter();
  SharedMeter(const SharedMeter&) = delete;
  SharedMeter& operator=(const SharedMeter&) = delete;

  [[nodiscard]] bool is_ready() const;

  // Nothing: Redis has not answered (in time, or at all); the request may have been counted there.
  [[nodiscard]] Task<std::optional<Verdict>> take(Key key, Rate rate, std::uint32_t cost);

  // Notes a failure, or when the caller has had `limit` of them in the last `window`, says how long
  // it is until the next would be tolerated. Zero: noted. Nothing: as above.
  [[nodiscard]] Task<std::optional<Microseconds>> note_failure(Key key, std::uint32_t limit,
                                                               std::chrono::seconds window);

 private:
  class Batches;

  redis::Client& client_;
  SharedSettings settings_;
  Refusals refusals_;
  std::shared_ptr<Batches> batches_;  // shared with the calls that are under way
};

}  // namespace wildnout::limits
