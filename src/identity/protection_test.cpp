// What is personal is sealed in the tables, and moves to the newest key while everything runs.
#include <array>
#include <set>

#include "identity/clerk_repository.hpp"
#include "identity/fixture.hpp"
#include "identity/repository.hpp"
#include "identity/resealing_repository.hpp"
#include "platform/db/plain.hpp"
#include "platform/db/query.hpp"
#include "platform/jobs/runner.hpp"
#include "platform/protection/rotation.hpp"

namespace wildnout::identity {
namespace {

using protection::Rotation;
using test::House;

struct StoredEmail {
  UserId id;
  std::optional<ProtectedEmail> email;
};
BOOST_DESCRIBE_STRUCT(StoredEmail, (), (id, email))

const db::Query<StoredEmail()> all_emails{"test_all_emails",
                                          "SELECT id, email FROM users ORDER BY id"};
const db::Query<UserId(std::vector<EmailIndex>)> users_by_email{
    "test_users_by_email", "SELECT id FROM users WHERE email_index = ANY ($1)"};
const db::Query<void(UserId, UserId)> copy_email{"test_copy_email", R"sql(
  UPDATE users SET email = source.email, email_index = source.email_index
    FROM users AS source WHERE users.id = $2 AND source.id = $1)sql"};
const db::Query<void(UserId)> write_in_clear{
    "test_write_in_clear", "UPDATE users SET email = 'ada@example.org'::bytea WHERE id = $1"};
const db::Query<std::string()> whole_users{"test_whole_users", "SELECT users::text FROM users"};
const db::Query<std::string()> whole_sessions{"test_whole_sessions",
                                              "SELECT sessions::text FROM sessions"};
const db::Query<std::int64_t()> count_of_chains{"test_count_of_chains", R"sql(
  SELECT count(*) FROM jobs WHERE type = 'rewrite_sealed_values' AND state <> 'completed')sql"};

crypto::Vault vault_of(const std::string& keys) {
  static const std::map<char, std::string> bytes{
      {'1', std::string(64, '1')}, {'2', std::string(64, '2')}, {'3', std::string(64, '3')}};
  std::string text;
  for (const char key : keys) {
    text += (text.empty() ? "k" : ",k") + std::string{key} + ':' + bytes.at(key);
  }
  return crypto::Vault{crypto::KeyRing::parse(text)};
}

// A node of which only the jobs and the rotation run.
class RotatingNode {
 public:
  RotatingNode(testing::Loop& loop, const std::string& url, const std::string& keys)
      : loop_{loop},
        database_{loop.executor(), {.url = url}},
        vault_{vault_of(keys)},
        runner_{loop.executor(), database_},
        rotation_{database_, vault_, protected_columns()} {
    rotation_.register_jobs(runner_);
    const auto ended = [this](std::exception_ptr) { --running_; };
    boost::asio::co_spawn(loop.executor(), runner_.run(), ended);
    boost::asio::co_spawn(loop.executor(), rotation_.run(), ended);
  }
  ~RotatingNode() {
    runner_.stop();
    rotation_.stop();
    loop_.turn_until([this] { return running_ == 0; });
  }
  RotatingNode(const RotatingNode&) = delete;
  RotatingNode& operator=(const RotatingNode&) = delete;

  Task<> look() { return rotation_.look(); }

 private:
  testing::Loop& loop_;
  db::Database database_;
  crypto::Vault vault_;
  jobs::Runner runner_;
  Rotation rotation_;
  int running_ = 2;
};

class Protection : public ::testing::Test {
 protected:
  testing::Loop loop;
  testing::Database server;
  db::Database database{loop.executor(), {.url = server.url()}};

  // A user with an address, sealed by the first of the keys.
  UserId add(const std::string& email, const std::string& keys) {
    const UserId id = UserId::make();
    loop.run([&]() -> Task<> {
      NewUser user;
      user.id = id;
      user.clerk_id = "user_" + id.text();
      user.display_name = "Ada";
      (void)co_await insert_user(database.session(), user);
      co_await change(id, email, keys);
    });
    return id;
  }
  Task<> change(UserId id, std::string email, std::string keys) {
    ClerkUser state;
    state.updated_at = system_now();
    state.email = std::move(email);
    co_await update_clerk_user(database.session(), vault_of(keys), id, state);
  }
  void note_session(const std::string& id, UserId user, const std::string& keys) {
    const Timestamp now = system_now();
    const std::array seen{SeenSession{id, user, now, now, "203.0.113.7", "Canary/1.0"}};
    const crypto::Vault vault = vault_of(keys);
    loop.run([&] { return upsert_sessions(database.session(), vault, seen); });
  }
  std::vector<protection::KeyUse> uses() {
    return loop.run([&]() -> Task<std::vector<protection::KeyUse>> {
      const crypto::Vault vault = vault_of("321");
      co_return co_await protection::uses_of_keys(database.session(), vault, protected_columns());
    });
  }
  bool is_all_under(const std::string& key) {
    const auto found = uses();
    return std::ranges::all_of(found, [&](const auto& use) { return use.key == key; });
  }
  // Whether it is so in a minute at most; the rotations look again meanwhile.
  bool becomes_all_under(const std::string& key, std::initializer_list<RotatingNode*> nodes) {
    for (int i = 0; i < 600; ++i) {
      if (is_all_under(key)) return true;
      for (RotatingNode* node : nodes) loop.run([&] { return node->look(); });
      loop.run([] { return async::sleep_for(std::chrono::milliseconds{100}); });
    }
    return false;
  }
  std::map<UserId, std::string> clear_emails(const std::string& keys) {
    std::map<UserId, std::string> clear;
    const crypto::Vault vault = vault_of(keys);
    for (const StoredEmail& row :
         loop.run([&] { return db::all(database.session(), all_emails); })) {
      clear[row.id] = row.email->open(vault, row.id.text());
    }
    return clear;
  }
  std::vector<UserId> look_up(const std::string& email, const std::string& keys) {
    const auto wanted = EmailIndex::candidates(vault_of(keys), email_key(email));
    return loop.run([&] { return db::all(database.session(), users_by_email, wanted); });
  }
};

TEST_F(Protection, NoAddressOfAPersonIsInTheTablesInClear) {
  const UserId user = add("canary@example.org", "1");
  note_session("sess_1", user, "1");
  for (const auto* whole : {&whole_users, &whole_sessions}) {
    for (const std::string& row : loop.run([&] { return db::all(database.session(), *whole); })) {
      for (const std::string canary : {"canary@example.org", "203.0.113.7", "Canary/1.0"}) {
        EXPECT_EQ(row.find(canary), std::string::npos);
        // As bytea is printed.
        EXPECT_EQ(row.find(crypto::hex(crypto::bytes_of(canary))), std::string::npos);
      }
    }
  }
  const auto sessions = loop.run([&]() -> Task<std::vector<SessionRow>> {
    co_return co_await find_sessions(database.session(), vault_of("1"), user, {}, 10);
  });
  ASSERT_EQ(sessions.size(), 1U);
  EXPECT_EQ(sessions[0].ip_address, "203.0.113.7");
  EXPECT_EQ(sessions[0].user_agent, "Canary/1.0");
}

TEST_F(Protection, TheTableTakesNoClearText) {
  const UserId user = add("ada@example.org", "1");
  EXPECT_THROW(loop.run([&] { return db::run(database.session(), write_in_clear, user); }),
               db::Error);
}

TEST_F(Protection, AValueCopiedToAnotherRowDoesNotOpenThere) {
  const UserId ada = add("ada@example.org", "1");
  const UserId eve = add("eve@example.org", "1");
  loop.run([&] { return db::run(database.session(), copy_email, ada, eve); });
  EXPECT_THROW((void)clear_emails("1"), crypto::Unopenable);
}

TEST_F(Protection, AnAddressIsFoundByItsIndexWhateverItsCaseAndKey) {
  const UserId ada = add("Ada@Example.org", "1");
  const UserId bob = add("bob@example.org", "21");
  EXPECT_EQ(look_up("ada@example.ORG", "1"), std::vector{ada});
  EXPECT_EQ(look_up("ada@example.org", "21"), std::vector{ada});
  EXPECT_EQ(look_up("bob@example.org", "21"), std::vector{bob});
  EXPECT_EQ(look_up("nobody@example.org", "21"), std::vector<UserId>{});
  EXPECT_EQ(look_up("ada@example.org", "3"), std::vector<UserId>{});
}

TEST_F(Protection, ANewKeyRewritesEverythingByItself) {
  std::map<UserId, std::string> emails;
  for (int i = 0; i < 2 * Rotation::rows_a_batch + 10; ++i) {
    const std::string email = "user" + std::to_string(i) + "@example.org";
    emails[add(email, "1")] = email;
  }
  note_session("sess_1", emails.begin()->first, "1");
  RotatingNode node{loop, server.url(), "21"};
  ASSERT_TRUE(becomes_all_under("k2", {&node}));
  EXPECT_EQ(clear_emails("2"), emails);
  EXPECT_EQ(look_up("user7@example.org", "2").size(), 1U);
  const auto sessions = loop.run([&]() -> Task<std::vector<SessionRow>> {
    co_return co_await find_sessions(database.session(), vault_of("2"), emails.begin()->first, {},
                                     10);
  });
  EXPECT_EQ(sessions.at(0).ip_address, "203.0.113.7");
}

// Two nodes rotate; users change their addresses meanwhile, through nodes that have the new key
// first and through one that has yet to learn of it.
TEST_F(Protection, TwoNodesAndChangesMeanwhileLoseNothing) {
  std::vector<UserId> users;
  for (int i = 0; i < 600; ++i) users.push_back(add("before@example.org", "1"));
  std::map<UserId, std::string> expected;
  for (const UserId user : users) expected[user] = "before@example.org";
  {
    RotatingNode first{loop, server.url(), "21"};
    RotatingNode second{loop, server.url(), "21"};
    for (std::size_t i = 0; i < users.size(); i += 3) {
      const std::string email = "after" + std::to_string(i) + "@example.org";
      expected[users[i]] = email;
      loop.run([&] { return change(users[i], email, i % 2 == 0 ? "21" : "12"); });
    }
    ASSERT_TRUE(becomes_all_under("k2", {&first, &second}));
  }
  EXPECT_EQ(clear_emails("2"), expected);
}

TEST_F(Protection, WhatANodeLeavesUndoneIsTakenUpByTheNext) {
  for (int i = 0; i < 2 * Rotation::rows_a_batch; ++i) add("ada@example.org", "1");
  {
    RotatingNode node{loop, server.url(), "21"};
    loop.turn_until([&] { return true; });
  }
  RotatingNode node{loop, server.url(), "21"};
  EXPECT_TRUE(becomes_all_under("k2", {&node}));
}

TEST_F(Protection, AHeldRowIsPassedOverAndTakenLater) {
  const UserId held = add("ada@example.org", "1");
  add("bob@example.org", "1");
  db::PlainConnection holder{server.url()};
  holder.run("BEGIN");
  holder.run("SELECT 1 FROM wildnout.users WHERE id = '" + held.text() + "' FOR UPDATE");
  RotatingNode node{loop, server.url(), "21"};
  const auto left = [&] {
    std::int64_t count = 0;
    for (const auto& use : uses()) count += use.key == "k1" ? use.values : 0;
    return count;
  };
  for (int i = 0; i < 600 && left() > 1; ++i) {
    loop.run([] { return async::sleep_for(std::chrono::milliseconds{100}); });
  }
  EXPECT_EQ(left(), 1);
  holder.run("ROLLBACK");
  EXPECT_TRUE(becomes_all_under("k2", {&node}));
}

TEST_F(Protection, AValueThatCannotBeOpenedStaysAndStopsNothing) {
  const UserId ada = add("ada@example.org", "1");
  const UserId eve = add("eve@example.org", "1");
  const UserId zoe = add("zoe@example.org", "1");
  loop.run([&] { return db::run(database.session(), copy_email, ada, eve); });
  RotatingNode node{loop, server.url(), "21"};
  for (int i = 0; i < 600 && look_up("zoe@example.org", "2").empty(); ++i) {
    loop.run([] { return async::sleep_for(std::chrono::milliseconds{100}); });
  }
  EXPECT_EQ(look_up("zoe@example.org", "2"), std::vector{zoe});
  const auto found = uses();
  ASSERT_EQ(found.size(), 2U);
  EXPECT_EQ(found[0].key, "k1");
  EXPECT_FALSE(found[0].is_open);
  EXPECT_TRUE(found[1].is_open);
}

// While the nodes are given the new keys one after the other, one still has the old key first.
TEST_F(Protection, NodesOfDifferingKeysDoNotUndoEachOthersWork) {
  for (int i = 0; i < 10; ++i) add("ada@example.org", "1");
  RotatingNode old{loop, server.url(), "12"};
  loop.run([&] { return old.look(); });
  RotatingNode renewed{loop, server.url(), "21"};
  ASSERT_TRUE(becomes_all_under("k2", {&renewed}));
  loop.run([&] { return old.look(); });
  const auto chains = [&] {
    return loop.run([&] { return db::one(database.session(), count_of_chains); });
  };
  for (int i = 0; i < 600 && chains() > 0; ++i) {
    loop.run([] { return async::sleep_for(std::chrono::milliseconds{100}); });
  }
  EXPECT_EQ(chains(), 0);
  EXPECT_TRUE(is_all_under("k2"));
}

}  // namespace
}  // namespace wildnout::identity
