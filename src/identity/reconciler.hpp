// Going through Clerk's users once a day: what webhooks did not bring is found and brought.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "identity/clerk_api.hpp"
#include "identity/reconciliation_repository.hpp"
#include "identity/webhooks.hpp"
#include "platform/jobs/runner.hpp"

namespace wildnout::identity {

// Where a run stands; the payload of its next step.
struct ReconciliationStep;

// One for the process, beside its runner. A run is a chain of jobs, a page of users each, so that
// one node at a time is at it and another one goes on where a node died. What differs is repaired
// by the very code that takes webhooks.
//
//   ours    every user here who is of Clerk's, a hundred at a time: is the state old, or is the
//           user gone there?
//   theirs  Clerk's list: who has never been heard of here?
//   gone    each who was missing is asked for alone; only Clerk's own "not found" deletes
//
// Deletions cannot be taken back. So nobody is deleted when too many seem gone: then it is more
// likely that the key is of another instance (see `is_plausible`).
class Reconciler {
 public:
  static constexpr std::chrono::minutes every{24 * 60};
  // After a start: who was down for long has missed what Clerk's retries have given up on.
  static constexpr std::chrono::minutes after_start{60};

  Reconciler(db::Database& database, ClerkApi api, Webhooks& webhooks)
      : database_{database}, api_{std::move(api)}, webhooks_{webhooks} {}

  void register_job(jobs::Runner& runner);

  // Begins a run when the last one, on whichever node, is as old as it may be. Does nothing without
  // CLERK_SECRET_KEY.
  [[nodiscard]] Task<> begin_if_due();

  // Whether that many users, of those that are known here, may have gone in a day.
  [[nodiscard]] static bool is_plausible(std::int64_t gone, std::int64_t known);

 private:
  [[nodiscard]] Task<> proceed(db::Session& db, jobs::Job job);
  [[nodiscard]] Task<> compare_ours(db::Session& db, ReconciliationStep& step);
  [[nodiscard]] Task<> compare_theirs(db::Session& db, ReconciliationStep& step);
  [[nodiscard]] Task<> settle_gone(db::Session& db, ReconciliationStep& step);

  db::Database& database_;
  ClerkApi api_;
  Webhooks& webhooks_;
  bool has_begun_ = false;
};

}  // namespace wildnout::identity
