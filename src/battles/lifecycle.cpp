// Taking steps, and what each brings with it.
#include "battles/lifecycle.hpp"

#include "battles/results.hpp"
#include "battles/rules.hpp"
#include "contracts/battle_events.hpp"
#include "platform/bus/outbox.hpp"
#include "platform/jobs/jobs.hpp"
#include "platform/json/json.hpp"
#include "platform/log/log.hpp"
#include "platform/metrics/metrics.hpp"

namespace wildnout::battles {

// The payload of an update_battle_state job.
struct BattleJob {
  BattleId battle_id;
};
BOOST_DESCRIBE_STRUCT(BattleJob, (), (battle_id))

namespace {

using namespace std::chrono_literals;

constexpr std::string_view update_battle_state = "update_battle_state";
constexpr auto sweep_every = 1000ms;
constexpr int sweeps_a_refresh = 3;
constexpr std::int32_t sweep_battles = 100;

std::string job_key(BattleId battle) { return "battle:" + battle.text(); }

std::string_view event_of(Status status) {
  switch (status) {
    case Status::active:
      return battle_activated;
    case Status::voting:
      return battle_voting_started;
    case Status::completed:
      return battle_completed;
    case Status::cancelled:
      return battle_cancelled;
    case Status::upcoming:
      break;  // a battle is created there, no step leads to it
  }
  return {};
}

Status status_before(Status status) {
  switch (status) {
    case Status::active:
      return Status::upcoming;
    case Status::voting:
      return Status::active;
    case Status::completed:
    case Status::cancelled:
    case Status::upcoming:
      break;
  }
  return Status::voting;
}

Task<> tell_step(db::Session& session, Node& node, BattleId battle, std::optional<Status> from,
                 StepRow step, StepCause cause, std::optional<UserId> actor,
                 std::optional<std::string> reason) {
  static metrics::Counter& steps =
      metrics::counter("wildnout_battle_steps_total", "Lifecycle steps taken");
  const Timestamp at =
      co_await add_history(session, battle, from, step.status, cause, actor, std::move(reason));
  BattleStep event{battle, step.title, std::string{spelled(step.status)}, at, step.ends_at};
  co_await bus::store(session, event_of(step.status), battle.value, json::text_of(event));
  if (!next_status(step.status)) co_await list_with_final_count(session, battle);
  if (step.status == Status::completed) {
    // No integrity window: certified in the same transaction.
    co_await settle_results(session, node, battle, at, at);
    co_await certify_results(session, battle);
  }
  steps.add();
}

// Counts a battle whose result an earlier version made, unless another node was quicker.
Task<> renew_results(db::Session& session, Node& node, BattleId battle) {
  const auto row = co_await lock_battle(session, battle);
  const bool is_done = (co_await find_results(session, battle)).has_value();
  if (row && !is_done) co_await recount_results(session, node, battle);
}

Task<> leave_job(db::Session& session, BattleId battle) {
  const auto next = co_await next_step_at(session, battle);
  if (!next) co_return;
  jobs::NewJob job{.type = std::string{update_battle_state},
                   .payload = json::text_of(BattleJob{battle}),
                   .run_at = next,
                   .unique_key = job_key(battle)};
  co_await jobs::enqueue(session, std::move(job));
}

}  // namespace

Task<> advance(db::Session& session, Node& node, BattleId battle) {
  while (auto step = co_await take_due_step(session, battle)) {
    const Status from = status_before(step->status);
    co_await tell_step(session, node, battle, from, std::move(*step), StepCause::schedule,
                       std::nullopt, std::nullopt);
  }
  co_await leave_job(session, battle);
  session.after_commit([&node, battle] { node.battle_changed(battle); });
}

Task<> force(db::Session& session, Node& node, const BattleRow& battle, Status to, StepCause cause,
             UserId actor, std::string reason) {
  StepRow step = co_await force_step(session, battle.id, to);
  co_await tell_step(session, node, battle.id, battle.status, std::move(step), cause, actor,
                     std::move(reason));
  if (!next_status(to)) co_await jobs::withdraw(session, job_key(battle.id));
  co_await advance(session, node, battle.id);
}

void register_jobs(jobs::Runner& runner, Node& node) {
  runner.handle(std::string{update_battle_state},
                [&node](db::Session& session, jobs::Job job) -> Task<> {
                  const auto payload = json::read<BattleJob>(job.payload);
                  co_await node.write_impressions(payload.battle_id);
                  co_await advance(session, node, payload.battle_id);
                });
}

Task<> Sweeper::run() {
  int sweeps = 0;
  while (!is_stopping_) {
    try {
      co_await catch_up();
      if (++sweeps % sweeps_a_refresh == 0)
        co_await refresh_lists(database_.session(db::Work::slow));
    } catch (const std::exception& fault) {
      log::warn("battles wait for their steps", {{"what", fault.what()}});
    }
    if (!is_stopping_) co_await signal_.wait_for(sweep_every);
  }
}

void Sweeper::stop() {
  is_stopping_ = true;
  signal_.raise();
}

Task<> Sweeper::catch_up() {
  const auto overdue = co_await overdue_battles(database_.session(), sweep_battles);
  for (const BattleId battle : overdue) {
    co_await node_.write_impressions(battle);
    co_await database_.transact(
        [&](db::Session& session) -> Task<> { co_await advance(session, node_, battle); });
  }
  for (const BattleId battle : co_await outdated_results(database_.session(), sweep_battles)) {
    co_await database_.transact(
        [&](db::Session& session) -> Task<> { co_await renew_results(session, node_, battle); });
  }
}

}  // namespace wildnout::battles
