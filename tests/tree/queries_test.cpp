// Every registered query fits the migrated schema: it prepares, and its parameters and columns are
// what its C++ types say.
#include <gtest/gtest.h>
#include <libpq-fe.h>

#include <memory>
#include <set>

#include "platform/db/query.hpp"
#include "support/database.hpp"

namespace wildnout {
namespace {

struct Close {
  void operator()(PGconn* connection) const { PQfinish(connection); }
  void operator()(PGresult* result) const { PQclear(result); }
};
using Connection = std::unique_ptr<PGconn, Close>;
using Answer = std::unique_ptr<PGresult, Close>;

// The query's name, with which each complaint begins.
std::string title(const db::QueryBase& query) { return "query " + std::string{query.name()}; }

class Queries : public ::testing::Test {
 protected:
  void SetUp() override {
    server_.reset(PQconnectdb(testing::database_url().c_str()));
    ASSERT_EQ(PQstatus(server_.get()), CONNECTION_OK) << PQerrorMessage(server_.get());
    const Answer set{PQexec(server_.get(), "SET search_path = wildnout")};
    ASSERT_EQ(PQresultStatus(set.get()), PGRES_COMMAND_OK);
  }

  // Null after a complaint when the server does not take the query.
  Answer described(const db::QueryBase& query) {
    std::vector<Oid> types;
    for (const db::ValueType& type : query.parameters()) types.push_back(type.oid);
    const Answer prepared{
        PQprepare(server_.get(), "", query.sql(), static_cast<int>(types.size()), types.data())};
    if (PQresultStatus(prepared.get()) != PGRES_COMMAND_OK) {
      ADD_FAILURE() << title(query) << ": " << PQresultErrorMessage(prepared.get());
      return nullptr;
    }
    return Answer{PQdescribePrepared(server_.get(), "")};
  }

  // Whether the column comes straight from a table's column that may be NULL. Of a view's columns
  // PostgreSQL does not know it.
  bool may_be_null(const PGresult* description, int column) {
    const Oid table = PQftable(description, column);
    if (table == InvalidOid) return false;
    const std::string sql =
        "SELECT attnotnull FROM pg_attribute JOIN pg_class c ON c.oid = attrelid"
        " WHERE c.relkind IN ('r', 'p') AND attrelid = " +
        std::to_string(table) + " AND attnum = " + std::to_string(PQftablecol(description, column));
    const Answer found{PQexec(server_.get(), sql.c_str())};
    return PQntuples(found.get()) == 1 && std::string_view{PQgetvalue(found.get(), 0, 0)} == "f";
  }

  void compare_parameters(const db::QueryBase& query, const PGresult* description) {
    const auto types = query.parameters();
    ASSERT_EQ(static_cast<std::size_t>(PQnparams(description)), types.size())
        << title(query) << ": the count of parameters";
    for (std::size_t i = 0; i < types.size(); ++i) {
      const Oid oid = PQparamtype(description, static_cast<int>(i));
      EXPECT_TRUE(db::fits(types[i], oid))
          << title(query) << ": parameter $" << i + 1 << " is of the type with oid " << oid
          << " in SQL and " << types[i].name << " in C++";
    }
  }

  void compare_columns(const db::QueryBase& query, const PGresult* description) {
    if (!query.has_rows()) return;
    const auto columns = query.columns();
    ASSERT_EQ(static_cast<std::size_t>(PQnfields(description)), columns.size())
        << title(query) << ": the count of columns";
    for (std::size_t i = 0; i < columns.size(); ++i) {
      const int at = static_cast<int>(i);
      const std::string column = title(query) + ", column " + PQfname(description, at);
      if (!columns[i].name.empty()) {
        EXPECT_EQ(columns[i].name, PQfname(description, at)) << column << ": its name";
      }
      EXPECT_TRUE(db::fits(columns[i].type, PQftype(description, at)))
          << column << " is of the type with oid " << PQftype(description, at) << " in SQL and "
          << columns[i].type.name << " in C++";
      EXPECT_TRUE(columns[i].type.is_nullable || !may_be_null(description, at))
          << column << " may be NULL in its table: make it optional, or coalesce it";
    }
  }

  Connection server_;
};

TEST_F(Queries, FitTheMigratedSchema) {
  for (const db::QueryBase* query : db::registered_queries()) {
    const Answer description = described(*query);
    if (!description) continue;
    compare_parameters(*query, description.get());
    compare_columns(*query, description.get());
  }
}

TEST_F(Queries, HaveNamesOfTheirOwn) {
  std::set<std::string_view> names;
  for (const db::QueryBase* query : db::registered_queries()) {
    EXPECT_TRUE(names.insert(query->name()).second) << title(*query) << ": the name is taken twice";
  }
}

}  // namespace
}  // namespace wildnout
