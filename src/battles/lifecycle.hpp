// The steps of battles: on time, once, in order, with history, event and results.
#pragma once

#include <optional>
#include <string>

#include "battles/node.hpp"
#include "battles/repository.hpp"
#include "platform/db/database.hpp"
#include "platform/jobs/runner.hpp"

namespace wildnout::battles {

// Takes every step that is due by database time, one after the other, and leaves a job for the
// next one. Of a round, its tournament takes them. In the caller's transaction; the battle's caches
// are dropped after its commit.
[[nodiscard]] Task<> advance(db::Session& session, Node& node, BattleId battle);

// One step now, whatever the schedule says, then those that are due. The battle's row is locked,
// and its tournament's before it; a tournament, or its round, is never forced to `cancelled` but as
// a whole.
[[nodiscard]] Task<> force(db::Session& session, Node& node, const BattleRow& battle, Status to,
                           StepCause cause, UserId actor, std::string reason);

// Writes a step down and tells it: history and event. Returns its time by the database. `parent`:
// the tournament of a round.
[[nodiscard]] Task<Timestamp> record_step(db::Session& session, BattleId battle,
                                          std::optional<Status> from, StepRow step, StepCause cause,
                                          std::optional<UserId> actor,
                                          std::optional<std::string> reason,
                                          std::optional<BattleId> parent = {});

// Leaves the battle's job for its next step; nothing when there is none.
[[nodiscard]] Task<> leave_job(db::Session& session, BattleId battle,
                               std::optional<Timestamp> next);

// Registers the jobs that take due steps and keep the lists fresh.
void register_jobs(jobs::Runner& runner, Node& node);

// Every second: finds battles whose job was lost (a node died with it) and takes their steps; once
// at start this is the catch-up after downtime. Every few seconds it refreshes the lists' order.
class Sweeper {
 public:
  Sweeper(db::Database& database, Node& node) : database_{database}, node_{node} {}
  [[nodiscard]] Task<> run();
  void stop();

 private:
  [[nodiscard]] Task<> catch_up();

  db::Database& database_;
  Node& node_;
  async::Signal signal_;
  bool is_stopping_ = false;
};

}  // namespace wildnout::battles
