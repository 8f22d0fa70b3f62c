// Asking Redis first, and oneself in any case.
#include "platform/api/shared_rate_limiter.hpp"

#include <algorithm>

namespace wildnout::api {

Task<std::optional<Allowance>> SharedRateLimiter::take_shared(
    const Caller* caller, const boost::asio::ip::address& remote, Tier tier) {
  if (tier == Tier::unlimited) co_return std::nullopt;
  const RateLimiter::Use use = own_.use_of(caller, remote, tier);
  const auto shared = co_await meter_.take(use.key, use.rate, use.cost);
  // A refused request uses nothing, here or there.
  if (shared && !shared->is_admitted) co_return own_.judge(use, *shared, caller, remote);
  const limits::Verdict own = own_.count(use);
  co_return own_.judge(use, shared.value_or(own), caller, remote);
}

// The longer lock of the two counts: a Redis that has lost its own frees nobody.
Task<std::optional<std::uint32_t>> SharedRateLimiter::note_bad_credentials_shared(
    boost::asio::ip::address remote) {
  const RateLimits& limits = own_.limits();
  const auto shared = co_await meter_.note_failure(RateLimiter::failure_key(remote),
                                                   limits.bad_credentials, limits.lock_window);
  auto locked_for = own_.note_failure(remote);
  if (shared && shared->count() > 0) {
    locked_for = std::max<limits::FailureLog::Clock::duration>(
        *shared, locked_for.value_or(limits::FailureLog::Clock::duration{}));
  }
  co_return own_.judge_failure(locked_for, remote);
}

}  // namespace wildnout::api
