// One shard's connections to PostgreSQL, by class of work, and transactions over them.
#pragma once

#include <chrono>
#include <cstdint>
#include <exception>
#include <memory>
#include <type_traits>

#include "platform/db/query.hpp"
#include "platform/db/session.hpp"
#include "platform/db/settings.hpp"
#include "platform/db/transaction.hpp"

namespace wildnout::db {

// Why a session is wanted: a slow query must not stand before a quick one in the same pipeline.
// `reads` and `writes` plan by index alone (target.hpp): statements that look up few rows by key.
enum class Work : std::uint8_t { reads, writes, slow };

struct Health {
  bool is_up;
  std::chrono::microseconds latency;  // of the last probe
};

// Connects lazily and again after a loss (backoff 50 ms to 2 s, with jitter; in between statements
// fail at once). Waiters on a lost connection get Error 08xxx; statements are never repeated by
// themselves. Host names are resolved by libpq, which blocks the shard: give an address or a socket
// folder where the resolver may be slow. Destroy on its shard, after everything that uses it.
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
  // BEGIN travels with the first statement. Throws Unavailable when no connection can be leased.
  template <class Body>
  [[nodiscard]] auto transact(Body body) -> std::invoke_result_t<Body&, Session&>;

  // Asks the server for a word on the pipeline for reads and waits 2 s for it. Does not throw for a
  // database that is down.
  [[nodiscard]] Task<Health> probe();

 private:
  [[nodiscard]] Task<std::unique_ptr<Transaction>> begin();

  struct State;
  std::unique_ptr<State> state_;
};

// How a command reaches the database: its own transaction, or the one that an idempotency key has
// already opened around it (then as a savepoint; what to do after the commit waits for the outer
// one, and a serialization failure is passed on, since only the whole can be run again). Services
// take it by value and open one transaction through it.
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
  template <class Body>
  [[nodiscard]] static auto nest(Session& ambient, Body body)
      -> std::invoke_result_t<Body&, Session&>;

  Database* database_;
  Session* ambient_ = nullptr;
};

template <class Body>
auto Database::transact(Body body) -> std::invoke_result_t<Body&, Session&> {
  using Value = typename std::invoke_result_t<Body&, Session&>::value_type;
  for (unsigned run = 1;; ++run) {
    const std::unique_ptr<Transaction> transaction = co_await begin();
    std::exception_ptr fault;
    try {
      if constexpr (std::is_void_v<Value>) {
        co_await body(*transaction);
        co_await transaction->commit();
        co_return;
      } else {
        Value value = co_await body(*transaction);
        co_await transaction->commit();
        co_return value;
      }
    } catch (...) {
      fault = std::current_exception();
    }
    co_await transaction->recover(fault, run);
  }
}

template <class Body>
auto Scope::nest(Session& ambient, Body body) -> std::invoke_result_t<Body&, Session&> {
  using Value = typename std::invoke_result_t<Body&, Session&>::value_type;
  Savepoint savepoint{ambient};
  std::exception_ptr fault;
  try {
    if constexpr (std::is_void_v<Value>) {
      co_await body(savepoint);
      co_await savepoint.release();
      co_return;
    } else {
      Value value = co_await body(savepoint);
      co_await savepoint.release();
      co_return value;
    }
  } catch (...) {
    fault = std::current_exception();
  }
  co_await savepoint.recover(fault);
  std::rethrow_exception(fault);
}

template <class Body>
auto Scope::transact(Body body) -> std::invoke_result_t<Body&, Session&> {
  if (ambient_ != nullptr) return nest(*ambient_, std::move(body));
  return database_->transact(std::move(body));
}

}  // namespace wildnout::db
