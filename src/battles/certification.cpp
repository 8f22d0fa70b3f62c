// Each battle is examined once and certified once, whichever node does it and however often it is
// tried.
#include "battles/certification.hpp"

#include <memory>
#include <set>

#include "battles/examination.hpp"
#include "battles/repository.hpp"
#include "battles/results.hpp"
#include "contracts/battle_events.hpp"
#include "platform/bus/outbox.hpp"
#include "platform/jobs/jobs.hpp"
#include "platform/json/json.hpp"

namespace wildnout::battles {

// The payload of a certify_battle job.
struct CertificationJob {
  BattleId battle_id;
};
BOOST_DESCRIBE_STRUCT(CertificationJob, (), (battle_id))

namespace {

constexpr std::string_view certify_battle = "certify_battle";
constexpr std::int32_t battles_a_sweep = 100;

std::string job_key(BattleId battle) { return "certify:" + battle.text(); }

Task<> leave_job(db::Session& session, BattleId battle, std::optional<Timestamp> at) {
  jobs::NewJob job{.type = std::string{certify_battle},
                   .payload = json::text_of(CertificationJob{battle}),
                   .run_at = at,
                   .unique_key = job_key(battle)};
  co_await jobs::enqueue(session, std::move(job));
}

bool is_open(const std::optional<IntegrityRow>& window) {
  return window && window->state == ResultsState::provisional;
}

// What the battle's turn is. Everything is asked anew under the lock: what was read before may be
// old by now.
Task<> proceed(db::Session& session, db::Database& database, Node& node, BattleId battle) {
  const auto seen = co_await find_integrity(database.session(), battle);
  if (!is_open(seen)) co_return;
  std::optional<Examination> examination;
  if (!seen->examined_at) examination = co_await examine(database, node, battle);
  (void)co_await lock_battle(session, battle);
  const auto window = co_await find_integrity(session, battle);
  if (!is_open(window)) co_return;
  if (!window->examined_at && examination) {
    co_await apply(session, node, battle, window->fair_play, std::move(*examination));
  }
  if (window->is_due) {
    co_await certify(session, node, battle);
  } else {
    co_await leave_job(session, battle, window->certifies_at);
  }
  session.after_commit([&node, battle] {
    node.battle_changed(battle);
    node.background().wake();
  });
}

}  // namespace

Task<> conclude(db::Session& session, Node& node, BattleId battle, Timestamp completed_at) {
  const auto row = co_await find_battle(session, battle);
  const Rules rules = json::read<Rules>(row->rules);
  const Timestamp certifies_at = completed_at + std::chrono::minutes{rules.integrity_minutes};
  co_await settle_results(session, node, battle, completed_at, certifies_at);
  const bool has_detectors = rules.fair_play != FairPlay::off && !node.detectors().empty();
  if (!has_detectors) co_await mark_examined(session, battle);
  if (!has_detectors && rules.integrity_minutes == 0) {
    co_await certify(session, node, battle);
  } else if (has_detectors) {
    co_await leave_job(session, battle, std::nullopt);
  } else {
    co_await leave_job(session, battle, certifies_at);
  }
}

Task<> certify(db::Session& session, Node& node, BattleId battle) {
  const auto window = co_await find_integrity(session, battle);
  if (!is_open(window)) co_return;
  co_await certify_results(session, battle);
  co_await lapse_proposals(session, battle);
  if (window->fair_play != FairPlay::off) co_await remember_ties(session, battle);
  const auto results = co_await find_results(session, battle);
  co_await bus::publish(session, battle.value,
                        BattleCertified{battle, *results->certified_at, results->total_votes,
                                        results->voided_votes, results->merkle_root});
  co_await jobs::withdraw(session, job_key(battle));
  session.after_commit([&node, battle] { node.battle_changed(battle); });
}

void register_certification(jobs::Runner& runner, db::Database& database, Node& node) {
  // Battles that this process is looking at: a second job of theirs has nothing to do. Shared by
  // the copies of the handler.
  auto in_hand = std::make_shared<std::set<BattleId>>();
  runner.handle(std::string{certify_battle},
                [&database, &node, in_hand](db::Session& session, jobs::Job job) -> Task<> {
                  const BattleId battle = json::read<CertificationJob>(job.payload).battle_id;
                  if (!in_hand->insert(battle).second) co_return;
                  std::exception_ptr fault;
                  try {
                    co_await proceed(session, database, node, battle);
                  } catch (...) {
                    fault = std::current_exception();
                  }
                  in_hand->erase(battle);
                  if (fault) std::rethrow_exception(fault);
                });
}

Task<> resume_certifications(db::Database& database) {
  for (const BattleId battle :
       co_await overdue_certifications(database.session(), battles_a_sweep)) {
    co_await leave_job(database.session(db::Work::writes), battle, std::nullopt);
  }
}

}  // namespace wildnout::battles
