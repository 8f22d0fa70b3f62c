// One shard's connections to PostgreSQL, by class of work, and transactions over them.
#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <type_traits>

#include "platform/db/session.hpp"

namespace wildnout::db {

struct Settings {
  std::string url;                  // libpq URI or keyword string
  bool transaction_pooler = false;  // DATABASE_POOLER=transaction: unnamed statements only
  std::string search_path = "wildnout";
  unsigned leases = 4;              // connections for transactions, a shard
  unsigned queue_limit = 1024;      // tasks waiting for a lease, then Unavailable
  std::chrono::milliseconds lease_wait{5000};
  std::chrono::milliseconds statement_timeout{10000};
};

// Why a session is wanted: a slow query must not stand before a quick one in the same pipeline.
enum class Work { reads, votes, slow };

struct Health {
  bool is_up;
  std::chrono::microseconds latency;  // of the last probe
};

// Connects lazily and again after a loss (backoff 50 ms to 2 s, with jitter). Waiters on a lost
// connection get Error 08xxx; statements are never repeated by themselves. Destroy on its shard.
class Database {
 public:
  Database(Executor executor, Settings settings);
  ~Database();
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;

  // The shared pipeline for single statements of this kind.
  [[nodiscard]] Session& session(Work work = Work::reads);

  // Opens a transaction (READ COMMITTED), runs `body(session)`, commits; rolls back on an exception
  // and passes it on; runs the body again (at most 5 times, with jitter) on a serialization
  // failure or deadlock, so the body must have no effect outside the session.
  // BEGIN travels with the first statement.
  template <class Body>
  [[nodiscard]] auto transact(Body body) -> std::invoke_result_t<Body&, Session&>;

  [[nodiscard]] Task<Health> probe();

  class Transaction;  // a leased connection with an open transaction: transaction.hpp

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// How a command reaches the database: its own transaction, or the one that an idempotency key has
// already opened around it (then as a savepoint). Services take it by value and open one
// transaction through it.
class Scope {
 public:
  explicit Scope(Database& database) : database_{&database} {}
  Scope(Database& database, Session& ambient) : database_{&database}, ambient_{&ambient} {}

  template <class Body>
  [[nodiscard]] auto transact(Body body) -> std::invoke_result_t<Body&, Session&>;

  [[nodiscard]] bool is_ambient() const { return ambient_ != nullptr; }
  [[nodiscard]] Session& session() { return ambient_ ? *ambient_ : database_->session(); }
  [[nodiscard]] Database& database() { return *database_; }

 private:
  Database* database_;
  Session* ambient_ = nullptr;
};

}  // namespace wildnout::db
