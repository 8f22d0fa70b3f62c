// Transactions on leased connections: ends, retries, queues and scopes.
#include "platform/db/transaction.hpp"

#include <gtest/gtest.h>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>

#include "platform/async/signal.hpp"
#include "platform/db/database.hpp"
#include "platform/db/plain.hpp"
#include "support/database.hpp"
#include "support/roadblock.hpp"
#include "support/run.hpp"

namespace wildnout::db {
namespace {

namespace asio = boost::asio;
using std::chrono::milliseconds;

const Query<void(std::int32_t)> add{"transaction_add", "INSERT INTO kept (n) VALUES ($1)"};
const Query<std::int64_t()> total{"transaction_total", "SELECT count(*) FROM kept"};
const Query<void(std::int32_t)> touch{"transaction_touch",
                                      "UPDATE kept SET m = m + 1 WHERE n = $1"};
const Query<std::int32_t(std::int32_t)> amount{"transaction_amount",
                                               "SELECT m FROM kept WHERE n = $1"};
const Query<void()> serializable{"transaction_serializable",
                                 "SET TRANSACTION ISOLATION LEVEL SERIALIZABLE"};
const Query<std::int64_t()> sum{"transaction_sum", "SELECT sum(m)::bigint FROM kept"};
const Query<std::int32_t()> backend{"transaction_backend", "SELECT pg_backend_pid()"};
const Query<void(double)> nap{"transaction_nap", "SELECT pg_sleep($1)"};
const Query<void(std::int64_t)> pass{"transaction_pass", "SELECT pg_advisory_xact_lock($1)"};

class TransactionTest : public ::testing::Test {
 protected:
  void SetUp() override {
    PlainConnection{settings_.url}.run(
        "DROP TABLE IF EXISTS wildnout.kept; "
        "CREATE TABLE wildnout.kept (n integer PRIMARY KEY, m integer NOT NULL DEFAULT 0)");
  }

  std::int64_t count() {
    return loop_.run([&] { return one(database_.session(), total); });
  }

  Task<> add_in_transaction(Database& database, std::int32_t number) {
    co_await database.transact(
        [number](Session& session) -> Task<> { co_await run(session, add, number); });
  }

  // Starts a task whose end is counted.
  void start(Task<> task) {
    asio::co_spawn(loop_.executor(), std::move(task), [this](std::exception_ptr fault) {
      ++ended_;
      try {
        if (fault) std::rethrow_exception(fault);
      } catch (const Unavailable&) {
        ++refused_;
      }
    });
  }

  // Starts a transaction that keeps its lease until `release_` is raised.
  void hold_lease(Database& database) {
    bool is_held = false;
    start(database.transact([this, &is_held](Session&) -> Task<> {
      is_held = true;
      co_await release_.wait_for(2 * testing::task_limit);
    }));
    loop_.turn_until([&] { return is_held; });
  }

  Settings settings_{.url = testing::database_url()};
  testing::Loop loop_;
  Database database_{loop_.executor(), settings_};
  async::Signal release_;
  int ended_ = 0;
  int refused_ = 0;
};

TEST_F(TransactionTest, WhatItDidStandsAfterItsEndAndActionsFollow) {
  std::vector<std::string> order;
  const auto result = loop_.run([&] {
    return database_.transact([&](Session& session) -> Task<std::int64_t> {
      session.after_commit([&] { order.push_back("action"); });
      co_await run(session, add, 1);
      co_await run(session, add, 2);
      order.push_back("body");
      co_return co_await one(session, total);
    });
  });
  EXPECT_EQ(result, 2);
  EXPECT_EQ(count(), 2);
  EXPECT_EQ(order, (std::vector<std::string>{"body", "action"}));
}

TEST_F(TransactionTest, AnExceptionUndoesItAndIsPassedOn) {
  bool has_acted = false;
  EXPECT_THROW(loop_.run([&] {
    return database_.transact([&](Session& session) -> Task<> {
      session.after_commit([&] { has_acted = true; });
      co_await run(session, add, 1);
      throw std::domain_error{"refused"};
    });
  }),
               std::domain_error);
  EXPECT_EQ(count(), 0);
  EXPECT_FALSE(has_acted);
}

TEST_F(TransactionTest, ABodyThatHidesAFailureDoesNotCommit) {
  std::string code;
  loop_.run([&]() -> Task<> {
    try {
      co_await database_.transact([](Session& session) -> Task<> {
        co_await run(session, add, 1);
        try {
          co_await run(session, add, 1);
        } catch (const Error&) {
        }
      });
    } catch (const Error& error) {
      code = error.sqlstate();
    }
  });
  EXPECT_EQ(code, "40000");
  EXPECT_EQ(count(), 0);
}

TEST_F(TransactionTest, ABodyWithoutStatementsNeedsNoServer) {
  EXPECT_EQ(
      loop_.run([&] { return database_.transact([](Session&) -> Task<int> { co_return 5; }); }), 5);
}

TEST_F(TransactionTest, ManyAtOnceShareFewConnections) {
  int ended = 0;
  for (int i = 0; i < 200; ++i) {
    asio::co_spawn(loop_.executor(), add_in_transaction(database_, i),
                   [&](std::exception_ptr fault) {
                     EXPECT_FALSE(fault);
                     ++ended;
                   });
  }
  loop_.turn_until([&] { return ended == 200; });
  EXPECT_EQ(count(), 200);
}

TEST_F(TransactionTest, ASerializationFailureRunsTheWholeAgain) {
  loop_.run([&]() -> Task<> {
    co_await run(database_.session(), add, 1);
    co_await run(database_.session(), add, 2);
  });
  constexpr int tasks = 8;
  int runs = 0;
  int readers = 0;
  int ended = 0;
  int failures = 0;
  for (int i = 0; i < tasks; ++i) {
    asio::co_spawn(loop_.executor(), database_.transact([&](Session& session) -> Task<> {
      ++runs;
      co_await run(session, serializable);
      co_await one(session, sum);
      ++readers;
      // None writes before a second one has read what it will change.
      while (readers < 2) co_await async::sleep_for(milliseconds{1});
      co_await run(session, touch, 1);
    }),
                   [&](std::exception_ptr fault) {
                     ++ended;
                     if (fault) ++failures;
                   });
  }
  loop_.turn_until([&] { return ended == tasks; });
  EXPECT_GT(runs, tasks);
  EXPECT_EQ(loop_.run([&] { return one(database_.session(), amount, 1); }), tasks - failures);
}

TEST_F(TransactionTest, ADeadlockRunsOneOfTheTwoAgain) {
  PlainConnection{settings_.url}.run(
      "DO $$ BEGIN EXECUTE 'ALTER DATABASE ' || "
      "current_database() || ' SET deadlock_timeout = ''20ms'''; "
      "END $$");
  Database database{loop_.executor(), settings_};
  loop_.run([&]() -> Task<> {
    co_await run(database.session(), add, 1);
    co_await run(database.session(), add, 2);
  });
  int runs = 0;
  int ready = 0;
  int ended = 0;
  const auto both = [&](std::int32_t first, std::int32_t second) {
    asio::co_spawn(loop_.executor(),
                   database.transact([&runs, &ready, first, second](Session& session) -> Task<> {
                     ++runs;
                     co_await run(session, touch, first);
                     ++ready;
                     while (ready < 2) co_await async::sleep_for(milliseconds{1});
                     co_await run(session, touch, second);
                   }),
                   [&](std::exception_ptr fault) {
                     EXPECT_FALSE(fault);
                     ++ended;
                   });
  };
  both(1, 2);
  both(2, 1);
  loop_.turn_until([&] { return ended == 2; });
  EXPECT_GE(runs, 3);
  EXPECT_EQ(loop_.run([&] { return one(database.session(), amount, 1); }), 2);
}

TEST_F(TransactionTest, AFailureThatNeverEndsIsPassedOnAfterFiveRuns) {
  const Query<void()> fail{"transaction_fail",
                           "DO $$ BEGIN RAISE EXCEPTION 'again' USING ERRCODE = '40001'; END $$"};
  int runs = 0;
  EXPECT_THROW(loop_.run([&] {
    return database_.transact([&](Session& session) -> Task<> {
      ++runs;
      co_await run(session, fail);
    });
  }),
               Error);
  EXPECT_EQ(runs, 5);
}

TEST_F(TransactionTest, OnlySoManyWaitForALease) {
  settings_.leases = 1;
  settings_.queue_limit = 3;
  settings_.lease_wait = 2 * testing::task_limit;
  Database narrow{loop_.executor(), settings_};
  hold_lease(narrow);
  for (std::int32_t i = 0; i < 5; ++i) start(add_in_transaction(narrow, i));
  // Three wait, two are too many.
  loop_.turn_until([&] { return ended_ == 2; });
  EXPECT_EQ(refused_, 2);
  release_.raise();
  loop_.turn_until([&] { return ended_ == 6; });
  EXPECT_EQ(refused_, 2);
  EXPECT_EQ(count(), 3);
}

TEST_F(TransactionTest, WaitingForALeaseHasALimitInTime) {
  settings_.leases = 1;
  settings_.lease_wait = milliseconds{50};
  Database narrow{loop_.executor(), settings_};
  hold_lease(narrow);
  for (std::int32_t i = 0; i < 3; ++i) start(add_in_transaction(narrow, i));
  loop_.turn_until([&] { return ended_ == 3; });
  EXPECT_EQ(refused_, 3);
  release_.raise();
  loop_.turn_until([&] { return ended_ == 4; });
  loop_.run([&] { return add_in_transaction(narrow, 1); });
  EXPECT_EQ(count(), 1);
}

TEST_F(TransactionTest, ACancelledTransactionLeavesItsConnectionClean) {
  settings_.leases = 1;
  Database narrow{loop_.executor(), settings_};
  testing::Roadblock roadblock{settings_.url};
  asio::cancellation_signal signal;
  bool is_ended = false;
  asio::co_spawn(loop_.executor(), narrow.transact([](Session& session) -> Task<> {
    co_await run(session, add, 1);
    co_await run(session, pass, testing::Roadblock::key);
    co_await run(session, add, 2);
  }),
                 asio::bind_cancellation_slot(signal.slot(), [&](std::exception_ptr fault) {
                   EXPECT_TRUE(fault);
                   is_ended = true;
                 }));
  loop_.turn_until([&] { return roadblock.count_waiting() == 1; });
  signal.emit(asio::cancellation_type::terminal);
  loop_.turn_until([&] { return is_ended; });
  roadblock.lift();
  loop_.run([&] { return add_in_transaction(narrow, 3); });
  EXPECT_EQ(count(), 1);
}

TEST_F(TransactionTest, AConnectionLostOnTheWayFailsTheTransactionAndIsReplaced) {
  std::string code;
  loop_.run([&]() -> Task<> {
    try {
      co_await database_.transact([&](Session& session) -> Task<> {
        co_await run(session, add, 1);
        const std::int32_t own = co_await one(session, backend);
        PlainConnection{settings_.url}.ask("SELECT pg_terminate_backend($1)",
                                           {std::to_string(own)});
        co_await run(session, add, 2);
      });
    } catch (const Error& error) {
      code = error.sqlstate();
    }
  });
  EXPECT_EQ(code, "08006");
  loop_.run([&] { return add_in_transaction(database_, 3); });
  EXPECT_EQ(count(), 1);
}

TEST_F(TransactionTest, StatementsStartedBeforeAnAwaitKeepTheirOrder) {
  loop_.run([&] {
    return database_.transact([](Session& session) -> Task<> {
      Task<std::int64_t> first = run(session, add, 1);
      Task<std::int64_t> second = run(session, touch, 1);
      EXPECT_EQ(co_await one(session, amount, 1), 1);
      EXPECT_EQ(co_await std::move(first), 1);
      EXPECT_EQ(co_await std::move(second), 1);
      const auto [added, rows] = co_await together(session, later::run(add, 2), later::one(total));
      EXPECT_EQ(added, 1);
      EXPECT_EQ(rows, 2);
    });
  });
  EXPECT_EQ(count(), 2);
}

TEST(Shutdown, WithTasksOnTheWayLeavesNothingBehind) {
  const Settings settings{.url = testing::database_url(), .leases = 2};
  for (const int pause : {0, 5, 50}) {
    testing::Loop loop;
    Database database{loop.executor(), settings};
    for (int i = 0; i < 5; ++i) {
      asio::co_spawn(loop.executor(), database.transact([](Session& session) -> Task<> {
        co_await run(session, nap, 10.0);
      }),
                     [](std::exception_ptr) {});
      asio::co_spawn(loop.executor(), run(database.session(), nap, 10.0),
                     [](std::exception_ptr, std::int64_t) {});
    }
    loop.run([pause]() -> Task<> { co_await async::sleep_for(milliseconds{pause}); });
  }
}

class ScopeTest : public TransactionTest {};

TEST_F(ScopeTest, AloneItIsATransaction) {
  const Scope scope{database_};
  EXPECT_FALSE(scope.is_ambient());
  loop_.run([&]() -> Task<> {
    Scope own{database_};
    co_await own.transact([](Session& session) -> Task<> { co_await run(session, add, 1); });
  });
  EXPECT_EQ(count(), 1);
}

TEST_F(ScopeTest, InsideATransactionItsFailureUndoesOnlyItsOwnPart) {
  std::vector<std::string> actions;
  loop_.run([&] {
    return database_.transact([&](Session& outer) -> Task<> {
      co_await run(outer, add, 1);
      Scope scope{database_, outer};
      try {
        co_await scope.transact([&](Session& inner) -> Task<> {
          inner.after_commit([&] { actions.push_back("failed part"); });
          co_await run(inner, add, 2);
          co_await run(inner, add, 1);
        });
      } catch (const Error& error) {
        EXPECT_TRUE(error.is_unique_violation());
      }
      const std::int64_t rows = co_await scope.transact([&](Session& inner) -> Task<std::int64_t> {
        inner.after_commit([&] { actions.push_back("good part"); });
        co_await run(inner, add, 3);
        Scope nested{database_, inner};
        co_await nested.transact(
            [](Session& innermost) -> Task<> { co_await run(innermost, add, 4); });
        co_return co_await one(inner, total);
      });
      EXPECT_EQ(rows, 3);
      EXPECT_TRUE(actions.empty());
    });
  });
  EXPECT_EQ(count(), 3);
  EXPECT_EQ(actions, std::vector<std::string>{"good part"});
}

TEST_F(ScopeTest, WhenTheOuterTransactionFailsNothingStands) {
  bool has_acted = false;
  EXPECT_THROW(loop_.run([&] {
    return database_.transact([&](Session& outer) -> Task<> {
      Scope scope{database_, outer};
      co_await scope.transact([&](Session& inner) -> Task<> {
        inner.after_commit([&] { has_acted = true; });
        co_await run(inner, add, 2);
      });
      throw std::domain_error{"refused"};
    });
  }),
               std::domain_error);
  EXPECT_EQ(count(), 0);
  EXPECT_FALSE(has_acted);
}

}  // namespace
}  // namespace wildnout::db
