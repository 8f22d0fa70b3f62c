// The scripts, and the gathering of calls.
#include "platform/limits/shared_meter.hpp"

#include <algorithm>
#include <boost/asio/post.hpp>
#include <utility>
#include <vector>

#include "platform/async/suspend.hpp"
#include "platform/log/log.hpp"
#include "platform/metrics/metrics.hpp"

namespace wildnout::limits {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t remembered_refusals = 16'384;  // a shard; 256 KiB
constexpr std::size_t most_keys = 64;                // of a call, so that none holds Redis up
constexpr unsigned most_under_way = 2;               // calls
constexpr std::chrono::minutes complain_every{1};

// Each key: the time, on Redis's clock in microseconds, at which all that was taken will have
// flowed back. A time farther ahead than the whole allowance comes from a clock that was set back,
// and counts as none. Answers what was ahead, as -1 - ahead where the request is refused. Numbers
// stay under 2^53, where Lua's are exact. One MGET is cheaper than a GET for each key, so what a
// caller takes twice in one call is looked up in `taken`.
const redis::Script& take_script() {
  static const redis::Script script{R"lua(
local call, keys, args = redis.call, KEYS, ARGV
local time = call('TIME')
local now = time[1] * 1000000 + time[2]
local answers = call('MGET', unpack(keys))
local taken = {}
for i = 1, #keys do
  local key, whole, cost = keys[i], tonumber(args[2 * i - 1]), tonumber(args[2 * i])
  local ahead = (taken[key] or answers[i] or now) - now
  if ahead < 0 or ahead > whole then ahead = 0 end
  local used = ahead + cost
  if used <= whole then
    taken[key] = now + used
    call('PSETEX', key, math.ceil(used / 1000), string.format('%.0f', now + used))
    answers[i] = ahead
  else
    answers[i] = -1 - ahead
  end
end
return answers)lua"};
  return script;
}

// The key: a list of the times of failures, oldest first, none older than the window.
const redis::Script& failure_script() {
  static const redis::Script script{R"lua(
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local limit, window = tonumber(ARGV[1]), tonumber(ARGV[2])
local first = redis.call('LINDEX', KEYS[1], 0)
while first and tonumber(first) + window <= now do
  redis.call('LPOP', KEYS[1])
  first = redis.call('LINDEX', KEYS[1], 0)
end
if redis.call('LLEN', KEYS[1]) >= limit then
  return math.min(tonumber(first) + window - now, window)
end
redis.call('RPUSH', KEYS[1], string.format('%.0f', now))
redis.call('PEXPIRE', KEYS[1], math.ceil(window / 1000))
return 0)lua"};
  return script;
}

Microseconds now() {
  return std::chrono::duration_cast<Microseconds>(Clock::now().time_since_epoch());
}

void append_hex(std::string& out, std::uint64_t number) {
  constexpr char digits[] = "0123456789abcdef";
  for (int shift = 60; shift >= 0; shift -= 4) out.push_back(digits[number >> shift & 15]);
}

std::string name_of(const std::string& prefix, const Key& key) {
  std::string name = prefix + std::to_string(key.kind) + ':';
  append_hex(name, key.high);
  append_hex(name, key.low);
  return name;
}

metrics::Counter& verdicts(const char* from) {
  return metrics::counter("wildnout_shared_limits_total",
                          "Where the verdicts on requests came from while Redis was asked",
                          {{"from", from}});
}

struct Ask {
  Key key;
  Cost cost;
  std::optional<Verdict> verdict{};
  std::optional<async::Resume> resume{};
};

}  // namespace

// Lives until the last call was answered; an Ask lives in the coroutine that waits for it.
class SharedMeter::Batches : public std::enable_shared_from_this<Batches> {
 public:
  Batches(Executor executor, redis::Client& client, const SharedSettings& settings)
      : executor_{executor}, client_{&client}, settings_{settings} {}

  void add(Ask& ask) {
    waiting_.push_back(&ask);
    const bool is_full = waiting_.size() >= most_keys && under_way_ < most_under_way;
    if (is_full && is_client_ready()) return flush();  // which resumes nobody from here
    if (is_posted_ || under_way_ >= most_under_way) return;
    is_posted_ = true;
    boost::asio::post(executor_, [self = shared_from_this()] {
      self->is_posted_ = false;
      self->flush();
    });
  }

  // The meter ends, and who asked it has ended.
  void end() { client_ = nullptr; }

  // A Redis that answers with errors (full, read only, another's keys) would fill the log.
  void complain(std::string_view what) {
    const Clock::time_point now = Clock::now();
    if (complained_ && now - *complained_ < complain_every) return;
    complained_ = now;
    log::warn("Redis refuses to count; limits are each node's own", {{"what", what}});
  }

  metrics::Counter& shared = verdicts("redis");
  metrics::Counter& remembered = verdicts("refusals");
  metrics::Counter& missed = verdicts("memory");

 private:
  using Asks = std::vector<Ask*>;

  void flush() {
    while (!waiting_.empty() && (under_way_ < most_under_way || !is_client_ready())) {
      const auto end =
          waiting_.begin() + static_cast<std::ptrdiff_t>(std::min(waiting_.size(), most_keys));
      Asks asks{waiting_.begin(), end};
      waiting_.erase(waiting_.begin(), end);
      if (is_client_ready()) {
        send(std::move(asks));
      } else {
        resume(asks);
      }
    }
  }

  [[nodiscard]] bool is_client_ready() const { return client_ != nullptr && client_->is_ready(); }

  void send(Asks asks) {
    redis::ScriptCall call{take_script(), static_cast<unsigned>(asks.size())};
    for (const Ask* ask : asks) call.add(name_of(settings_.prefix, ask->key));
    for (const Ask* ask : asks) {
      call.add(static_cast<std::int64_t>(ask->cost.whole));
      call.add(static_cast<std::int64_t>(ask->cost.request));
    }
    ++under_way_;
    client_->send(std::move(call), settings_.deadline,
                  [self = shared_from_this(), asks = std::move(asks)](redis::Outcome outcome) {
                    if (self->client_ == nullptr) return;  // the house is being taken down
                    --self->under_way_;
                    self->read(outcome, asks);
                    self->resume(asks);
                    self->flush();
                  });
  }

  void read(const redis::Outcome& outcome, const Asks& asks) {
    if (outcome.fault != redis::Fault::none) return;
    if (outcome.reply.size() != asks.size()) return complain(outcome.reply.text());
    for (std::size_t i = 0; i < asks.size(); ++i) {
      const std::int64_t answer = outcome.reply[i].integer();
      const auto ahead = static_cast<std::uint64_t>(answer < 0 ? -1 - answer : answer);
      asks[i]->verdict = verdict_of(ahead, asks[i]->cost);
    }
  }

  void resume(const Asks& asks) {
    for (Ask* ask : asks) {
      (ask->verdict ? shared : missed).add();
      // Taken out first: the ask is gone when its coroutine has gone on.
      async::Resume waiting = std::move(*ask->resume);
      waiting.run_here();
    }
  }

  Executor executor_;
  redis::Client* client_;
  SharedSettings settings_;
  Asks waiting_;
  unsigned under_way_ = 0;
  bool is_posted_ = false;
  std::optional<Clock::time_point> complained_;
};

SharedMeter::SharedMeter(Executor executor, redis::Client& client, SharedSettings settings)
    : client_{client},
      settings_{std::move(settings)},
      refusals_{remembered_refusals},
      batches_{std::make_shared<Batches>(executor, client, settings_)} {}

SharedMeter::~SharedMeter() { batches_->end(); }

bool SharedMeter::is_ready() const { return client_.is_ready(); }

Task<std::optional<Verdict>> SharedMeter::take(Key key, Rate rate, std::uint32_t cost) {
  Ask ask{key, cost_of(rate, cost)};
  const Microseconds asked = now();
  if (const auto refused = refusals_.find(key, ask.cost, asked)) {
    batches_->remembered.add();
    co_return refused;
  }
  co_await async::suspend([&](async::Resume resume) {
    ask.resume.emplace(std::move(resume));
    batches_->add(ask);
  });
  // Redis decided after it was asked, so the refusal ends no sooner than this reckons.
  if (ask.verdict && !ask.verdict->is_admitted) {
    refusals_.note(key, asked, ask.verdict->until_full);
  }
  co_return ask.verdict;
}

Task<std::optional<Microseconds>> SharedMeter::note_failure(Key key, std::uint32_t limit,
                                                            std::chrono::seconds window) {
  redis::ScriptCall call{failure_script(), 1};
  call.add(name_of(settings_.prefix, key)).add(static_cast<std::int64_t>(limit));
  call.add(static_cast<std::int64_t>(Microseconds{window}.count()));
  const redis::Outcome outcome = co_await client_.ask(std::move(call), settings_.deadline);
  if (outcome.fault != redis::Fault::none) co_return std::nullopt;
  if (outcome.reply.kind() != redis::ReplyView::Kind::integer) {
    batches_->complain(outcome.reply.text());
    co_return std::nullopt;
  }
  co_return Microseconds{outcome.reply.integer()};
}

}  // namespace wildnout::limits
