// Limits by who calls: an address, a user, a role; counted in the memory of this process.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "platform/api/limits.hpp"
#include "platform/limits/failure_log.hpp"
#include "platform/limits/meter.hpp"
#include "platform/metrics/metrics.hpp"

namespace wildnout::api {

// Numbers are requests a minute. GCRA: the whole number at once, and as many again evenly over each
// minute.
struct RateLimits {
  bool is_observing = false;     // nobody is stopped; who would have been is logged and counted
  std::uint32_t anonymous = 60;  // an address; of IPv6 the /64 that one subscriber has
  std::uint32_t user = 100;
  // Beside that, the best of the caller's roles counts.
  std::vector<std::pair<std::string, std::uint32_t>> roles{};
  std::uint32_t burst = 120;          // a user's allowance for Tier::burst alone
  std::uint32_t heavy_cost = 5;       // what a request of Tier::search or Tier::upload counts as
  std::uint32_t bad_credentials = 5;  // from one address, in any `lock_window`
  std::chrono::seconds lock_window{900};
};

// One for the process; any thread. A request costs about 0.1 us: see bench/micro.
class RateLimiter final : public Limiter {
 public:
  explicit RateLimiter(RateLimits limits);

  [[nodiscard]] std::optional<Allowance> take(const Caller* caller,
                                              const boost::asio::ip::address& remote,
                                              Tier tier) override;
  [[nodiscard]] std::optional<std::uint32_t> note_bad_credentials(
      const boost::asio::ip::address& remote) override;

  // The same in steps, for who counts elsewhere, too.
  struct Use {
    limits::Key key;  // whose use it is, the same on every node
    limits::Rate rate;
    std::uint32_t cost;
    bool is_burst;
  };
  [[nodiscard]] Use use_of(const Caller* caller, const boost::asio::ip::address& remote,
                           Tier tier) const;
  [[nodiscard]] limits::Verdict count(const Use& use);
  [[nodiscard]] std::optional<Allowance> judge(const Use& use, const limits::Verdict& verdict,
                                               const Caller* caller,
                                               const boost::asio::ip::address& remote);
  using Duration = limits::FailureLog::Clock::duration;
  [[nodiscard]] static limits::Key failure_key(const boost::asio::ip::address& remote);
  [[nodiscard]] std::optional<Duration> note_failure(const boost::asio::ip::address& remote);
  [[nodiscard]] std::optional<std::uint32_t> judge_failure(std::optional<Duration> locked_for,
                                                           const boost::asio::ip::address& remote);
  [[nodiscard]] const RateLimits& limits() const { return limits_; }

 private:
  [[nodiscard]] std::uint32_t limit_of(const Caller& caller) const;
  void observe(const Caller* caller, const boost::asio::ip::address& remote, std::string_view what);

  const RateLimits limits_;
  limits::Meter meter_;
  limits::FailureLog failures_;
  metrics::Counter& stopped_anonymous_;
  metrics::Counter& stopped_users_;
  metrics::Counter& stopped_bursts_;
  metrics::Counter& locked_;
  std::atomic<std::int64_t> last_line_{0};  // seconds; of the log of an observing limiter
  std::atomic<std::uint64_t> untold_{0};    // stops since then
};

}  // namespace wildnout::api
