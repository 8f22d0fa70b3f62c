// Every column that could hold something about a person is classified, and what is said to be
// sealed cannot be written in clear.
#include <gtest/gtest.h>

#include <fstream>
#include <map>
#include <sstream>

#include "platform/db/plain.hpp"
#include "support/database.hpp"

namespace wildnout {
namespace {

struct Classification {
  std::string word;
  std::string reason;
};

constexpr const char* manifest = WILDNOUT_SOURCE "/docs/personal-columns.txt";

std::map<std::string, Classification> read_manifest() {
  std::map<std::string, Classification> columns;
  std::ifstream file{manifest};
  for (std::string line; std::getline(file, line);) {
    if (line.empty() || line[0] == '#') continue;
    std::istringstream words{line};
    std::string column;
    Classification found;
    words >> column >> found.word >> std::ws;
    std::getline(words, found.reason);
    EXPECT_TRUE(columns.emplace(column, found).second) << column << " is listed twice";
  }
  return columns;
}

// A partition has the columns of its table. A domain counts as what it stands for.
constexpr const char* text_columns = R"sql(
  SELECT c.relname || '.' || a.attname, a.attrelid, a.attnum
    FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
    JOIN pg_type t ON t.oid = a.atttypid
    LEFT JOIN pg_type base ON base.oid = t.typbasetype
    LEFT JOIN pg_type element ON element.oid = t.typelem AND t.typcategory = 'A'
   WHERE c.relnamespace = 'wildnout'::regnamespace AND c.relkind IN ('r', 'p')
     AND NOT c.relispartition AND a.attnum > 0 AND NOT a.attisdropped
     AND coalesce(element.typname, base.typname, t.typname)
         NOT IN ('uuid', 'bool', 'int2', 'int4', 'int8', 'float4', 'float8', 'numeric',
                 'timestamptz', 'timestamp', 'date', 'interval'))sql";

constexpr const char* sealed_columns = R"sql(
  SELECT conkey[1] FROM pg_constraint
   WHERE contype = 'c' AND conrelid = $1::oid AND array_length(conkey, 1) = 1 AND convalidated
     AND pg_get_constraintdef(oid) LIKE '%is_sealed(%')sql";

class Columns : public ::testing::Test {
 protected:
  Columns() {
    server.run("SET search_path = wildnout");
    for (const auto& row : server.ask(text_columns)) {
      bool is_sealed = false;
      for (const auto& sealed : server.ask(sealed_columns, {row[1]})) {
        is_sealed = is_sealed || sealed[0] == row[2];
      }
      schema.emplace(row[0], is_sealed);
    }
  }

  db::PlainConnection server{testing::database_url()};
  std::map<std::string, bool> schema;  // whether the table refuses clear text
  std::map<std::string, Classification> listed = read_manifest();
};

TEST_F(Columns, AreAllClassified) {
  ASSERT_GT(schema.size(), 50U);
  for (const auto& [column, is_sealed] : schema) {
    EXPECT_TRUE(listed.contains(column))
        << column << " is in no list: decide whether it is about a person, and say so in "
        << manifest;
  }
  for (const auto& [column, found] : listed) {
    EXPECT_TRUE(schema.contains(column)) << manifest << " lists " << column << ", which is gone";
  }
}

TEST_F(Columns, ThatArePersonalAreSealedOrHaveAReason) {
  for (const auto& [column, found] : listed) {
    EXPECT_TRUE(found.word == "sealed" || found.word == "index" || found.word == "personal" ||
                found.word == "plain")
        << column << ": " << found.word << " is no class";
    if (found.word == "personal") EXPECT_FALSE(found.reason.empty()) << column << ": no reason";
  }
}

TEST_F(Columns, ThatAreSealedTakeNoClearText) {
  for (const auto& [column, is_sealed] : schema) {
    if (!listed.contains(column)) continue;
    EXPECT_EQ(is_sealed, listed.at(column).word == "sealed")
        << column << " needs CHECK (is_sealed(…)) if it is sealed, and none if it is not";
  }
}

}  // namespace
}  // namespace wildnout
