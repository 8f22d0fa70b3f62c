// Queries marked hot find their rows by an index on a filled database.
#include <gtest/gtest.h>

#include <regex>

#include "platform/db/plain.hpp"
#include "platform/db/query.hpp"
#include "schema_filling.hpp"
#include "support/database.hpp"

namespace wildnout {
namespace {

// The plan for unknown parameters: the one that a prepared statement settles on.
std::string plan_of(db::PlainConnection& server, const db::QueryBase& query) {
  std::string types;
  std::string nulls;
  for (const db::ValueType& type : query.parameters()) {
    types += (types.empty() ? "" : ", ") + std::string{"unknown"};
    nulls += (nulls.empty() ? "" : ", ") + std::string{"NULL"};
    if (type.oid == 0) continue;
    const auto named = server.ask("SELECT $1::oid::regtype::text", {std::to_string(type.oid)});
    types.replace(types.rfind("unknown"), std::string::npos, named.at(0).at(0));
  }
  const std::string arguments = types.empty() ? "" : " (" + types + ")";
  server.run("DEALLOCATE ALL");
  server.run("PREPARE hot" + arguments + " AS " + query.sql());
  std::string plan;
  const std::string values = nulls.empty() ? "" : " (" + nulls + ")";
  for (const auto& line : server.ask("EXPLAIN (COSTS OFF) EXECUTE hot" + values)) {
    plan += line.at(0) + '\n';
  }
  return plan;
}

TEST(HotQueries, ScanNoTableFromEndToEnd) {
  const testing::Database database;
  db::PlainConnection server{database.url()};
  server.run("SET search_path = wildnout");
  testing::fill_tables(server);
  server.run("SET plan_cache_mode = force_generic_plan");
  for (const db::QueryBase* query : db::registered_queries()) {
    if (!query->is_hot()) continue;
    const std::string plan = plan_of(server, *query);
    EXPECT_FALSE(std::regex_search(plan, std::regex{"Seq Scan on"}))
        << "query " << query->name() << ":\n"
        << plan;
  }
}

}  // namespace
}  // namespace wildnout
