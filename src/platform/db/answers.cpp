// Receiving: the server's answers in order, the end of segments, and the loss of a connection.
#include <libpq-fe.h>

#include <exception>

#include "platform/db/connection.hpp"
#include "platform/log/log.hpp"
#include "platform/metrics/metrics.hpp"

namespace wildnout::db {
namespace {

// A statement slower than this is worth a line in the log.
constexpr std::chrono::milliseconds slow_statement{1000};
constexpr std::chrono::milliseconds watch_interval{1000};

std::string field_of(const PGresult* answer, int field) {
  const char* text = PQresultErrorField(answer, field);
  return text != nullptr ? text : "";
}

std::string trimmed(std::string text) {
  while (!text.empty() && (text.back() == '\n' || text.back() == ' ')) text.pop_back();
  return text;
}

// The server ends the connection after such an error.
bool ends_connection(const PGresult* answer) {
  const std::string severity = field_of(answer, PG_DIAG_SEVERITY_NONLOCALIZED);
  return severity == "FATAL" || severity == "PANIC";
}

std::exception_ptr error_of(const PGresult* answer, const QueryBase& query) {
  std::string message = field_of(answer, PG_DIAG_MESSAGE_PRIMARY);
  const std::string sqlstate = field_of(answer, PG_DIAG_SQLSTATE);
  // Of a broken constraint (class 23) the detail is the key or the whole row: no log's business.
  const std::string detail =
      sqlstate.starts_with("23") ? std::string{} : field_of(answer, PG_DIAG_MESSAGE_DETAIL);
  if (message.empty()) message = trimmed(PQresultErrorMessage(answer));
  message = "query " + std::string{query.name()} + ": " + message;
  if (!detail.empty()) message += " (" + detail + ")";
  return std::make_exception_ptr(
      Error{sqlstate, field_of(answer, PG_DIAG_CONSTRAINT_NAME), message});
}

}  // namespace

// One look a second, and only while answers are due.
void Connection::watch() {
  if (is_watched_ || expected_.empty() || state_ != State::ready) return;
  is_watched_ = true;
  timer_.expires_after(watch_interval);
  timer_.async_wait([self = shared_from_this()](const boost::system::error_code& error) {
    self->is_watched_ = false;
    if (error || self->state_ != State::ready || self->expected_.empty()) return;
    if (Clock::now() - self->last_answer_ > self->target_.answer_timeout) {
      return self->lose("the server does not answer");
    }
    self->watch();
  });
}

void Connection::receive() {
  if (PQconsumeInput(server_) != 1) return lose(PQerrorMessage(server_));
  last_answer_ = Clock::now();
  while (take_result()) {
  }
  if (state_ != State::ready) return;  // `lose` has seen to the waiting tasks
  wait_readable();
  flush();
  // Tasks run only now: what they send must not meet a half-read result.
  const std::vector<SegmentPtr> ended = std::move(ended_);
  ended_.clear();
  for (const SegmentPtr& segment : ended) {
    if (segment->waiter.is_waiting()) segment->waiter.wake();
  }
}

bool Connection::take_result() {
  if (expected_.empty() || PQisBusy(server_) != 0) return false;
  PGresult* answer = PQgetResult(server_);
  if (answer == nullptr) {
    // The null behind an error that came at the Sync; a second one means that nothing is there.
    if (PQisBusy(server_) != 0) return false;
    answer = PQgetResult(server_);
    if (answer == nullptr) return false;
  }
  if (PQresultStatus(answer) == PGRES_FATAL_ERROR && ends_connection(answer)) {
    lose(field_of(answer, PG_DIAG_MESSAGE_PRIMARY));
    PQclear(answer);
    return false;
  }
  take_answer(expected_.front(), answer);
  return state_ == State::ready;
}

void Connection::take_answer(Expected& expected, pg_result* raw) {
  Result answer{raw};
  const ExecStatusType status = PQresultStatus(raw);
  const bool is_at_sync = expected.part == Part::sync || expected.part == Part::sync_of_prepare;
  if (is_at_sync != (status == PGRES_PIPELINE_SYNC)) {
    // The commit behind a Sync failed (a deferred constraint): the Sync's own answer still comes.
    if (is_at_sync && status == PGRES_FATAL_ERROR) {
      return expected.segment->fail(error_of(raw, *expected.query));
    }
    return lose("the answers are out of step");
  }
  if (is_at_sync) {
    if (expected.part == Part::sync) end(expected.segment);
    expected_.pop_front();
    return;
  }
  const bool is_success = status == PGRES_TUPLES_OK || status == PGRES_COMMAND_OK;
  if (!is_success) expected.segment->fail(error_of(raw, *expected.query));
  if (expected.part == Part::prepare) {
    if (!is_success) prepared_[expected.query->index()] = false;
  } else {
    --under_way_;
    gauges_.statements.add();
    if (is_success) expected.segment->add(std::move(answer));
  }
  expected_.pop_front();
  if (PGresult* surplus = PQgetResult(server_)) {
    PQclear(surplus);
    lose("the answers are out of step");
  }
}

void Connection::end(const SegmentPtr& segment) {
  const auto taken = Clock::now() - segment->sent_at();
  gauges_.seconds.observe(std::chrono::duration<double>{taken}.count());
  if (segment->has_failed()) gauges_.failures.add();
  if (taken > slow_statement) {
    const auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(taken).count();
    log::warn("slow statement", {{"query", segment->first().name()}, {"ms", ms}});
  }
  segment->end();
  ended_.push_back(segment);
}

void Connection::lose(const std::string& why) {
  if (state_ == State::lost) return;
  state_ = State::lost;
  lost_at_ = Clock::now();
  loss_ = trimmed(why);
  gauges_.losses.add();
  timer_.cancel();
  if (socket_.is_open()) socket_.release();
  if (server_ != nullptr) PQfinish(server_);
  server_ = nullptr;
  const std::exception_ptr fault = loss_error();
  const auto give_up = [this, &fault](const SegmentPtr& segment) {
    if (segment->is_ended()) return;
    segment->fail(fault);
    end(segment);
  };
  for (const Expected& expected : expected_) give_up(expected.segment);
  for (const Waiting& waiting : waiting_) give_up(waiting.segment);
  expected_.clear();
  waiting_.clear();
  under_way_ = 0;
  wake_later();
}

std::exception_ptr Connection::loss_error() const {
  return std::make_exception_ptr(Error{"08006", "", "the database connection is lost: " + loss_});
}

// The caller may itself be in a task, inside which no other may run.
void Connection::wake_later() {
  for (const SegmentPtr& segment : ended_) {
    if (segment->waiter.is_waiting()) segment->waiter.wake_later();
  }
  ended_.clear();
}

}  // namespace wildnout::db
