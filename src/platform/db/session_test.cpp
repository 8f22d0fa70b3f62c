// Single statements of many tasks over one pipelined connection.
#include <gtest/gtest.h>
#include <signal.h>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/system/system_error.hpp>
#include <set>

#include "platform/db/database.hpp"
#include "platform/db/plain.hpp"
#include "support/database.hpp"
#include "support/roadblock.hpp"
#include "support/run.hpp"

namespace wildnout::db {
namespace {

namespace asio = boost::asio;
using std::chrono::milliseconds;

const Query<std::int32_t(std::int32_t)> echo{"session_echo", "SELECT $1::integer"};
const Query<std::int32_t(std::int32_t)> quotient{"session_quotient", "SELECT 12 / $1::integer"};
const Query<std::int32_t()> backend{"session_backend", "SELECT pg_backend_pid()"};
const Query<void(double)> sleep_in_database{"session_sleep", "SELECT pg_sleep($1)"};
const Query<void(std::int64_t)> pass{"session_pass", "SELECT pg_advisory_xact_lock($1)"};
const Query<std::string(std::string)> setting{"session_setting", "SELECT current_setting($1)"};

class SessionTest : public ::testing::Test {
 protected:
  void SetUp() override {
    PlainConnection{settings_.url}.run("DROP TABLE IF EXISTS wildnout.together, wildnout.deferred");
  }

  Settings settings_{.url = testing::database_url()};
  testing::Loop loop_;
  Database database_{loop_.executor(), settings_};

  // Runs the tasks side by side; true for each that threw Error with the code given.
  struct Outcome {
    int successes = 0;
    std::vector<std::string> codes;
  };
  template <class Start>
  Outcome run_together(int count, Start start) {
    Outcome outcome;
    int ended = 0;
    for (int i = 0; i < count; ++i) {
      asio::co_spawn(loop_.executor(), start(i), [&](std::exception_ptr fault) {
        ++ended;
        if (!fault) {
          ++outcome.successes;
          return;
        }
        try {
          std::rethrow_exception(fault);
        } catch (const Error& error) {
          outcome.codes.push_back(error.sqlstate());
        } catch (const Unavailable&) {
          outcome.codes.push_back("unavailable");
        }
      });
    }
    loop_.turn_until([&] { return ended == count; });
    return outcome;
  }

  Task<> expect_echo(int number) {
    EXPECT_EQ(co_await one(database_.session(), echo, number), number);
  }
};

TEST_F(SessionTest, AThousandStatementsShareOnePipeline) {
  std::set<std::int32_t> backends;
  const Outcome outcome = run_together(1000, [&](int i) -> Task<> {
    EXPECT_EQ(co_await one(database_.session(), echo, i), i);
    backends.insert(co_await one(database_.session(), backend));
  });
  EXPECT_EQ(outcome.successes, 1000);
  EXPECT_EQ(backends.size(), 1U);
}

TEST_F(SessionTest, AFailingStatementLeavesItsNeighboursAlone) {
  const Outcome outcome = run_together(300, [&](int i) -> Task<> {
    if (i % 3 == 0) {
      co_await one(database_.session(), quotient, 0);
    } else {
      co_await expect_echo(i);
    }
  });
  EXPECT_EQ(outcome.successes, 200);
  EXPECT_EQ(outcome.codes, std::vector<std::string>(100, "22012"));
}

TEST_F(SessionTest, AStatementThatCannotBePreparedFailsAloneAndAgain) {
  const Query<void()> broken{"session_broken", "SELECT nothing FROM nowhere"};
  for (int round = 0; round < 2; ++round) {
    const Outcome outcome = run_together(4, [&](int i) -> Task<> {
      if (i == 1) {
        co_await run(database_.session(), broken);
      } else {
        co_await expect_echo(i);
      }
    });
    EXPECT_EQ(outcome.successes, 3);
    EXPECT_EQ(outcome.codes, std::vector<std::string>{"42P01"});
  }
}

TEST_F(SessionTest, CallsBeforeTheFirstAwaitShareARoundTrip) {
  loop_.run([&]() -> Task<> {
    Task<std::int32_t> first = one(database_.session(), echo, 1);
    Task<std::int32_t> second = one(database_.session(), echo, 2);
    EXPECT_EQ(co_await std::move(second), 2);
    EXPECT_EQ(co_await std::move(first), 1);
  });
}

TEST_F(SessionTest, ATaskThatIsNeverAwaitedDisturbsNobody) {
  loop_.run([&]() -> Task<> {
    { const Task<std::int32_t> dropped = one(database_.session(), echo, 1); }
    EXPECT_EQ(co_await one(database_.session(), echo, 2), 2);
  });
}

TEST_F(SessionTest, StatementsTogetherAreAllOrNone) {
  const Query<void()> make{"session_make", "CREATE TABLE together (n integer PRIMARY KEY)"};
  const Query<std::int32_t(std::int32_t)> insert{
      "session_insert", "INSERT INTO together (n) VALUES ($1) RETURNING n"};
  const Query<std::int64_t()> count{"session_count", "SELECT count(*) FROM together"};
  loop_.run([&]() -> Task<> {
    Session& session = database_.session(Work::writes);
    co_await run(session, make);
    const auto [one_row, rows, total] =
        co_await together(session, later::one(insert, 1), later::all(insert, 2), later::one(count));
    EXPECT_EQ(one_row, 1);
    EXPECT_EQ(rows, std::vector<std::int32_t>{2});
    EXPECT_EQ(total, 2);
    std::string code;
    try {
      co_await together(session, later::one(insert, 3), later::one(insert, 1), later::one(count));
    } catch (const Error& error) {
      EXPECT_TRUE(error.is_unique_violation());
      EXPECT_EQ(error.constraint(), "together_pkey");
      // The key is what somebody gave us: no log's business.
      EXPECT_EQ(std::string_view{error.what()}.find("already exists"), std::string_view::npos);
      code = error.sqlstate();
    }
    EXPECT_EQ(code, "23505");
    EXPECT_EQ(co_await one(session, count), 2);
  });
}

TEST_F(SessionTest, AFaultThatComesWithTheCommitIsTheStatementsFault) {
  const Query<void()> make{
      "session_make_deferred",
      "CREATE TABLE deferred (n integer UNIQUE DEFERRABLE INITIALLY DEFERRED)"};
  const Query<void(std::int32_t)> insert{"session_insert_deferred",
                                         "INSERT INTO deferred (n) VALUES ($1)"};
  loop_.run([&]() -> Task<> { co_await run(database_.session(), make); });
  loop_.run([&]() -> Task<> { co_await run(database_.session(), insert, 1); });
  const Outcome outcome = run_together(20, [&](int i) -> Task<> {
    if (i % 2 == 0) {
      co_await run(database_.session(), insert, 1);
    } else {
      co_await expect_echo(i);
    }
  });
  EXPECT_EQ(outcome.successes, 10);
  EXPECT_EQ(outcome.codes, std::vector<std::string>(10, "23505"));
}

TEST_F(SessionTest, ALostConnectionFailsAllThatWaitAndIsReplaced) {
  const std::int32_t before = loop_.run([&] { return one(database_.session(), backend); });
  int started = 0;
  const Outcome outcome = run_together(50, [&](int i) -> Task<> {
    if (++started == 50) {
      PlainConnection{settings_.url}.ask("SELECT pg_terminate_backend($1)",
                                         {std::to_string(before)});
    }
    if (i == 0) co_await run(database_.session(), sleep_in_database, 20.0);
    co_await expect_echo(i);
  });
  EXPECT_EQ(outcome.successes, 0);
  EXPECT_EQ(outcome.codes, std::vector<std::string>(50, "08006"));
  EXPECT_NE(loop_.run([&] { return one(database_.session(), backend); }), before);
}

TEST_F(SessionTest, WithoutAServerStatementsFailAtOnceAndTheProbeSaysSo) {
  Database nowhere{loop_.executor(), {.url = "host=/nonexistent dbname=none"}};
  const auto begun = std::chrono::steady_clock::now();
  for (int i = 0; i < 3; ++i) {
    EXPECT_THROW(loop_.run([&] { return one(nowhere.session(), echo, 1); }), Error);
    EXPECT_THROW(
        loop_.run([&] { return nowhere.transact([](Session& s) { return one(s, echo, 1); }); }),
        Error);
    EXPECT_FALSE(loop_.run([&] { return nowhere.probe(); }).is_up);
  }
  // A single wait for a connection is as long.
  EXPECT_LT(std::chrono::steady_clock::now() - begun, settings_.connect_timeout);
}

TEST_F(SessionTest, AServerThatGoesDeafIsGivenUp) {
  settings_.statement_timeout = milliseconds{2000};
  Database patient{loop_.executor(), settings_};
  const std::int32_t frozen = loop_.run([&] { return one(patient.session(), backend); });
  ASSERT_EQ(::kill(frozen, SIGSTOP), 0) << "the server belongs to somebody else";
  EXPECT_FALSE(loop_.run([&] { return patient.probe(); }).is_up);
  const Outcome outcome =
      run_together(2, [&](int i) -> Task<> { co_await one(patient.session(), echo, i); });
  ::kill(frozen, SIGCONT);
  EXPECT_EQ(outcome.codes, (std::vector<std::string>{"08006", "08006"}));
  EXPECT_TRUE(loop_.run([&] { return patient.probe(); }).is_up);
}

TEST_F(SessionTest, TheProbeMeasuresAServerThatIsUp) {
  const Health health = loop_.run([&] { return database_.probe(); });
  EXPECT_TRUE(health.is_up);
  EXPECT_GT(health.latency.count(), 0);
}

TEST_F(SessionTest, AFullPipelineRefusesFurtherStatements) {
  settings_.pipeline_limit = 10;
  Database narrow{loop_.executor(), settings_};
  const Outcome outcome =
      run_together(15, [&](int i) -> Task<> { co_await one(narrow.session(), echo, i); });
  EXPECT_EQ(outcome.successes, 10);
  EXPECT_EQ(outcome.codes, std::vector<std::string>(5, "unavailable"));
  EXPECT_EQ(loop_.run([&] { return one(narrow.session(), echo, 7); }), 7);
}

TEST_F(SessionTest, AStatementThatTakesTooLongIsEndedByTheServer) {
  settings_.statement_timeout = milliseconds{50};
  Database hasty{loop_.executor(), settings_};
  const Outcome outcome = run_together(
      1, [&](int) -> Task<> { co_await run(hasty.session(), sleep_in_database, 20.0); });
  EXPECT_EQ(outcome.codes, std::vector<std::string>{"57014"});
}

TEST_F(SessionTest, AConnectionIsToldItsSettings) {
  const auto ask = [&](const char* name) {
    return loop_.run([&] { return one(database_.session(), setting, name); });
  };
  EXPECT_EQ(ask("search_path"), "wildnout");
  EXPECT_EQ(ask("statement_timeout"), "10s");
  EXPECT_EQ(ask("application_name"), "wildnout");
  EXPECT_EQ(ask("default_transaction_isolation"), "read committed");
  EXPECT_EQ(ask("jit"), "off");
}

TEST_F(SessionTest, BehindATransactionPoolerNothingIsPrepared) {
  settings_.transaction_pooler = true;
  Database pooled{loop_.executor(), settings_};
  const Query<std::int64_t()> prepared{"session_prepared",
                                       "SELECT count(*) FROM pg_prepared_statements"};
  loop_.run([&]() -> Task<> {
    EXPECT_EQ(co_await one(pooled.session(), echo, 5), 5);
    EXPECT_EQ(co_await one(pooled.session(), prepared), 0);
    EXPECT_EQ(co_await pooled.transact([](Session& session) { return one(session, echo, 6); }), 6);
  });
}

TEST_F(SessionTest, ACancelledWaitEndsAtOnceAndTheNextStatementIsServed) {
  testing::Roadblock roadblock{settings_.url};
  asio::cancellation_signal signal;
  bool is_aborted = false;
  bool is_ended = false;
  asio::co_spawn(
      loop_.executor(), run(database_.session(), pass, testing::Roadblock::key),
      asio::bind_cancellation_slot(signal.slot(), [&](std::exception_ptr fault, std::int64_t) {
        is_ended = true;
        try {
          if (fault) std::rethrow_exception(fault);
        } catch (const boost::system::system_error& error) {
          is_aborted = error.code() == asio::error::operation_aborted;
        }
      }));
  loop_.turn_until([&] { return roadblock.count_waiting() == 1; });
  signal.emit(asio::cancellation_type::terminal);
  loop_.turn_until([&] { return is_ended; });
  EXPECT_TRUE(is_aborted);
  EXPECT_EQ(roadblock.count_waiting(), 1) << "the statement itself has not ended";
  roadblock.lift();
  EXPECT_EQ(loop_.run([&] { return one(database_.session(), echo, 3); }), 3);
}

TEST_F(SessionTest, ResultsLargerThanTheSocketsBufferArrive) {
  const Query<std::string(std::int32_t)> large{"session_large", "SELECT repeat('x', $1)"};
  const Query<std::int32_t(std::string_view)> length{"session_length", "SELECT length($1::text)"};
  constexpr std::int32_t size = 8 << 20;
  loop_.run([&]() -> Task<> {
    const std::string text = co_await one(database_.session(), large, size);
    EXPECT_EQ(text.size(), static_cast<std::size_t>(size));
    Task<std::int32_t> sent = one(database_.session(), length, text);
    EXPECT_EQ(co_await one(database_.session(), length, text), size);
    EXPECT_EQ(co_await std::move(sent), size);
  });
}

TEST_F(SessionTest, ADatabaseThatIsClosedFailsWhatWaits) {
  testing::Roadblock roadblock{settings_.url};
  auto closing = std::make_unique<Database>(loop_.executor(), settings_);
  const Outcome outcome = run_together(3, [&](int i) -> Task<> {
    if (i == 2) {
      while (roadblock.count_waiting() < 2) co_await async::sleep_for(milliseconds{1});
      closing.reset();
      co_return;
    }
    if (i == 0) co_await run(closing->session(), pass, testing::Roadblock::key);
    co_await closing->transact(
        [](Session& session) { return run(session, pass, testing::Roadblock::key); });
  });
  EXPECT_EQ(outcome.successes, 1);
  EXPECT_EQ(outcome.codes, (std::vector<std::string>{"08006", "08006"}));
}

}  // namespace
}  // namespace wildnout::db
