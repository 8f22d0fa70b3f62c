// Jobs on a real PostgreSQL: done once, retried, rescued from dead runners, never lost.
#include "platform/jobs/runner.hpp"

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <memory>

#include "platform/db/plain.hpp"
#include "platform/db/query.hpp"
#include "platform/jobs/jobs.hpp"
#include "support/database.hpp"
#include "support/run.hpp"

namespace wildnout::jobs {
namespace {

// What jobs leave behind in the database.
const db::Query<void(std::string)> leave_mark{
    "test_leave_mark", "INSERT INTO job_marks (job, at) VALUES ($1, now_ms())"};

// A node: its database and its runner of jobs of the type "mark", which leave their payload.
class RunnerNode {
 public:
  explicit RunnerNode(testing::Loop& loop)
      : loop_{loop}, database{loop.executor(), {.url = testing::database_url()}} {
    runner.handle("mark", [this](db::Session& session, Job job) -> Task<> {
      attempts.push_back(job.attempt);
      co_await db::run(session, leave_mark, job.payload);
      while (is_held) co_await async::sleep_for(std::chrono::milliseconds{1});
      if (is_failing) throw std::runtime_error{"broken on purpose"};
    });
  }
  ~RunnerNode() {
    is_held = false;
    stop();
  }

  void start() {
    is_running_ = true;
    boost::asio::co_spawn(loop_.executor(), runner.run(), [this](std::exception_ptr fault) {
      EXPECT_FALSE(fault);
      is_running_ = false;
    });
  }
  void stop() {
    if (!is_running_) return;
    runner.stop();
    loop_.turn_until([this] { return !is_running_; });
  }

 private:
  testing::Loop& loop_;
  bool is_running_ = false;

 public:
  db::Database database;
  Runner runner{loop_.executor(), database, std::chrono::milliseconds{20}};
  bool is_held = false;
  bool is_failing = false;
  std::vector<std::int32_t> attempts;
};

class RunnerTest : public ::testing::Test {
 protected:
  RunnerTest() {
    server.run(
        "SET search_path = wildnout; TRUNCATE jobs;"
        "CREATE TABLE IF NOT EXISTS job_marks (job text NOT NULL, at timestamptz NOT NULL);"
        "TRUNCATE job_marks");
  }

  void enqueue(NewJob job) {
    loop.run([&]() -> Task<> {
      co_await node.database.transact(
          [&](db::Session& session) -> Task<> { co_await jobs::enqueue(session, job); });
    });
    node.runner.wake();
  }
  static NewJob mark(const std::string& payload) { return {.type = "mark", .payload = payload}; }

  std::string value(const std::string& sql) { return server.ask(sql).at(0).at(0); }
  int count(const std::string& where) {
    return std::stoi(value("SELECT count(*) FROM jobs WHERE " + where));
  }
  int marks(const std::string& payload) {
    return std::stoi(value("SELECT count(*) FROM job_marks WHERE job = '" + payload + "'"));
  }
  void wait_for(const std::string& where, int jobs = 1) {
    loop.turn_until([&] { return count(where) == jobs; });
  }
  void insert_dead(const std::string& payload, const std::string& key) {
    server.ask(
        "INSERT INTO jobs (id, type, unique_key, payload, state, run_at, attempts, max_attempts,"
        " lease, leased_until) VALUES (gen_random_uuid(), 'mark', $2, $1, 'running', now(), 1, 20,"
        " 1, now() - interval '1 second')",
        {payload, key});
  }

  db::PlainConnection server{testing::database_url()};
  testing::Loop loop;
  RunnerNode node{loop};
};

TEST_F(RunnerTest, AJobIsDoneOnceItsTransactionHasCommitted) {
  node.start();
  EXPECT_THROW(loop.run([&] {
    return node.database.transact([&](db::Session& session) -> Task<> {
      co_await jobs::enqueue(session, mark("undone"));
      throw std::domain_error{"refused"};
    });
  }),
               std::domain_error);
  enqueue(mark("done"));
  wait_for("state = 'completed' AND finished_at IS NOT NULL AND attempts = 1");
  EXPECT_EQ(count("true"), 1);
  EXPECT_EQ(marks("done"), 1);
}

TEST_F(RunnerTest, AJobWaitsUntilItIsDueAndIsCaughtUpWithAfterwards) {
  node.start();
  NewJob later = mark("later");
  later.run_at = system_now() + std::chrono::hours{1};
  enqueue(later);
  enqueue(mark("now"));
  wait_for("state = 'completed'");
  EXPECT_EQ(marks("later"), 0);
  server.run("UPDATE jobs SET run_at = now() - interval '3 days' WHERE state = 'waiting'");
  wait_for("state = 'completed'", 2);
  EXPECT_EQ(marks("later"), 1);
}

TEST_F(RunnerTest, AJobThatTakesLongKeepsItsLease) {
  node.is_held = true;
  node.start();
  enqueue(mark("long"));
  wait_for("state = 'running'");
  server.run("UPDATE jobs SET leased_until = now() + interval '5 seconds'");
  wait_for("state = 'running' AND leased_until > now() + interval '30 seconds'");
  node.is_held = false;
  wait_for("state = 'completed' AND attempts = 1");
  EXPECT_EQ(marks("long"), 1);
}

TEST_F(RunnerTest, AFailureIsUndoneWrittenDownAndTriedAgainLaterAndLater) {
  node.is_failing = true;
  node.start();
  NewJob job = mark("failing");
  job.max_attempts = 3;
  enqueue(job);
  // Each pause is twice the one before: a second, two.
  for (const int attempt : {1, 2}) {
    wait_for("state = 'waiting' AND fault = 'broken on purpose' AND attempts = " +
             std::to_string(attempt));
    const std::string least = attempt == 1 ? "1 second" : "2 seconds";
    EXPECT_EQ(count("run_at >= created_at + interval '" + least + "'"), 1);
    server.run("UPDATE jobs SET created_at = now(), run_at = now()");
  }
  wait_for("state = 'failed' AND attempts = 3 AND finished_at IS NOT NULL");
  EXPECT_EQ(marks("failing"), 0) << "what a failed attempt wrote is undone";
  EXPECT_EQ(node.attempts, (std::vector<std::int32_t>{1, 2, 3}));
}

TEST_F(RunnerTest, AJobThatFailsAndThenSucceedsIsDoneOnce) {
  node.is_failing = true;
  node.start();
  enqueue(mark("second time"));
  wait_for("state = 'waiting' AND attempts = 1");
  node.is_failing = false;
  server.run("UPDATE jobs SET run_at = now()");
  wait_for("state = 'completed' AND attempts = 2");
  EXPECT_EQ(marks("second time"), 1);
}

TEST_F(RunnerTest, AWaitingJobOfTheSameKeyIsMovedInsteadOfDoubled) {
  NewJob job = mark("first");
  job.unique_key = "key";
  job.run_at = system_now() + std::chrono::hours{1};
  enqueue(job);
  job.payload = "second";
  job.run_at = system_now();
  enqueue(job);
  EXPECT_EQ(count("true"), 1);
  node.start();
  wait_for("state = 'completed'");
  EXPECT_EQ(marks("first"), 0);
  EXPECT_EQ(marks("second"), 1);
}

TEST_F(RunnerTest, AJobWithdrawnInTimeIsNotDone) {
  NewJob job = mark("withdrawn");
  job.unique_key = "key";
  enqueue(job);
  loop.run([&] { return jobs::withdraw(node.database.session(), "key"); });
  node.start();
  enqueue(mark("other"));
  wait_for("state = 'completed'");
  EXPECT_EQ(marks("withdrawn"), 0);
}

TEST_F(RunnerTest, WhileAJobRunsOneMoreOfItsKeyMayWaitAndSucceedsItWhenItFails) {
  node.is_held = true;
  node.is_failing = true;
  node.start();
  NewJob job = mark("first");
  job.unique_key = "key";
  enqueue(job);
  loop.turn_until([&] { return node.attempts.size() == 1; });
  job.payload = "second";
  job.run_at = system_now() + std::chrono::hours{1};
  enqueue(job);
  EXPECT_EQ(count("state = 'waiting'"), 1);
  node.is_held = false;
  wait_for("state = 'failed' AND finished_at IS NOT NULL AND payload = 'first'");
  EXPECT_EQ(count("state = 'waiting' AND payload = 'second'"), 1);
}

TEST_F(RunnerTest, AJobWhoseRunnerDiedIsDoneByAnother) {
  insert_dead("orphan", "key");
  node.start();
  wait_for("state = 'completed' AND attempts = 2 AND lease = 2");
  EXPECT_EQ(marks("orphan"), 1);
}

TEST_F(RunnerTest, AJobWhoseRunnerDiedIsDroppedWhenItHasASuccessor) {
  insert_dead("orphan", "key");
  NewJob job = mark("successor");
  job.unique_key = "key";
  enqueue(job);
  node.start();
  wait_for("state = 'completed'");
  EXPECT_EQ(count("true"), 1);
  EXPECT_EQ(marks("orphan"), 0);
  EXPECT_EQ(marks("successor"), 1);
}

TEST_F(RunnerTest, WhatARunnerWritesIsUndoneWhenAnotherHasTakenItsJobOver) {
  node.is_held = true;
  node.start();
  enqueue(mark("contested"));
  loop.turn_until([&] { return node.attempts.size() == 1; });
  server.run("UPDATE jobs SET lease = lease + 1, attempts = attempts + 1");
  node.is_held = false;
  node.stop();
  EXPECT_EQ(marks("contested"), 0);
  EXPECT_EQ(count("state = 'running' AND fault IS NULL"), 1) << "it is the other's job";
}

TEST_F(RunnerTest, TwoRunnersShareTheJobsAndEachIsDoneOnce) {
  RunnerNode second{loop};
  loop.run([&]() -> Task<> {
    co_await node.database.transact([&](db::Session& session) -> Task<> {
      for (int i = 0; i < 200; ++i) co_await jobs::enqueue(session, mark(std::to_string(i)));
    });
  });
  node.start();
  second.start();
  wait_for("state = 'completed'", 200);
  EXPECT_EQ(value("SELECT count(*) || ' ' || count(DISTINCT job) FROM job_marks"), "200 200");
  EXPECT_FALSE(node.attempts.empty());
  EXPECT_FALSE(second.attempts.empty());
}

TEST_F(RunnerTest, StoppingWaitsForTheJobsInHand) {
  node.is_held = true;
  node.start();
  enqueue(mark("in hand"));
  loop.turn_until([&] { return node.attempts.size() == 1; });
  node.runner.stop();
  node.is_held = false;
  node.stop();
  EXPECT_EQ(count("state = 'completed'"), 1);
}

TEST_F(RunnerTest, JobsOfUnknownTypesAreLeftToThoseWhoKnowThem) {
  enqueue({.type = "of another version", .payload = "{}"});
  node.start();
  enqueue(mark("known"));
  wait_for("state = 'completed'");
  EXPECT_EQ(count("state = 'waiting' AND attempts = 0"), 1);
}

TEST_F(RunnerTest, OfDoneJobsTheNewestFiveHundredAreKept) {
  server.run(
      "INSERT INTO jobs (id, type, payload, state, run_at, max_attempts, finished_at)"
      " SELECT gen_random_uuid(), 'mark', n::text, 'completed', now(), 20,"
      " now() - n * interval '1 minute' FROM generate_series(1, 600) AS n");
  node.start();
  wait_for("state = 'completed'", 500);
  EXPECT_EQ(count("payload::integer > 500"), 0);
}

TEST_F(RunnerTest, JobsAreOverdueAfterHalfAMinute) {
  enqueue(mark("late"));
  const auto overdue = [&] {
    return loop.run([&] { return jobs::count_overdue(node.database.session()); });
  };
  EXPECT_EQ(overdue(), 0);
  server.run("UPDATE jobs SET run_at = now() - interval '31 seconds'");
  EXPECT_EQ(overdue(), 1);
}

}  // namespace
}  // namespace wildnout::jobs
