// Migrations: once each, by whoever comes first, never another file than the one applied.
#include "platform/db/migrations.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "platform/db/plain.hpp"
#include "platform/db/session.hpp"
#include "support/database.hpp"

namespace wildnout::db {
namespace {

const std::vector<Migration> two{
    {1, "first", "CREATE TABLE one (n integer); SELECT pg_sleep(0.1);"},
    {2, "second", "CREATE TABLE two AS SELECT 7 AS n"}};

class MigrationsTest : public ::testing::Test {
 protected:
  std::string refusal(const std::vector<Migration>& migrations) {
    try {
      apply_migrations(empty_.url(), migrations);
    } catch (const MigrationRefused& refused) {
      return refused.what();
    }
    return "none";
  }

  testing::Database empty_{testing::Database::Content::empty};
};

TEST_F(MigrationsTest, EachIsAppliedOnce) {
  const std::vector<MigrationState> before = migration_states(empty_.url(), two);
  ASSERT_EQ(before.size(), 2U);
  EXPECT_FALSE(before[0].applied_at);
  EXPECT_EQ(apply_migrations(empty_.url(), two), 2);
  EXPECT_EQ(apply_migrations(empty_.url(), two), 0);
  const std::vector<MigrationState> after = migration_states(empty_.url(), two);
  EXPECT_EQ(after[1].name, "second");
  EXPECT_TRUE(after[1].applied_at);
  EXPECT_EQ(PlainConnection{empty_.url()}.ask("SELECT n FROM wildnout.two").at(0).at(0), "7");
}

TEST_F(MigrationsTest, TenThatStartTogetherMigrateOnce) {
  std::atomic<int> applied{0};
  std::vector<std::thread> nodes;
  for (int i = 0; i < 10; ++i) {
    nodes.emplace_back([&] { applied += apply_migrations(empty_.url(), two); });
  }
  for (std::thread& node : nodes) node.join();
  EXPECT_EQ(applied.load(), 2);
}

TEST_F(MigrationsTest, AChangedFileIsRefused) {
  apply_migrations(empty_.url(), two);
  EXPECT_NE(refusal({two[0], {2, "second", "CREATE TABLE two AS SELECT 8 AS n"}})
                .find("0002_second was changed after it had been applied"),
            std::string::npos);
}

TEST_F(MigrationsTest, ANewerSchemaIsRefused) {
  apply_migrations(empty_.url(), two);
  EXPECT_NE(refusal({two[0]}).find("newer than this program"), std::string::npos);
}

TEST_F(MigrationsTest, ANumberFilledInLaterIsRefused) {
  apply_migrations(empty_.url(), std::vector<Migration>{two[1]});
  EXPECT_NE(refusal(two).find("0001_first came after"), std::string::npos);
}

TEST_F(MigrationsTest, AFileThatFailsLeavesNothingOfItselfBehind) {
  const std::vector<Migration> broken{two[0],
                                      {2, "broken", "CREATE TABLE half (n integer); SELECT 1 / 0"}};
  EXPECT_THROW(apply_migrations(empty_.url(), broken), Error);
  PlainConnection server{empty_.url()};
  EXPECT_EQ(server.ask("SELECT to_regclass('wildnout.half')").at(0).at(0), "");
  EXPECT_EQ(server.ask("SELECT count(*) FROM wildnout.schema_migrations").at(0).at(0), "1");
  EXPECT_EQ(apply_migrations(empty_.url(), two), 1);
}

TEST(KnownMigrations, AreInOrderAndFillAnEmptyDatabase) {
  const auto known = known_migrations();
  ASSERT_FALSE(known.empty());
  for (std::size_t i = 1; i < known.size(); ++i) {
    EXPECT_GT(known[i].version, known[i - 1].version);
  }
  EXPECT_EQ(apply_migrations(testing::database_url()), 0);
}

}  // namespace
}  // namespace wildnout::db
