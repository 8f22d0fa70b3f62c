// The battles module on two shards and a database of its own, for this folder's tests.
#pragma once

#include <gtest/gtest.h>

#include <boost/asio/use_future.hpp>
#include <boost/json.hpp>
#include <future>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "battles/module.hpp"
#include "platform/crypto/vault.hpp"
#include "platform/db/query.hpp"
#include "platform/jobs/runner.hpp"
#include "support/database.hpp"
#include "support/request.hpp"

namespace wildnout::battles::test {

namespace json = boost::json;

inline const db::Query<void(UserId, std::string)> insert_person{
    "test_insert_person", "INSERT INTO users (id, display_name) VALUES ($1, $2)"};
inline const db::Query<std::int64_t(BattleId)> votes_in_battle{
    "test_votes_in_battle", "SELECT count(*) FROM votes WHERE battle_id = $1"};
// Of a battle that ends within three hours.
inline const db::Query<void(BattleId)> let_all_fall_due{"test_let_all_fall_due", R"sql(
  UPDATE battles SET start_time = start_time - interval '3 hours',
    end_time = end_time - interval '3 hours',
    voting_start_time = voting_start_time - interval '3 hours',
    voting_end_time = voting_end_time - interval '3 hours'
  WHERE id = $1)sql"};
inline const db::Query<bool(BattleId)> counters_hold{"test_counters_hold", R"sql(
  SELECT vote_count = (SELECT count(*) FROM votes WHERE battle_id = $1 AND void_id IS NULL)
     AND entry_count = (SELECT count(*) FROM battle_entries WHERE battle_id = $1
                        AND status = 'submitted' AND moderation_status = 'approved')
     AND NOT EXISTS (SELECT 1 FROM battle_entries AS entry WHERE battle_id = $1 AND vote_count <>
                     (SELECT count(*) FROM votes WHERE entry_id = entry.id AND battle_id = $1
                      AND void_id IS NULL))
  FROM battles WHERE id = $1)sql"};

// Believes the header `x-user`; `x-role: admin` may do everything, `moderator` review as well.
class TrustingAuthenticator : public api::Authenticator {
 public:
  [[nodiscard]] Task<std::optional<api::Caller>> authenticate(
      const http::Request& request) override {
    const auto user = request.header("x-user");
    if (!user) co_return std::nullopt;
    static constexpr std::string_view of_user[] = {"battle:create", "battle:enter", "battle:vote"};
    static constexpr std::string_view of_admin[] = {
        "battle:administer", "battle:create",   "battle:enter",     "battle:feature",
        "battle:vote",       "fairplay:review", "moderation:decide"};
    static constexpr std::string_view of_moderator[] = {
        "battle:create", "battle:enter", "battle:vote", "fairplay:review", "moderation:decide"};
    api::Caller caller{};
    caller.user_id = *Uuid::parse(*user);
    caller.session_id = "test";
    caller.permissions = of_user;
    if (request.header("x-role") == "admin") caller.permissions = of_admin;
    if (request.header("x-role") == "moderator") caller.permissions = of_moderator;
    co_return caller;
  }
};

struct Reply {
  std::uint16_t status;
  json::value body;
  std::string headers;

  [[nodiscard]] std::string code() const {
    return std::string{body.at("error").at("code").as_string()};
  }
  [[nodiscard]] std::string text(std::string_view name) const {
    return std::string{body.at(name).as_string()};
  }
  [[nodiscard]] std::string header(std::string_view name) const {
    const std::size_t at = headers.find(std::string{name} + ": ");
    if (at == std::string::npos) return {};
    const std::size_t start = at + name.size() + 2;
    return headers.substr(start, headers.find("\r\n", start) - start);
  }
};

class Quiet : public Background {
 public:
  void wake() override {}
};

// The same for all shards and nodes: what one keeps the other one reads.
inline const crypto::Vault& shared_vault() {
  static const crypto::Vault vault = crypto::Vault::with_random_key();
  return vault;
}

// One shard's part of the house.
struct Part {
  Part(Node& node, async::Shards& shards, unsigned shard, const std::string& url,
       const api::Cursors& cursors)
      : database{shards[shard].executor(), db::Settings{.url = url}},
        module{node, shard, shards, database, {std::chrono::seconds{1}, true}},
        router{authenticator, database, {.vault = &shared_vault()}} {
    module.mount(router, cursors);
  }

  TrustingAuthenticator authenticator;
  db::Database database;
  Module module;
  api::Router router;
};

class House : public ::testing::Test {
 protected:
  House() {
    shards.start();
    for (unsigned shard = 0; shard < shards.size(); ++shard) {
      on(shard, [this, shard]() -> Task<> {
        parts[shard] =
            std::make_unique<Part>(node, shards, shard, testing::database_url(), cursors);
        co_return;
      });
    }
    creator = person();
  }
  ~House() override {
    for (unsigned shard = 0; shard < shards.size(); ++shard) {
      on(shard, [this, shard]() -> Task<> {
        parts[shard].reset();
        co_return;
      });
    }
  }

  template <class Work>
  std::future<typename std::invoke_result_t<Work&>::value_type> start(unsigned shard, Work work) {
    return boost::asio::co_spawn(shards[shard].executor(), std::move(work),
                                 boost::asio::use_future);
  }
  template <class Work>
  typename std::invoke_result_t<Work&>::value_type on(unsigned shard, Work work) {
    return start(shard, std::move(work)).get();
  }

  struct Call {
    http::Method method;
    std::string target;
    std::string body = {};
    std::optional<UserId> user = {};
    std::vector<std::pair<std::string, std::string>> headers = {};
  };

  [[nodiscard]] std::future<Reply> begin(unsigned shard, Call call) {
    return start(shard, [this, shard, call = std::move(call)]() -> Task<Reply> {
      testing::HandMadeRequest request{call.method, "/api/v1" + call.target, call.body};
      if (call.user) request.set("x-user", call.user->text());
      for (const auto& [name, value] : call.headers) request.set(name, value);
      http::Response response = co_await parts[shard]->router.answer(request);
      std::string text;
      if (const auto* own = std::get_if<std::string>(&response.body)) {
        text = *own;
      } else if (const auto& ready = std::get<1>(response.body)) {
        text = ready->identity;
      }
      Reply reply{response.status, nullptr, response.headers};
      if (!text.empty()) reply.body = json::parse(text);
      co_return reply;
    });
  }
  [[nodiscard]] Reply call(Call request) { return begin(turn++ % shards.size(), request).get(); }

  [[nodiscard]] Reply get(std::string target, std::optional<UserId> user = {}) {
    return call({http::Method::get, std::move(target), {}, user});
  }
  [[nodiscard]] Reply post(std::string target, std::string body, UserId user) {
    return call({http::Method::post, std::move(target), std::move(body), user});
  }

  [[nodiscard]] UserId person() {
    const UserId id = UserId::make();
    ask(insert_person, id, "Person " + id.text().substr(30));
    return id;
  }
  template <class... P>
  void ask(const db::Query<void(P...)>& query, std::type_identity_t<P>... arguments) {
    on(0, [&]() -> Task<> { co_await db::run(parts[0]->database.session(), query, arguments...); });
  }
  template <class Value, class... P>
  Value ask(const db::Query<Value(P...)>& query, std::type_identity_t<P>... arguments) {
    return on(0, [&]() -> Task<Value> {
      co_return co_await db::one(parts[0]->database.session(), query, arguments...);
    });
  }

  // A battle whose phases end after these times from now; starts at once.
  [[nodiscard]] BattleId battle(std::chrono::milliseconds entries, std::chrono::milliseconds votes,
                                const std::string& rules = "{}") {
    const Timestamp now = system_now();
    const std::string body = R"({"title":"Test battle","battleType":"wildStyle","rules":)" + rules +
                             R"(,"startTime":")" + text_of(now) + R"(","endTime":")" +
                             text_of(now + entries) + R"(","votingEndTime":")" +
                             text_of(now + votes) + "\"}";
    const Reply reply = post("/battles", body, creator);
    EXPECT_EQ(reply.status, 201) << json::serialize(reply.body);
    return BattleId{*Uuid::parse(reply.text("id"))};
  }
  [[nodiscard]] Reply enter(BattleId id, UserId user, const std::string& body = "My best bar") {
    return post("/battles/" + id.text() + "/entries",
                R"({"content":{"type":"text","body":")" + body + "\"}}", user);
  }
  [[nodiscard]] EntryId entered(BattleId id, UserId user) {
    const Reply reply = enter(id, user);
    EXPECT_EQ(reply.status, 201) << json::serialize(reply.body);
    return EntryId{*Uuid::parse(reply.text("id"))};
  }
  [[nodiscard]] Reply force(BattleId id, std::string_view to) {
    return call({http::Method::post,
                 "/battles/" + id.text() + "/transition",
                 R"({"to":")" + std::string{to} + R"(","reason":"a test"})",
                 creator,
                 {{"x-role", "admin"}}});
  }
  [[nodiscard]] static Call vote_call(BattleId id, EntryId entry, UserId user) {
    return {http::Method::post, "/battles/" + id.text() + "/votes",
            R"({"entryId":")" + entry.text() + "\"}", user};
  }
  [[nodiscard]] Reply vote(BattleId id, EntryId entry, UserId user) {
    return call(vote_call(id, entry, user));
  }
  // Sends all at once, spread over the shards, and counts the answers by code ("201" for success).
  [[nodiscard]] std::map<std::string, int> storm(const std::vector<Call>& calls) {
    std::vector<std::future<Reply>> replies;
    for (std::size_t i = 0; i < calls.size(); ++i) {
      replies.push_back(begin(static_cast<unsigned>(i % shards.size()), calls[i]));
    }
    std::map<std::string, int> counts;
    for (auto& reply : replies) {
      const Reply one = reply.get();
      ++counts[one.status < 300 ? std::to_string(one.status) : one.code()];
    }
    return counts;
  }

  async::Shards shards{2};
  async::CpuPool cpu_pool{1, 64};
  ws::Hub hub{shards, ws::Limits{}};
  Quiet quiet;
  Node node{shards, hub, cpu_pool, quiet, VoterNetworks{"a key for tests"}};
  api::Cursors cursors{"a key for tests"};
  std::vector<std::unique_ptr<Part>> parts{2};
  unsigned turn = 0;
  UserId creator;
};

}  // namespace wildnout::battles::test
