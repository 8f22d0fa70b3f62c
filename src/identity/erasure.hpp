// Taking a person out of every module's tables, for good.
#pragma once

#include <chrono>
#include <cstdint>

#include "contracts/ids.hpp"
#include "contracts/record_keepers.hpp"
#include "identity/administration.hpp"
#include "identity/session_book.hpp"
#include "platform/audit/trail.hpp"
#include "platform/db/database.hpp"
#include "platform/jobs/runner.hpp"

namespace wildnout::identity {

// How long a deletion that was asked for can be taken back.
inline constexpr std::chrono::days deletion_grace{30};
// When a person is looked for once more: what requests that were under way have written, and what
// was noted in memory, is there by then.
inline constexpr std::chrono::minutes second_look{10};

// One a shard. `records`: every module's.
class Erasures {
 public:
  Erasures(SessionBook& book, Administration& administration, const audit::Trail& trail,
           RecordKeepers records)
      : book_{book}, administration_{administration}, trail_{trail}, records_{std::move(records)} {}

  // Sets the day of the deletion (a day that is set stays), or with `is_immediate` erases now: then
  // every session ends. Refuses: not_found, last_admin.
  [[nodiscard]] Task<> ask(db::Scope scope, audit::Author author, UserId user, bool is_immediate);
  // Refuses: not_found; conflict when no deletion was asked for.
  [[nodiscard]] Task<> restore(db::Scope scope, audit::Author author, UserId user);
  // Erases those whose day has come, each in a transaction of its own; at most 100. The last admin
  // stays, and is tried again. Gives how many went.
  [[nodiscard]] Task<std::int64_t> erase_due(db::Database& database);

  // In the caller's transaction, which holds the user's row. What names or describes the person
  // goes from every module; the row stays as the mark that the account is gone, so that nothing
  // brings it back, and for the counts of what it took part in. What takes long to find is left to
  // a job. Publishes `user.deleted`.
  [[nodiscard]] Task<> erase(db::Session& db, UserId user, audit::Author author = {});

  // The job that goes on with what erasures have begun: step by step, a transaction each, and all
  // of it once more after `second_look`.
  void register_job(jobs::Runner& runner);

 private:
  [[nodiscard]] Task<> proceed(db::Session& db, jobs::Job job);

  SessionBook& book_;
  Administration& administration_;
  const audit::Trail& trail_;
  RecordKeepers records_;
};

}  // namespace wildnout::identity
