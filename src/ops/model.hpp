// The bodies of health answers and of the development broadcast.
#pragma once

#include <boost/describe.hpp>
#include <cstdint>
#include <optional>
#include <string>

#include "platform/values/constraints.hpp"

namespace wildnout::ops {

struct Alive {
  std::string status;
};
BOOST_DESCRIBE_STRUCT(Alive, (), (status))

// `off`: this node does not use that part.
enum class CheckStatus { ok, degraded, down, off };
BOOST_DESCRIBE_ENUM(CheckStatus, ok, degraded, down, off)

enum class HealthStatus { ok, degraded, down };
BOOST_DESCRIBE_ENUM(HealthStatus, ok, degraded, down)

struct Check {
  CheckStatus status = CheckStatus::off;
  Omittable<double> latency_ms;
};
BOOST_DESCRIBE_STRUCT(Check, (), (status, latency_ms))

struct Checks {
  Check database;
  Check redis;
  Check storage;
  Check chain;
  Check jobs;
  Check sessions;  // degraded: a session that ended elsewhere may still be taken here
};
BOOST_DESCRIBE_STRUCT(Checks, (), (database, redis, storage, chain, jobs, sessions))

struct Health {
  HealthStatus status;
  Checks checks;
};
BOOST_DESCRIBE_STRUCT(Health, (), (status, checks))

struct BroadcastRequest {
  std::optional<Number<128, 16384>> size;
  std::optional<Number<1, 100000>> count;
  std::optional<Number<0, 10000>> interval_ms;
};
BOOST_DESCRIBE_STRUCT(BroadcastRequest, (), (size, count, interval_ms))

struct BroadcastMessage {
  std::int32_t seq;
  std::int64_t t;  // the sender's monotonic clock, nanoseconds
  std::string pad;
};
BOOST_DESCRIBE_STRUCT(BroadcastMessage, (), (seq, t, pad))

struct BroadcastDone {
  std::int32_t sent;
  double elapsed_ms;
};
BOOST_DESCRIBE_STRUCT(BroadcastDone, (), (sent, elapsed_ms))

}  // namespace wildnout::ops
