// Requests with an Idempotency-Key on a real database: done once, answered alike.
#include "platform/api/idempotency.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/describe/class.hpp>
#include <deque>

#include "platform/api/kept_answers.hpp"
#include "platform/api/router.hpp"
#include "platform/crypto/vault.hpp"
#include "support/database.hpp"
#include "support/request.hpp"
#include "support/run.hpp"

namespace wildnout::api {
namespace {

using http::Method;
using testing::HandMadeRequest;

struct Order {
  std::string name;
  std::string ending;  // how it goes
};
BOOST_DESCRIBE_STRUCT(Order, (), (name, ending))

struct Receipt {
  std::int32_t runs;
};
BOOST_DESCRIBE_STRUCT(Receipt, (), (runs))

constexpr Refusal sold_out{409, "sold_out", "There is none left"};

const db::Query<void(std::string, Uuid)> make_effect{"test_make_effect", R"sql(
  INSERT INTO leases (name, holder, held_until) VALUES ($1, $2, now_ms()))sql"};
const db::Query<std::int64_t(std::string)> count_effects{"test_count_effects", R"sql(
  SELECT count(*) FROM leases WHERE name = $1)sql"};
const db::Query<void(Uuid, db::Bytes)> claim_key{"test_claim_key", R"sql(
  INSERT INTO idempotency_keys (user_id, key, request_hash) VALUES ($1, 'key', $2))sql"};
const db::Query<std::string(Uuid)> whole_row{
    "test_whole_row", "SELECT kept::text FROM idempotency_keys AS kept WHERE user_id = $1"};
const db::Query<void(Uuid)> age_keys{"test_age_keys", R"sql(
  UPDATE idempotency_keys SET created_at = now_ms() - interval '25 hours' WHERE user_id = $1)sql"};

// The Authorization header is the user's id.
class Doorman final : public Authenticator {
 public:
  Task<std::optional<Caller>> authenticate(const http::Request& request) override {
    const auto user = request.header("Authorization");
    if (!user) co_return std::nullopt;
    co_return Caller{.user_id = *Uuid::parse(*user),
                     .session_id = {},
                     .roles = {},
                     .permissions = {},
                     .expires_at = {}};
  }
};

class IdempotencyTest : public ::testing::Test {
 protected:
  IdempotencyTest() { mount(router_); }

  void mount(Router& router) {
    router.post("/orders", [this](std::optional<Caller>, db::Scope scope, Body<Order> order) {
      return take(scope, order.value);
    });
  }

  Task<Created<Receipt>> take(db::Scope scope, Order order) {
    ++runs_;
    co_await scope.transact([&order, this](db::Session& db) -> Task<> {
      co_await db::run(db, make_effect, order.name, Uuid::make());
      db.after_commit([this] { ++commits_; });
      while (order.ending == "held" && is_held_) {
        co_await async::sleep_for(std::chrono::milliseconds{1});
      }
      if (order.ending == "refused") throw Refused{sold_out};
      if (order.ending == "limited") throw Refused{rate_limit_exceeded};
      if (order.ending == "fault") throw std::runtime_error{"broken"};
    });
    co_return Created<Receipt>{{runs_}, "/orders/" + order.name};
  }

  static std::string order(const std::string& name, const std::string& ending = "well") {
    return R"({"name":")" + name + R"(","ending":")" + ending + R"("})";
  }

  http::Response post(const std::string& key, const std::string& body) {
    HandMadeRequest request = post_request(key, body);
    return loop_.run([&]() -> Task<http::Response> { return router_.answer(request); });
  }
  HandMadeRequest post_request(const std::string& key, const std::string& body) {
    return HandMadeRequest{
        Method::post, "/api/v1/orders", body, {{"idempotency-key", key}, {"authorization", user_}}};
  }

  std::int64_t effects(const std::string& name) {
    return loop_.run(
        [&]() -> Task<std::int64_t> { return db::one(database_.session(), count_effects, name); });
  }

  static bool is_replay(const http::Response& response) {
    return response.headers.find("Idempotency-Replayed: true\r\n") != std::string::npos;
  }
  static const std::string& text_of(const http::Response& response) {
    return std::get<std::string>(response.body);
  }
  static std::string unique_name() { return "order-" + Uuid::make().text(); }

  testing::Loop loop_;
  Doorman doorman_;
  db::Database database_{loop_.executor(), {.url = testing::database_url()}};
  crypto::Vault vault_ = crypto::Vault::with_random_key();
  Router router_{doorman_, database_, {.vault = &vault_}};
  std::string user_ = Uuid::make().text();
  int runs_ = 0;
  int commits_ = 0;
  bool is_held_ = true;
};

TEST_F(IdempotencyTest, ReplaysTheFirstAnswerOfTheSameRequest) {
  const std::string name = unique_name();
  const auto first = post("key", order(name));
  EXPECT_EQ(first.status, 201);
  EXPECT_FALSE(is_replay(first));
  const auto second = post("key", order(name));
  EXPECT_EQ(second.status, 201);
  EXPECT_TRUE(is_replay(second));
  EXPECT_EQ(text_of(second), text_of(first));
  EXPECT_NE(second.headers.find("Location: /api/v1/orders/" + name), std::string::npos);
  EXPECT_EQ(runs_, 1);
  EXPECT_EQ(commits_, 1);
  EXPECT_EQ(effects(name), 1);
}

TEST_F(IdempotencyTest, RefusesAnotherRequestUnderTheSameKey) {
  EXPECT_EQ(post("key", order(unique_name())).status, 201);
  const auto other = post("key", order(unique_name()));
  EXPECT_EQ(other.status, 409);
  EXPECT_NE(text_of(other).find("idempotency_key_reused"), std::string::npos);
  user_ = Uuid::make().text();
  EXPECT_EQ(post("key", order(unique_name())).status, 201) << "keys of others are no matter";
}

TEST_F(IdempotencyTest, KeepsRefusalsAndUndoesWhatWasDoneBeforeThem) {
  const std::string name = unique_name();
  for (const bool is_second : {false, true}) {
    const auto refused = post("key", order(name, "refused"));
    EXPECT_EQ(refused.status, 409);
    EXPECT_NE(text_of(refused).find("sold_out"), std::string::npos);
    EXPECT_EQ(is_replay(refused), is_second);
  }
  EXPECT_EQ(runs_, 1);
  EXPECT_EQ(commits_, 0);
  EXPECT_EQ(effects(name), 0);
}

TEST_F(IdempotencyTest, DoesNotKeepFaultsAndRateLimits) {
  for (const auto& [ending, status] : {std::pair{"fault", 500}, std::pair{"limited", 429}}) {
    const std::string name = unique_name();
    runs_ = 0;
    for (int i = 0; i < 2; ++i) {
      const auto response = post(ending, order(name, ending));
      EXPECT_EQ(response.status, status);
      EXPECT_FALSE(is_replay(response));
    }
    EXPECT_EQ(runs_, 2);
    EXPECT_EQ(effects(name), 0);
  }
}

TEST_F(IdempotencyTest, DoesNotKeepWhatNeverReachedTheService) {
  EXPECT_EQ(post("key", "{}").status, 400);
  EXPECT_EQ(post("key", order(unique_name())).status, 201);
}

TEST_F(IdempotencyTest, RunsOneOfManyAtOnceAndAnswersTheOthersLikeIt) {
  constexpr int many = 20;
  const std::string name = unique_name();
  std::deque<HandMadeRequest> requests;
  std::vector<http::Response> responses;
  for (int i = 0; i < many; ++i) {
    HandMadeRequest& request = requests.emplace_back(
        Method::post, "/api/v1/orders", order(name),
        HandMadeRequest::Headers{{"idempotency-key", "key"}, {"authorization", user_}});
    boost::asio::co_spawn(loop_.executor(), router_.answer(request),
                          [&](std::exception_ptr, http::Response response) {
                            responses.push_back(std::move(response));
                          });
  }
  loop_.turn_until([&] { return responses.size() == many; });
  int replays = 0;
  for (const http::Response& response : responses) {
    EXPECT_EQ(response.status, 201);
    EXPECT_EQ(text_of(response), text_of(responses.front()));
    replays += is_replay(response) ? 1 : 0;
  }
  EXPECT_EQ(replays, many - 1);
  EXPECT_EQ(runs_, 1);
  EXPECT_EQ(effects(name), 1);
}

TEST_F(IdempotencyTest, OthersAreServedWhileManyOfOneKeyWait) {
  constexpr std::size_t many = 20;
  const std::string body = order(unique_name(), "held");
  std::deque<HandMadeRequest> requests;
  std::vector<http::Response> responses;
  for (std::size_t i = 0; i < many; ++i) {
    HandMadeRequest& request = requests.emplace_back(
        Method::post, "/api/v1/orders", body,
        HandMadeRequest::Headers{{"idempotency-key", "key"}, {"authorization", user_}});
    boost::asio::co_spawn(loop_.executor(), router_.answer(request),
                          [&](std::exception_ptr, http::Response response) {
                            responses.push_back(std::move(response));
                          });
  }
  loop_.turn_until([&] { return runs_ == 1; });
  // Each of these takes a connection, of which there are fewer than requests of that key.
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(post("other" + std::to_string(i), order(unique_name())).status, 201);
  }
  EXPECT_TRUE(responses.empty());
  is_held_ = false;
  loop_.turn_until([&] { return responses.size() == many; });
  EXPECT_EQ(std::ranges::count_if(responses, is_replay), many - 1);
  EXPECT_EQ(runs_, 4);
}

TEST_F(IdempotencyTest, GivesUpWaitingForOneThatIsUnderWay) {
  db::Database impatient{
      loop_.executor(),
      {.url = testing::database_url(), .statement_timeout = std::chrono::milliseconds{300}}};
  Router other{doorman_, impatient, {.vault = &vault_}};
  other.post("/orders", [this](Caller, db::Scope scope, Body<Order> order) {
    return take(scope, order.value);
  });
  HandMadeRequest request = post_request("key", order(unique_name()));
  const auto response = loop_.run([&]() -> Task<http::Response> {
    // Holds the key's row as the first request would.
    return database_.transact([&](db::Session& db) -> Task<http::Response> {
      co_await db::run(db, claim_key, *Uuid::parse(user_), db::Bytes{std::string(32, 'h')});
      co_return co_await other.answer(request);
    });
  });
  EXPECT_EQ(response.status, 409);
  EXPECT_NE(text_of(response).find("\"conflict\""), std::string::npos);
  EXPECT_EQ(runs_, 0);
}

TEST_F(IdempotencyTest, RefusesKeysThatAreNoVisibleAscii) {
  for (const std::string& key :
       {std::string{}, std::string{"a b"}, std::string{"é"}, std::string(256, 'k')}) {
    const auto response = post(key, order(unique_name()));
    EXPECT_EQ(response.status, 400) << key;
    EXPECT_NE(text_of(response).find("Idempotency-Key"), std::string::npos);
  }
  EXPECT_EQ(post(std::string(255, 'k'), order(unique_name())).status, 201);
}

TEST_F(IdempotencyTest, IgnoresTheKeysOfNobody) {
  for (int i = 0; i < 2; ++i) {
    HandMadeRequest request{
        Method::post, "/api/v1/orders", order(unique_name()), {{"idempotency-key", "key"}}};
    const auto response =
        loop_.run([&]() -> Task<http::Response> { return router_.answer(request); });
    EXPECT_EQ(response.status, 201);
    EXPECT_FALSE(is_replay(response));
  }
}

TEST_F(IdempotencyTest, KeepsAnswersSealedAndRewritesThemUnderANewKey) {
  const std::string first = "one:" + std::string(64, '1');
  const std::string second = "two:" + std::string(64, '2');
  const crypto::Vault old_vault{crypto::KeyRing::parse(first)};
  const crypto::Vault new_vault{crypto::KeyRing::parse(second + ',' + first)};
  Router old_router{doorman_, database_, {.vault = &old_vault}};
  Router new_router{doorman_, database_, {.vault = &new_vault}};
  mount(old_router);
  mount(new_router);
  const std::string name = unique_name();
  const auto send = [&](Router& router) {
    HandMadeRequest request = post_request("key", order(name));
    return loop_.run([&]() -> Task<http::Response> { return router.answer(request); });
  };
  const std::string answer = text_of(send(old_router));
  const std::string row = loop_.run([&]() -> Task<std::string> {
    return db::one(database_.session(), whole_row, *Uuid::parse(user_));
  });
  EXPECT_EQ(row.find(crypto::hex(crypto::bytes_of("runs"))), std::string::npos) << row;
  const protection::Column column = protected_columns().at(0);
  const auto rewrite = [&](std::string after) {
    return loop_.run([&]() -> Task<protection::Batch> {
      return column.rewrite(database_.session(), new_vault, {"one", after, 10});
    });
  };
  const protection::Batch batch = rewrite("");
  EXPECT_EQ(batch.rewritten, 1);
  EXPECT_FALSE(rewrite(batch.last.value()).last);
  const auto keys = loop_.run(
      [&]() -> Task<std::vector<std::string>> { return column.keys(database_.session()); });
  EXPECT_EQ(std::ranges::count(keys, "one"), 0);
  EXPECT_EQ(
      loop_.run([&]() -> Task<std::int64_t> { return column.count(database_.session(), "two"); }),
      1);
  const http::Response replay = send(new_router);
  EXPECT_TRUE(is_replay(replay));
  EXPECT_EQ(text_of(replay), answer);
}

TEST_F(IdempotencyTest, ForgetsKeysAfterADay) {
  const Uuid user = *Uuid::parse(user_);
  const auto age = [&] {
    loop_.run([&]() -> Task<std::int64_t> { return db::run(database_.session(), age_keys, user); });
  };
  EXPECT_EQ(post("key", order(unique_name())).status, 201);
  age();
  const std::string name = unique_name();
  EXPECT_FALSE(is_replay(post("key", order(name)))) << "taken over";
  EXPECT_TRUE(is_replay(post("key", order(name))));
  age();
  const auto forget = [&]() -> Task<std::int64_t> {
    return forget_expired_keys(database_.session());
  };
  EXPECT_GE(loop_.run(forget), 1);
  EXPECT_EQ(loop_.run(forget), 0);
}

}  // namespace
}  // namespace wildnout::api
