// What a statement costs this process: CPU time of the client side, over a real PostgreSQL.
//
//   WILDNOUT_TEST_DATABASE_URL=... build/release/bench/db_benchmark
//
// Time is CPU time of the process (the server's is not in it); "items_per_second" is by wall clock.
#include <benchmark/benchmark.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/describe/class.hpp>

#include "platform/db/database.hpp"
#include "platform/db/plain.hpp"
#include "support/database.hpp"
#include "support/run.hpp"

namespace wildnout {
namespace {

constexpr int rows = 10'000;
constexpr int statements_a_round = 1000;

struct ItemRow {
  std::int32_t id = 0;
  Uuid owner;
  std::string title;
  std::string body;
  std::int64_t votes = 0;
  bool is_open = false;
  Timestamp created_at;
  std::optional<Timestamp> closed_at;
};
BOOST_DESCRIBE_STRUCT(ItemRow, (), (id, owner, title, body, votes, is_open, created_at, closed_at))

const db::Query<ItemRow(std::int32_t)> item_by_id{"benchmark_item", R"sql(
  SELECT id, owner, title, body, votes, is_open, created_at, closed_at
  FROM items WHERE id = $1)sql"};
const db::Query<void(std::int32_t)> touch{"benchmark_touch",
                                          "UPDATE items SET votes = votes + 1 WHERE id = $1"};

// A table of rows of about 420 bytes.
const std::string& items_url() {
  static const std::string url = [] {
    db::PlainConnection server{testing::database_url()};
    server.run("SET search_path = wildnout");
    server.run(
        "CREATE TABLE items AS SELECT i AS id, gen_random_uuid() AS owner, 'title ' || i AS title,"
        " repeat('x', 320) AS body, 0::bigint AS votes, i % 2 = 0 AS is_open,"
        " now() AS created_at, NULL::timestamptz AS closed_at FROM generate_series(1, " +
        std::to_string(rows) + ") AS i");
    server.run("ALTER TABLE items ADD PRIMARY KEY (id)");
    server.run("VACUUM ANALYZE items");
    return testing::database_url();
  }();
  return url;
}

// `tasks` tasks side by side run `statements_a_round` statements in all.
template <class Body>
void run_round(testing::Loop& loop, std::int64_t tasks, const Body& body) {
  std::int64_t ended = 0;
  for (std::int64_t task = 0; task < tasks; ++task) {
    const int count = static_cast<int>(statements_a_round / tasks);
    boost::asio::co_spawn(loop.executor(), body(count), [&ended](std::exception_ptr fault) {
      if (fault) std::rethrow_exception(fault);
      ++ended;
    });
  }
  loop.turn_until([&] { return ended == tasks; });
}

void report(benchmark::State& state, std::int64_t count) {
  state.SetItemsProcessed(state.iterations() * count);
  state.counters["cpu_each"] =
      benchmark::Counter(static_cast<double>(state.iterations() * count),
                         benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
}

// Range: statements under way at once.
void read_by_key(benchmark::State& state) {
  testing::Loop loop;
  db::Database database{loop.executor(), {.url = items_url()}};
  const auto body = [&database](int count) -> Task<> {
    for (int i = 0; i < count; ++i) {
      benchmark::DoNotOptimize(
          co_await db::maybe(database.session(), item_by_id, 1 + i * 7919 % rows));
    }
  };
  run_round(loop, state.range(0), body);
  for (auto _ : state) run_round(loop, state.range(0), body);
  report(state, statements_a_round / state.range(0) * state.range(0));
}
BENCHMARK(read_by_key)->Arg(1)->Arg(16)->Arg(64)->Arg(250)->MeasureProcessCPUTime();

// One transaction of one statement, one after the other.
void transaction_of_one(benchmark::State& state) {
  testing::Loop loop;
  db::Database database{loop.executor(), {.url = items_url()}};
  for (auto _ : state) {
    loop.run([&] {
      return database.transact(
          [](db::Session& session) -> Task<> { co_await db::run(session, touch, 1); });
    });
  }
  report(state, 1);
}
BENCHMARK(transaction_of_one)->MeasureProcessCPUTime();

// The same work in one round trip.
void together_of_two(benchmark::State& state) {
  testing::Loop loop;
  db::Database database{loop.executor(), {.url = items_url()}};
  for (auto _ : state) {
    loop.run([&] {
      return db::together(database.session(db::Work::writes), db::later::maybe(item_by_id, 1),
                          db::later::run(touch, 1));
    });
  }
  report(state, 1);
}
BENCHMARK(together_of_two)->MeasureProcessCPUTime();

}  // namespace
}  // namespace wildnout

BENCHMARK_MAIN();
