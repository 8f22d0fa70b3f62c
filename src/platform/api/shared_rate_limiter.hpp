// The limiter of one shard: the process's own, and the counts that all nodes share in Redis.
#pragma once

#include "platform/api/rate_limiter.hpp"
#include "platform/limits/shared_meter.hpp"

namespace wildnout::api {

// How a request is decided. Redis is ready: by its count, in one round trip. Redis is away, or has
// not kept its last deadline, or does not keep this one: by the process's own count. That count
// goes on while Redis decides, so a node that loses Redis still knows what it has admitted itself.
// Each node then gives a caller one whole allowance: with N nodes that lose Redis together, N times
// it instead of once. A Redis that comes back empty gives one more.
//
// On its shard.
class SharedRateLimiter final : public Limiter {
 public:
  // Both outlive it.
  SharedRateLimiter(RateLimiter& own, limits::SharedMeter& meter) : own_{own}, meter_{meter} {}

  [[nodiscard]] std::optional<Allowance> take(const Caller* caller,
                                              const boost::asio::ip::address& remote,
                                              Tier tier) override {
    return own_.take(caller, remote, tier);
  }
  [[nodiscard]] std::optional<std::uint32_t> note_bad_credentials(
      const boost::asio::ip::address& remote) override {
    return own_.note_bad_credentials(remote);
  }
  [[nodiscard]] bool is_shared() const override { return meter_.is_ready(); }
  [[nodiscard]] Task<std::optional<Allowance>> take_shared(const Caller* caller,
                                                           const boost::asio::ip::address& remote,
                                                           Tier tier) override;
  [[nodiscard]] Task<std::optional<std::uint32_t>> note_bad_credentials_shared(
      boost::asio::ip::address remote) override;

 private:
  RateLimiter& own_;
  limits::SharedMeter& meter_;
};

}  // namespace wildnout::api
