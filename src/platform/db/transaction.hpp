// Sessions with a transaction open: on a leased connection, and nested in another one.
#pragma once

#include <exception>
#include <functional>
#include <memory>
#include <vector>

#include "platform/db/session.hpp"

namespace wildnout::db {

class Lease;  // pool.hpp

// How often a transaction is run at most when it meets serialization failures and deadlocks.
inline constexpr unsigned max_transaction_runs = 5;

// A transaction on a leased connection. BEGIN travels with the first statement; without a statement
// nothing is sent at all. Destroyed before its end (an exception, a cancelled coroutine) it is
// rolled back, and the connection serves others only once the server has said so.
class Transaction final : public Session {
 public:
  explicit Transaction(std::unique_ptr<Lease> lease);
  ~Transaction() override;
  Transaction(const Transaction&) = delete;
  Transaction& operator=(const Transaction&) = delete;

  [[nodiscard]] Task<Result> execute(const QueryBase& query, Parameters parameters) override;
  [[nodiscard]] Task<std::vector<Result>> execute_together(
      std::vector<Statement> statements) override;
  void after_commit(std::function<void()> action) override;

  // Durable when the task ends; then the after_commit actions have run. Error 40000 when a
  // statement had failed before, 08007 when the connection was lost and the outcome is not known.
  [[nodiscard]] Task<> commit();

  // Ends with the transaction rolled back; then passes `fault` on, unless it is one that running
  // the whole again may cure and `run` (from 1) was not the last: then waits a moment.
  [[nodiscard]] Task<> recover(std::exception_ptr fault, unsigned run);

 private:
  std::unique_ptr<Lease> lease_;
  std::vector<std::function<void()>> actions_;
  bool is_begun_ = false;
};

// A part of a transaction that can fail alone. SAVEPOINT travels with the first statement.
class Savepoint final : public Session {
 public:
  explicit Savepoint(Session& outer) : outer_{outer} {}

  [[nodiscard]] Task<Result> execute(const QueryBase& query, Parameters parameters) override;
  [[nodiscard]] Task<std::vector<Result>> execute_together(
      std::vector<Statement> statements) override;
  void after_commit(std::function<void()> action) override;

  // Hands the after_commit actions to the outer session.
  [[nodiscard]] Task<> release();
  // Forgets them, undoes what was done here, and throws `fault`.
  [[nodiscard]] Task<> recover(std::exception_ptr fault);

 private:
  Session& outer_;
  std::vector<std::function<void()>> actions_;
  bool is_begun_ = false;
};

}  // namespace wildnout::db
