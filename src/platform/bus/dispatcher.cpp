// The dispatcher's loop and its statements.
#include "platform/bus/dispatcher.hpp"

#include <algorithm>
#include <boost/describe.hpp>

#include "platform/db/query.hpp"
#include "platform/log/log.hpp"
#include "platform/metrics/metrics.hpp"

namespace wildnout::bus {

struct PendingEvent {
  std::int64_t sequence;
  Uuid id;
  std::string type;
  Uuid aggregate_id;
  std::string data;
  Timestamp created_at;
  std::int32_t attempts;
};
BOOST_DESCRIBE_STRUCT(PendingEvent, (),
                      (sequence, id, type, aggregate_id, data, created_at, attempts))

namespace {

using namespace std::chrono_literals;

constexpr std::int32_t batch_events = 200;
constexpr std::int32_t most_attempts = 10;
constexpr auto idle_poll = 200ms;  // for events of other nodes; our own wake us
constexpr auto standby_poll = 1s;
constexpr auto after_fault = 500ms;
constexpr auto forget_every = 60s;

const db::Query<std::int64_t(std::string_view, Uuid)> take_lease{"take_lease", R"sql(
  WITH taken AS (
    INSERT INTO leases (name, holder, held_until)
    VALUES ($1, $2, clock_timestamp() + interval '5 seconds')
    ON CONFLICT (name) DO UPDATE
      SET holder = EXCLUDED.holder, held_until = EXCLUDED.held_until
      WHERE leases.holder = EXCLUDED.holder OR leases.held_until < clock_timestamp()
    RETURNING 1)
  SELECT count(*) FROM taken)sql"};

const db::Query<PendingEvent(std::int32_t)> pending_events{"pending_events", R"sql(
  SELECT sequence, id, type, aggregate_id, data, created_at, attempts FROM outbox
  WHERE delivered_at IS NULL AND parked_at IS NULL
  ORDER BY sequence LIMIT $1)sql"};

const db::Query<void(std::vector<std::int64_t>)> mark_delivered{"mark_delivered", R"sql(
  UPDATE outbox SET delivered_at = now_ms() WHERE sequence = ANY($1))sql"};

const db::Query<void(std::int64_t, std::string_view, std::int32_t)> note_failed_delivery{
    "note_failed_delivery", R"sql(
  UPDATE outbox SET attempts = attempts + 1, fault = $2,
         parked_at = CASE WHEN attempts + 1 >= $3 THEN now_ms() END
  WHERE sequence = $1)sql"};

// A day of delivered events is kept for whoever looks into one.
const db::Query<void()> forget_delivered{"forget_delivered", R"sql(
  DELETE FROM outbox WHERE sequence IN (
    SELECT sequence FROM outbox WHERE delivered_at < clock_timestamp() - interval '1 day'
    ORDER BY delivered_at LIMIT 10000))sql"};

}  // namespace

Task<> Dispatcher::run() {
  auto next_forget = std::chrono::steady_clock::now();
  while (!is_stopping_) {
    auto pause = std::chrono::milliseconds{after_fault};
    try {
      if (!co_await lead()) {
        pause = standby_poll;
      } else {
        pause = co_await deliver_some() > 0 ? 0ms : idle_poll;
        if (std::chrono::steady_clock::now() >= next_forget) {
          co_await forget_old();
          next_forget = std::chrono::steady_clock::now() + forget_every;
        }
      }
    } catch (const std::exception& fault) {
      log::warn("events wait", {{"what", fault.what()}});
    }
    if (pause > 0ms && !is_stopping_) co_await signal_.wait_for(pause);
  }
}

void Dispatcher::stop() {
  is_stopping_ = true;
  signal_.raise();
}

Task<bool> Dispatcher::lead() {
  co_return co_await db::one(database_.session(), take_lease, "outbox", holder_) > 0;
}

Task<std::size_t> Dispatcher::deliver_some() {
  static metrics::Counter& delivered =
      metrics::counter("wildnout_events_delivered_total", "Events handed to all their subscribers");
  const auto events = co_await db::all(database_.session(), pending_events, batch_events);
  std::vector<std::int64_t> done;
  std::vector<Uuid> held_back;  // aggregates with a failed event: their later ones wait
  for (const PendingEvent& event : events) {
    const bool waits =
        std::find(held_back.begin(), held_back.end(), event.aggregate_id) != held_back.end();
    if (waits) continue;
    const Envelope envelope{event.id, event.type, event.aggregate_id, event.data, event.created_at};
    if (co_await deliver(envelope, event.attempts)) {
      done.push_back(event.sequence);
    } else {
      held_back.push_back(event.aggregate_id);
      co_await db::run(database_.session(), note_failed_delivery, event.sequence,
                       "a subscriber failed, see the log", most_attempts);
    }
  }
  if (!done.empty()) co_await db::run(database_.session(), mark_delivered, done);
  delivered.add(static_cast<double>(done.size()));
  co_return done.size();
}

Task<bool> Dispatcher::deliver(const Envelope& envelope, int attempts) {
  const auto consumers = consumers_.find(envelope.type);
  if (consumers == consumers_.end()) co_return true;
  try {
    for (const auto& consumer : consumers->second) co_await consumer(envelope);
    co_return true;
  } catch (const std::exception& fault) {
    log::error("an event's subscriber failed", {{"event", envelope.id.text()},
                                                {"type", envelope.type},
                                                {"attempt", attempts + 1},
                                                {"what", fault.what()}});
  }
  co_return false;
}

Task<> Dispatcher::forget_old() {
  co_await db::run(database_.session(db::Work::slow), forget_delivered);
}

}  // namespace wildnout::bus
