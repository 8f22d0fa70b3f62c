// What the trail seals can be read until the key is gone, and never anywhere else.
#include "platform/audit/person_keys.hpp"

#include <gtest/gtest.h>

#include "platform/db/database.hpp"
#include "platform/json/json.hpp"
#include "support/database.hpp"
#include "support/run.hpp"

namespace wildnout::audit {
namespace {

class PersonKeysTest : public ::testing::Test {
 protected:
  testing::Loop loop;
  db::Database database{loop.executor(), {.url = testing::database_url()}};
  Record record{.id = Uuid::make(),
                .created_at = system_now(),
                .action_type = "thing.done",
                .actor_id = Uuid::make(),
                .subject_type = "person",
                .subject_id = Uuid::make().text(),
                .severity = Severity::info,
                .metadata = R"({"count":1,"reason":"because of Bob"})",
                .ip_address = "203.0.113.7",
                .user_agent = "a browser",
                .request_id = "made-up-by-bob",
                .key_id = "k",
                .mac = {}};

  void seal() {
    loop.run([&]() -> Task<> {
      co_await database.transact(
          [&](db::Session& db) -> Task<> { co_await seal_record(db, record); });
    });
  }
  Record opened() {
    std::vector<Record> records{record};
    loop.run([&] { return open_records(database.session(), records); });
    return records.front();
  }
  void forget(const Uuid& person) {
    loop.run([&] { return forget_person(database.session(), person); });
  }
};

TEST_F(PersonKeysTest, WhatTellsOfPersonsIsReadableOnlyWithTheirKeys) {
  const Record clear = record;
  seal();
  for (const std::string& text :
       {record.metadata, *record.ip_address, *record.user_agent, *record.request_id}) {
    EXPECT_EQ(text.find("Bob"), std::string::npos);
    EXPECT_EQ(text.find("203.0.113.7"), std::string::npos);
    EXPECT_EQ(text.find("browser"), std::string::npos);
    EXPECT_EQ(text.find("bob"), std::string::npos);
  }
  EXPECT_NE(record.metadata.find(R"("count":1)"), std::string::npos);
  EXPECT_EQ(opened().metadata, clear.metadata);
  EXPECT_EQ(opened().ip_address, clear.ip_address);
  EXPECT_EQ(opened().user_agent, clear.user_agent);
  EXPECT_EQ(opened().request_id, clear.request_id);
}

TEST_F(PersonKeysTest, EitherPersonsErasureTakesItAwayAndTheRowStaysAsItWas) {
  seal();
  const std::string kept = canonical(record);
  forget(*Uuid::parse(*record.subject_id));
  EXPECT_EQ(opened().ip_address, std::nullopt);
  EXPECT_EQ(opened().metadata, R"({"count":1,"reason":null})");
  EXPECT_EQ(canonical(record), kept);
}

TEST_F(PersonKeysTest, ASealedValueOpensInNoOtherRowOrColumn) {
  seal();
  std::swap(record.ip_address, record.user_agent);
  EXPECT_EQ(opened().ip_address, std::nullopt);
  std::swap(record.ip_address, record.user_agent);
  EXPECT_TRUE(opened().ip_address);
  record.id = Uuid::make();
  EXPECT_EQ(opened().ip_address, std::nullopt);
}

TEST_F(PersonKeysTest, WhatNobodyDidAndTheServerMadeStaysInClear) {
  record.actor_id.reset();
  record.subject_id = "not an id";
  record.request_id = Uuid::make().text();
  const std::string before = canonical(record);
  seal();
  EXPECT_EQ(canonical(record), before);
}

TEST_F(PersonKeysTest, TextThatLooksSealedIsNoWayToReadAnothers) {
  record.metadata = R"({"reason":"sealed:1:0198c0de-0000-7000-8000-000000000001:AAAA"})";
  seal();
  EXPECT_EQ(opened().metadata, R"({"reason":null})");
}

}  // namespace
}  // namespace wildnout::audit
