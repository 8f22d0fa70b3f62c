// The steps of an erasure.
#include "identity/erasure.hpp"

#include "contracts/users.hpp"
#include "identity/administration_repository.hpp"
#include "identity/erasure_repository.hpp"
#include "platform/bus/outbox.hpp"
#include "platform/jobs/jobs.hpp"
#include "platform/json/json.hpp"
#include "platform/log/log.hpp"

namespace wildnout::identity {

// Where an erasure stands: in which module's part, and where that goes on.
struct ErasureJob {
  UserId user_id;
  std::int32_t pass = 1;
  std::int32_t part = 0;
  std::string from;
};
BOOST_DESCRIBE_STRUCT(ErasureJob, (), (user_id, pass, part, from))

namespace {

constexpr std::string_view erase_person = "erase_person";
constexpr std::int32_t passes = 2;
constexpr int attempts = 2000;  // five minutes apart: a week, in which somebody sees the errors

Task<> leave_job(db::Session& db, ErasureJob at, std::optional<Timestamp> when = {}) {
  jobs::NewJob job{.type = std::string{erase_person},
                   .payload = json::text_of(at),
                   .run_at = when,
                   .unique_key = "erase:" + at.user_id.text(),
                   .max_attempts = attempts};
  co_await jobs::enqueue(db, std::move(job));
}

audit::Fact fact_of(std::string action, UserId user) {
  return {.action = std::move(action),
          .subject_type = "user",
          .subject_id = user.text(),
          .severity = audit::Severity::warning};
}

}  // namespace

Task<> Erasures::ask(db::Scope scope, audit::Author author, UserId user, bool is_immediate) {
  co_await scope.transact([&](db::Session& db) -> Task<> {
    co_await lock_admins(db);
    const auto row = co_await lock_user(db, user);
    api::require(row.has_value(), api::not_found);
    co_await administration_.require_other_admin(db, *row);
    if (is_immediate) {
      co_await erase(db, user, author);
    } else {
      co_await schedule_erasure(db, user, deletion_grace);
      co_await trail_.record(db, author, fact_of("user.deletionRequested", user));
    }
  });
}

Task<> Erasures::restore(db::Scope scope, audit::Author author, UserId user) {
  co_await scope.transact([&](db::Session& db) -> Task<> {
    const bool was_asked_for = co_await unschedule_erasure(db, user);
    api::require(was_asked_for, api::conflict);
    co_await trail_.record(db, author, fact_of("user.deletionTakenBack", user));
  });
}

Task<std::int64_t> Erasures::erase_due(db::Database& database) {
  std::int64_t count = 0;
  for (const UserId user : co_await find_due_erasures(database.session(db::Work::slow))) {
    try {
      co_await database.transact([&](db::Session& db) -> Task<> {
        co_await lock_admins(db);
        const auto row = co_await lock_user(db, user);
        if (!row || !co_await is_erasure_due(db, user)) co_return;  // taken back, or done elsewhere
        co_await administration_.require_other_admin(db, *row);
        co_await erase(db, user);
        ++count;
      });
    } catch (const api::Refused&) {
      log::warn("the last admin was not erased", {{"user", user.text()}});
    }
  }
  co_return count;
}

// The row of the trail comes first: the key that seals from where it was asked for goes with the
// rest.
Task<> Erasures::erase(db::Session& db, UserId user, audit::Author author) {
  co_await trail_.record(db, std::move(author), fact_of("user.erased", user));
  for (RecordKeeper* const records : records_) co_await records->erase(db, user);
  co_await bus::publish(db, user.value, UserDeleted{user});
  co_await leave_job(db, {user, 1, 0, ""});
  co_await book_.change_user(db, ChangeKind::user_barred, user);
}

void Erasures::register_job(jobs::Runner& runner) {
  runner.handle(std::string{erase_person}, [this](db::Session& db, jobs::Job job) -> Task<> {
    return proceed(db, std::move(job));
  });
}

// One step, and the job of the next one in its transaction: a runner that dies anywhere loses a
// step at most, which is done again.
Task<> Erasures::proceed(db::Session& db, jobs::Job job) {
  ErasureJob at = json::read<ErasureJob>(job.payload);
  const bool is_beginning = at.part == 0 && at.from.empty();
  if (at.pass > 1 && is_beginning) {
    for (RecordKeeper* const records : records_) co_await records->erase(db, at.user_id);
  }
  const auto part = static_cast<std::size_t>(at.part);
  if (part < records_.size()) {
    const auto next = co_await records_[part]->erase_step(db, at.user_id, at.from);
    if (!next) ++at.part;
    at.from = next.value_or("");
    co_await leave_job(db, at);
  } else if (at.pass < passes) {
    co_await leave_job(db, {at.user_id, at.pass + 1, 0, ""}, system_now() + second_look);
  } else {
    log::info("a person was erased", {{"user", at.user_id.text()}});
  }
}

}  // namespace wildnout::identity
