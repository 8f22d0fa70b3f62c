// From the end of voting to a result that is final: the window for detectors and moderators.
#pragma once

#include "battles/node.hpp"
#include "platform/db/database.hpp"
#include "platform/jobs/runner.hpp"

namespace wildnout::battles {

// The result of a battle whose voting has just ended: certified at once where the rules have
// neither detectors nor a window, else provisional, with a job for what comes next. In the
// transaction of the step, with the battle's row locked.
[[nodiscard]] Task<> conclude(db::Session& session, Node& node, BattleId battle,
                              Timestamp completed_at);

// Makes the result final, tells it, and lets open proposals lapse; does nothing when it is final.
// The battle's row is locked.
[[nodiscard]] Task<> certify(db::Session& session, Node& node, BattleId battle);

// Registers the job that runs the detectors and certifies when the time has come. Detectors work
// outside the job's transaction; their findings, voids and the certificate are written in it.
void register_certification(jobs::Runner& runner, db::Database& database, Node& node);

// Leaves new jobs for battles whose certification is overdue: a node died with theirs.
[[nodiscard]] Task<> resume_certifications(db::Database& database);

}  // namespace wildnout::battles
