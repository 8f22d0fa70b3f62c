// The steps of a reconciliation.
#include "identity/reconciler.hpp"

#include <algorithm>
#include <map>

#include "platform/jobs/jobs.hpp"
#include "platform/json/json.hpp"
#include "platform/log/log.hpp"
#include "platform/metrics/metrics.hpp"

namespace wildnout::identity {

enum class ReconciliationPhase : std::uint8_t { ours, theirs, gone, done };
BOOST_DESCRIBE_ENUM(ReconciliationPhase, ours, theirs, gone, done)

struct ReconciliationStep {
  Uuid run;
  ReconciliationPhase phase = ReconciliationPhase::ours;
  std::optional<UserId> after;    // of ours
  std::int64_t offset = 0;        // of theirs
  std::int64_t known = 0;         // users here that were looked at
  std::int64_t gone_count = 0;    // of them not at Clerk's
  std::vector<std::string> gone;  // their ids there, as many as are kept
};
BOOST_DESCRIBE_STRUCT(ReconciliationStep, (), (run, phase, after, offset, known, gone_count, gone))

namespace {

constexpr std::string_view reconcile_clerk = "reconcile_clerk";
constexpr int attempts = 50;  // of one step: hours
// Of what a job may hold: ids are 255 characters at most, Clerk's are about 32.
constexpr std::size_t gone_bytes = 48 * 1024;
constexpr std::size_t gone_a_step = 20;
// Pages of Clerk's list overlap: when somebody is deleted meanwhile, all behind move up by one.
constexpr std::int64_t overlap = 20;
constexpr std::int64_t few = 3;  // may always go, where others stay

metrics::Counter& drift(std::string_view kind) {
  return metrics::counter("wildnout_clerk_drift_users_total",
                          "Users who differed from Clerk's when they were compared",
                          {{"kind", std::string{kind}}});
}

Task<> leave_step(db::Session& db, const ReconciliationStep& step,
                  std::optional<Timestamp> at = {}) {
  jobs::NewJob job{.type = std::string{reconcile_clerk},
                   .payload = json::text_of(step),
                   .run_at = at,
                   .unique_key = "reconcile_clerk",
                   .max_attempts = attempts};
  co_await jobs::enqueue(db, std::move(job));
}

std::size_t bytes_of(const std::vector<std::string>& ids) {
  std::size_t bytes = 0;
  for (const std::string& id : ids) bytes += id.size() + 3;
  return bytes;
}

}  // namespace

bool Reconciler::is_plausible(std::int64_t gone, std::int64_t known) {
  return gone < known && (gone <= few || gone * 20 <= known);
}

Task<> Reconciler::begin_if_due() {
  if (!api_.is_configured()) co_return;
  const auto age = has_begun_ ? every : after_start;
  const Uuid run = Uuid::make();
  co_await database_.transact([&](db::Session& db) -> Task<> {
    if (!co_await begin_reconciliation(db, run, age)) co_return;
    ReconciliationStep first;
    first.run = run;
    co_await leave_step(db, first);
  });
  has_begun_ = true;
}

void Reconciler::register_job(jobs::Runner& runner) {
  if (!api_.is_configured()) return;
  runner.handle(std::string{reconcile_clerk}, [this](db::Session& db, jobs::Job job) -> Task<> {
    return proceed(db, std::move(job));
  });
}

// Clerk is asked before the first statement of the step's transaction, which begins with it.
Task<> Reconciler::proceed(db::Session& db, jobs::Job job) {
  ReconciliationStep step = json::read<ReconciliationStep>(job.payload);
  std::optional<std::chrono::seconds> pause;
  try {
    switch (step.phase) {
      case ReconciliationPhase::ours:
        co_await compare_ours(db, step);
        break;
      case ReconciliationPhase::theirs:
        co_await compare_theirs(db, step);
        break;
      case ReconciliationPhase::gone:
        co_await settle_gone(db, step);
        break;
      case ReconciliationPhase::done:
        break;
    }
  } catch (const ClerkBusy& busy) {
    pause = busy.pause();
  }
  if (pause) {
    log::info("Clerk is asked again later", {{"seconds", pause->count()}});
    co_await leave_step(db, json::read<ReconciliationStep>(job.payload), system_now() + *pause);
  } else if (step.phase != ReconciliationPhase::done) {
    co_await leave_step(db, step);
  } else {
    co_await finish_reconciliation(db, step.run);
    log::info("Clerk's users were gone through", {{"known", step.known}});
  }
}

Task<> Reconciler::compare_ours(db::Session& db, ReconciliationStep& step) {
  const auto users = co_await find_linked_users(database_.session(db::Work::slow), step.after,
                                                static_cast<std::int32_t>(ClerkApi::most_ids));
  if (users.empty()) {
    step.phase = ReconciliationPhase::theirs;
    co_return;
  }
  std::vector<std::string> ids;
  for (const LinkedUser& user : users) ids.push_back(user.clerk_id);
  std::map<std::string, ClerkUser> theirs;
  for (ClerkUser& user : co_await api_.users(ids)) theirs.emplace(user.id, std::move(user));
  DriftCounts counts;
  for (const LinkedUser& user : users) {
    ++counts.seen;
    const auto found = theirs.find(user.clerk_id);
    if (found == theirs.end()) {
      ++step.gone_count;
      if (bytes_of(step.gone) < gone_bytes) step.gone.push_back(user.clerk_id);
      continue;
    }
    const bool is_known =
        user.clerk_updated_at && found->second.updated_at <= *user.clerk_updated_at;
    if (is_known) continue;
    if (co_await webhooks_.take_user(db, found->second) == Outcome::done) ++counts.changed;
  }
  step.known += counts.seen;
  step.after = users.back().id;
  drift("changed").add(static_cast<double>(counts.changed));
  co_await add_drift(db, step.run, counts);
}

Task<> Reconciler::compare_theirs(db::Session& db, ReconciliationStep& step) {
  const ClerkApi::Page page = co_await api_.page(step.offset);
  std::vector<std::string> ids;
  for (const ClerkUser& user : page.users) ids.push_back(user.id);
  const auto unknown = co_await find_unknown(db, ids);
  DriftCounts counts;
  for (const ClerkUser& user : page.users) {
    if (std::ranges::find(unknown, user.id) == unknown.end()) continue;
    if (co_await webhooks_.take_user(db, user) == Outcome::done) ++counts.missing;
  }
  drift("missing").add(static_cast<double>(counts.missing));
  co_await add_drift(db, step.run, counts);
  step.offset += ClerkApi::users_a_page - overlap;
  if (!page.is_last) co_return;
  step.phase = step.gone.empty() ? ReconciliationPhase::done : ReconciliationPhase::gone;
  if (step.gone.empty() || is_plausible(step.gone_count, step.known)) co_return;
  step.phase = ReconciliationPhase::done;
  drift("implausible").add(static_cast<double>(step.gone_count));
  log::error("too many users are not at Clerk's: nobody is deleted",
             {{"gone", step.gone_count},
              {"known", step.known},
              {"fix", "look whether CLERK_SECRET_KEY is of this instance"}});
}

Task<> Reconciler::settle_gone(db::Session& db, ReconciliationStep& step) {
  const std::size_t size = std::min(step.gone.size(), gone_a_step);
  std::vector<std::string> missing;
  for (std::size_t at = 0; at < size; ++at) {
    if (!co_await api_.user(step.gone[at])) missing.push_back(step.gone[at]);
  }
  DriftCounts counts;
  for (const std::string& id : missing) {
    if (co_await webhooks_.take_deletion(db, id) == Outcome::done) ++counts.gone;
  }
  drift("gone").add(static_cast<double>(counts.gone));
  co_await add_drift(db, step.run, counts);
  step.gone.erase(step.gone.begin(), step.gone.begin() + static_cast<std::ptrdiff_t>(size));
  if (step.gone.empty()) step.phase = ReconciliationPhase::done;
}

}  // namespace wildnout::identity
