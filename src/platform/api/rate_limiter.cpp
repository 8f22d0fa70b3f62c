// From a request to its key and rate.
#include "platform/api/rate_limiter.hpp"

#include <algorithm>
#include <cstring>

#include "platform/log/log.hpp"

namespace wildnout::api {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::chrono::seconds window{60};
constexpr std::size_t meter_cells = 256 * 1024;         // callers of a minute; 2 MiB
constexpr std::size_t most_failing_addresses = 65'536;  // about 10 MiB at the most

// What is counted; keys of different kinds never meet.
enum class Kind : std::uint8_t { address = 1, user, burst, failure };

std::uint64_t word_at(const std::uint8_t* bytes) {
  std::uint64_t word;
  std::memcpy(&word, bytes, sizeof word);
  return word;
}

// IPv4 whole, of IPv6 the first 64 bits: the rest is the subscriber's own to choose.
limits::Key key_of(const boost::asio::ip::address& remote) {
  const auto kind = static_cast<std::uint64_t>(Kind::address);
  if (remote.is_v4()) return {kind, 1, remote.to_v4().to_uint()};
  const auto bytes = remote.to_v6().to_bytes();
  return {kind, 2, word_at(bytes.data())};
}

limits::Key key_of(const Caller& caller, Kind kind) {
  const auto& bytes = caller.user_id.bytes;
  return {static_cast<std::uint64_t>(kind), word_at(bytes.data()), word_at(bytes.data() + 8)};
}

std::uint32_t seconds_of(std::chrono::nanoseconds time) {
  return static_cast<std::uint32_t>(std::chrono::ceil<std::chrono::seconds>(time).count());
}

metrics::Counter& stopped(const char* whom) {
  return metrics::counter("wildnout_rate_limited_requests_total",
                          "Requests stopped by a limit, or that would have been while observing",
                          {{"caller", whom}});
}

}  // namespace

RateLimiter::RateLimiter(RateLimits limits)
    : limits_{std::move(limits)},
      meter_{meter_cells},
      failures_{limits_.bad_credentials, limits_.lock_window, most_failing_addresses},
      stopped_anonymous_{stopped("anonymous")},
      stopped_users_{stopped("user")},
      stopped_bursts_{stopped("burst")},
      locked_{stopped("bad_credentials")} {}

std::optional<Allowance> RateLimiter::take(const Caller* caller,
                                           const boost::asio::ip::address& remote, Tier tier) {
  if (tier == Tier::unlimited) return std::nullopt;
  const Use use = use_of(caller, remote, tier);
  return judge(use, count(use), caller, remote);
}

RateLimiter::Use RateLimiter::use_of(const Caller* caller, const boost::asio::ip::address& remote,
                                     Tier tier) const {
  const bool is_heavy = tier == Tier::search || tier == Tier::upload;
  const bool is_burst = tier == Tier::burst && caller != nullptr;
  limits::Rate rate{limits_.anonymous, window};
  if (caller != nullptr) rate.limit = is_burst ? limits_.burst : limit_of(*caller);
  return {.key = caller == nullptr ? key_of(remote)
                                   : key_of(*caller, is_burst ? Kind::burst : Kind::user),
          .rate = rate,
          .cost = is_heavy ? limits_.heavy_cost : 1,
          .is_burst = is_burst};
}

limits::Verdict RateLimiter::count(const Use& use) {
  const auto now =
      std::chrono::duration_cast<limits::Microseconds>(Clock::now().time_since_epoch());
  return meter_.take(use.key, use.rate, use.cost, now);
}

std::optional<Allowance> RateLimiter::judge(const Use& use, const limits::Verdict& verdict,
                                            const Caller* caller,
                                            const boost::asio::ip::address& remote) {
  if (!verdict.is_admitted) {
    (caller == nullptr ? stopped_anonymous_
     : use.is_burst    ? stopped_bursts_
                       : stopped_users_)
        .add();
    if (limits_.is_observing) observe(caller, remote, use.is_burst ? "burst" : "requests");
  }
  if (limits_.is_observing) return std::nullopt;
  return Allowance{.is_admitted = verdict.is_admitted,
                   .limit = use.rate.limit,
                   .remaining = verdict.remaining,
                   .reset = seconds_of(verdict.until_full),
                   .retry_after = seconds_of(verdict.until_room)};
}

std::optional<std::uint32_t> RateLimiter::note_bad_credentials(
    const boost::asio::ip::address& remote) {
  return judge_failure(note_failure(remote), remote);
}

limits::Key RateLimiter::failure_key(const boost::asio::ip::address& remote) {
  limits::Key key = key_of(remote);
  key.kind = static_cast<std::uint64_t>(Kind::failure);
  return key;
}

std::optional<RateLimiter::Duration> RateLimiter::note_failure(
    const boost::asio::ip::address& remote) {
  const limits::Key key = key_of(remote);
  // Two addresses of one number here would need 2^64 / 65,536 of them.
  const std::uint64_t caller = key.low ^ (key.high << 63);
  return failures_.note(caller, Clock::now());
}

std::optional<std::uint32_t> RateLimiter::judge_failure(std::optional<Duration> locked_for,
                                                        const boost::asio::ip::address& remote) {
  if (!locked_for) return std::nullopt;
  locked_.add();
  if (!limits_.is_observing) return seconds_of(*locked_for);
  observe(nullptr, remote, "bad credentials");
  return std::nullopt;
}

std::uint32_t RateLimiter::limit_of(const Caller& caller) const {
  std::uint32_t limit = limits_.user;
  for (const auto& [role, of_role] : limits_.roles) {
    if (of_role <= limit) continue;
    if (std::ranges::find(caller.roles, role) != caller.roles.end()) limit = of_role;
  }
  return limit;
}

// One line a second: a flood of requests must not become a flood of lines.
void RateLimiter::observe(const Caller* caller, const boost::asio::ip::address& remote,
                          std::string_view what) {
  untold_.fetch_add(1, std::memory_order_relaxed);
  const std::int64_t now =
      std::chrono::duration_cast<std::chrono::seconds>(Clock::now().time_since_epoch()).count();
  std::int64_t last = last_line_.load(std::memory_order_relaxed);
  if (now == last || !last_line_.compare_exchange_strong(last, now)) return;
  const std::uint64_t count = untold_.exchange(0);
  log::warn("rate limits, observing: a caller would have been stopped",
            {{"userId", caller != nullptr ? caller->user_id.text() : std::string{}},
             {"client", remote.to_string()},
             {"limit", what},
             {"stops", count}});
}

}  // namespace wildnout::api
