// Statements of a transaction and of a savepoint, their ends, and what follows a commit.
#include "platform/db/transaction.hpp"

#include <chrono>

#include "platform/db/control.hpp"
#include "platform/db/pool.hpp"
#include "platform/log/log.hpp"
#include "platform/metrics/metrics.hpp"

namespace wildnout::db {
namespace {

constexpr std::chrono::milliseconds shortest_retry{5};
constexpr std::chrono::milliseconds longest_retry{100};

metrics::Counter& repetitions() {
  static metrics::Counter& counter =
      metrics::counter("wildnout_database_transaction_retries_total",
                       "Transactions run again after a serialization failure or deadlock.");
  return counter;
}

bool is_retriable(const std::exception_ptr& fault) {
  try {
    std::rethrow_exception(fault);
  } catch (const Error& error) {
    return error.is_retriable();
  } catch (...) {
    return false;
  }
}

// The change is durable: a failing action must not make it look undone.
void run_all(std::vector<std::function<void()>>& actions) {
  const std::vector<std::function<void()>> ready = std::move(actions);
  actions.clear();
  for (const auto& action : ready) {
    try {
      action();
    } catch (const std::exception& fault) {
      log::error("an action after a commit failed", {{"what", fault.what()}});
    }
  }
}

Task<Result> commit_result(SegmentPtr segment) {
  try {
    co_return co_await result_of(std::move(segment));
  } catch (const Error& error) {
    if (error.sqlstate() != "08006") throw;
    throw Error{"08007", "", std::string{"the outcome of a commit is not known: "} + error.what()};
  }
}

std::vector<Statement> with_first(const QueryBase& first, std::vector<Statement> rest) {
  rest.insert(rest.begin(), Statement{&first, {}});
  return rest;
}

}  // namespace

Transaction::Transaction(std::unique_ptr<Lease> lease) : lease_{std::move(lease)} {}

Transaction::~Transaction() = default;

Task<Result> Transaction::execute(const QueryBase& query, Parameters parameters) {
  if (is_begun_) {
    Statement statement{&query, std::move(parameters)};
    return result_of(lease_->submit({&statement, 1}));
  }
  Statement statements[] = {{&control::begin(), {}}, {&query, std::move(parameters)}};
  SegmentPtr segment = lease_->submit(statements);
  is_begun_ = true;
  return result_of(std::move(segment), 1);
}

Task<std::vector<Result>> Transaction::execute_together(std::vector<Statement> statements) {
  if (is_begun_) return results_of(lease_->submit(statements));
  std::vector<Statement> begun = with_first(control::begin(), std::move(statements));
  SegmentPtr segment = lease_->submit(begun);
  is_begun_ = true;
  return results_of(std::move(segment), 1);
}

void Transaction::after_commit(std::function<void()> action) {
  actions_.push_back(std::move(action));
}

Task<> Transaction::commit() {
  if (is_begun_) {
    Statement statement{&control::commit(), {}};
    const Result result = co_await commit_result(lease_->submit({&statement, 1}));
    // PostgreSQL answers the COMMIT of a failed transaction with ROLLBACK, and no error.
    if (result.command() != "COMMIT") {
      throw Error{"40000", "", "a statement of the transaction had failed: it was rolled back"};
    }
  }
  lease_.reset();
  run_all(actions_);
}

Task<> Transaction::recover(std::exception_ptr fault, unsigned run) {
  actions_.clear();
  if (is_begun_) {
    Statement statement{&control::roll_back(), {}};
    try {
      co_await result_of(lease_->submit({&statement, 1}));
    } catch (const std::exception& failure) {
      // The lease closes a connection that is not at rest; the first fault is the one to tell.
      log::debug("rollback failed", {{"what", failure.what()}});
    }
  }
  lease_.reset();
  if (run >= max_transaction_runs || !is_retriable(fault)) std::rethrow_exception(fault);
  repetitions().add();
  co_await async::sleep_for(backoff(run, shortest_retry, longest_retry));
}

Task<Result> Savepoint::execute(const QueryBase& query, Parameters parameters) {
  if (is_begun_) return outer_.execute(query, std::move(parameters));
  std::vector<Statement> statements{{&control::savepoint(), {}}, {&query, std::move(parameters)}};
  Task<std::vector<Result>> done = outer_.execute_together(std::move(statements));
  is_begun_ = true;
  return [](Task<std::vector<Result>> both) -> Task<Result> {
    std::vector<Result> results = co_await std::move(both);
    co_return std::move(results[1]);
  }(std::move(done));
}

Task<std::vector<Result>> Savepoint::execute_together(std::vector<Statement> statements) {
  if (is_begun_) return outer_.execute_together(std::move(statements));
  Task<std::vector<Result>> done =
      outer_.execute_together(with_first(control::savepoint(), std::move(statements)));
  is_begun_ = true;
  return [](Task<std::vector<Result>> all) -> Task<std::vector<Result>> {
    std::vector<Result> results = co_await std::move(all);
    results.erase(results.begin());
    co_return results;
  }(std::move(done));
}

void Savepoint::after_commit(std::function<void()> action) {
  actions_.push_back(std::move(action));
}

Task<> Savepoint::release() {
  if (is_begun_) co_await outer_.execute(control::release(), {});
  for (std::function<void()>& action : actions_) outer_.after_commit(std::move(action));
  actions_.clear();
}

Task<> Savepoint::recover(std::exception_ptr fault) {
  actions_.clear();
  if (is_begun_) {
    try {
      co_await outer_.execute(control::roll_back_to_savepoint(), {});
      co_await outer_.execute(control::release(), {});
    } catch (const std::exception& failure) {
      log::debug("rollback to a savepoint failed", {{"what", failure.what()}});
    }
  }
  std::rethrow_exception(fault);
}

}  // namespace wildnout::db
