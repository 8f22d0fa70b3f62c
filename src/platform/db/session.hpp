// What repositories see of the database: a session that runs registered queries.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "platform/async/task.hpp"

namespace wildnout::db {

class QueryBase;   // query.hpp
class Parameters;  // codec.hpp: encoded binary parameters
class Result;      // result.hpp: a PGresult and its lifetime
struct Statement;  // query.hpp: a query with its parameters

// A fault reported by PostgreSQL or the connection. `sqlstate` is five characters, "08000" and its
// like for a lost connection. Never shown to clients.
class Error : public std::runtime_error {
 public:
  Error(std::string sqlstate, std::string constraint, const std::string& message)
      : std::runtime_error{message},
        sqlstate_{std::move(sqlstate)},
        constraint_{std::move(constraint)} {}

  [[nodiscard]] const std::string& sqlstate() const { return sqlstate_; }
  [[nodiscard]] const std::string& constraint() const { return constraint_; }
  [[nodiscard]] bool is_unique_violation() const { return sqlstate_ == "23505"; }
  // Serialization failure or deadlock: the whole transaction may be run again.
  [[nodiscard]] bool is_retriable() const { return sqlstate_ == "40001" || sqlstate_ == "40P01"; }

 private:
  std::string sqlstate_;
  std::string constraint_;
};

// The pool's queue is full, or no connection could be had in time: clients see 503 `unavailable`.
class Unavailable : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// Either a shared pipelined connection (single statements, each its own transaction) or an open
// transaction. Belongs to one shard; not for use from another thread.
class Session {
 public:
  virtual ~Session() = default;

  // Sends one prepared statement at once; in a transaction, in order. The task waits for its result
  // and throws Error; the call itself throws Unavailable when the queue is full.
  [[nodiscard]] virtual Task<Result> execute(const QueryBase& query, Parameters parameters) = 0;

  // Sends several in one round trip: all or none of them; one result each. See db::together.
  [[nodiscard]] virtual Task<std::vector<Result>> execute_together(
      std::vector<Statement> statements) = 0;

  // Runs `action` on this shard once the surrounding transaction is durable; at once when there is
  // none; never when it is rolled back. For waking runners and dropping cached bytes.
  virtual void after_commit(std::function<void()> action) = 0;
};

}  // namespace wildnout::db
