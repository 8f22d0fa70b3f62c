// The identity module on a database of its own, for this folder's tests.
#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include <boost/json.hpp>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "identity/module.hpp"
#include "platform/api/router.hpp"
#include "platform/crypto/digest.hpp"
#include "platform/crypto/jwt.hpp"
#include "platform/db/database.hpp"
#include "platform/db/query.hpp"
#include "support/database.hpp"
#include "support/run.hpp"

namespace wildnout::identity::test {

namespace json = boost::json;

class Folder {
 public:
  Folder() {
    std::string name = (std::filesystem::temp_directory_path() / "identity.XXXXXX").string();
    path_ = mkdtemp(name.data());
  }
  ~Folder() { std::filesystem::remove_all(path_); }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  [[nodiscard]] const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

class Request final : public http::Request {
 public:
  [[nodiscard]] std::optional<std::string_view> header(std::string_view name) const override {
    std::string lower{name};
    for (char& c : lower) c = static_cast<char>(c | (c >= 'A' && c <= 'Z' ? 0x20 : 0));
    const auto at = headers.find(lower);
    if (at == headers.end()) return std::nullopt;
    return at->second;
  }
  std::map<std::string, std::string> headers;  // names in lower case
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
};

// Where the program's houses keep the key of their development issuer: making one takes long.
inline const Folder& shared_folder() {
  static const Folder folder;
  return folder;
}

inline constexpr std::string_view clerk_issuer = "https://clerk.example.com";
inline constexpr std::string_view clerk_key_id = "ins_test";

inline const crypto::SigningKey& clerk_key() {
  static const crypto::SigningKey key = crypto::SigningKey::make();
  return key;
}

inline std::int64_t seconds_from_now(std::int64_t seconds) {
  return std::chrono::floor<std::chrono::seconds>(system_now()).time_since_epoch().count() +
         seconds;
}

inline json::object clerk_claims(const std::string& subject) {
  return {{"azp", "https://app.example.com"},
          {"exp", seconds_from_now(60)},
          {"iat", seconds_from_now(0)},
          {"iss", clerk_issuer},
          {"nbf", seconds_from_now(-10)},
          {"sid", "sess_" + subject},
          {"sts", "active"},
          {"sub", subject},
          {"v", 2}};
}

inline std::string clerk_token(const json::object& claims) {
  return crypto::make_token(clerk_key(), clerk_key_id, claims);
}
inline std::string clerk_token(const std::string& subject) {
  return clerk_token(clerk_claims(subject));
}

// A subject that no other test has.
inline std::string new_subject() { return "user_" + Uuid::make().text(); }

struct Facts final : ProfileFacts {
  Task<BattleRecord> battle_record(UserId) override { co_return BattleRecord{3, 1}; }
};

inline crypto::WebhookSecret webhook_secret() {
  return *crypto::WebhookSecret::parse(
      crypto::base64(crypto::bytes_of("what signs the webhooks here")));
}

// The same for all houses of the program: they share a database.
inline const crypto::Vault& shared_vault() {
  static const crypto::Vault vault = crypto::Vault::with_random_key();
  return vault;
}

inline Settings clerk_settings() {
  Settings settings{shared_vault()};
  settings.clerk.issuer = clerk_issuer;
  settings.pem = clerk_key().public_key().pem();
  settings.webhook_secrets.push_back(webhook_secret());
  settings.csrf_key = "the key of these tests";
  return settings;
}

// One shard of a node. Several on one loop and database stand for several shards.
class House {
 public:
  explicit House(testing::Loop& loop, Settings settings = clerk_settings(),
                 bool has_dev_issuer = true)
      : loop_{loop},
        database_{loop.executor(), {.url = testing::database_url()}},
        node_{
            shards_, 0, std::move(settings),
            has_dev_issuer ? std::optional{DevIssuer::open(shared_folder().path())} : std::nullopt,
            [this](UserId user, std::string session) {
              closed.push_back(user.text() + ' ' + session);
            }},
        module_{node_, 0, database_, facts_, trail_},
        router_{module_.authenticator(), database_} {
    module_.mount(router_, cursors_);
  }

  // Whose sockets were closed: the user, and the session or nothing.
  std::vector<std::string> closed;

  [[nodiscard]] Node& node() { return node_; }
  [[nodiscard]] db::Database& database() { return database_; }
  [[nodiscard]] Webhooks& webhooks() { return module_.webhooks(); }
  [[nodiscard]] Erasures& erasures() { return module_.erasures(); }
  [[nodiscard]] SessionBook& book() { return module_.book(); }
  [[nodiscard]] const DevIssuer& dev_issuer() const { return *node_.dev_issuer(); }
  [[nodiscard]] Service& service() { return module_.service(); }
  [[nodiscard]] api::Authenticator& authenticator() { return module_.authenticator(); }
  [[nodiscard]] Sessions& sessions() { return module_.sessions(); }
  [[nodiscard]] db::Scope scope() { return db::Scope{database_}; }
  [[nodiscard]] db::Session& session() { return database_.session(); }
  [[nodiscard]] testing::Loop& loop() { return loop_; }

  Reply send(http::Method method, std::string path, std::string token = "", std::string body = "",
             std::string remote = "127.0.0.1") {
    return loop_.run([&] { return ask(method, path, token, body, remote); });
  }
  Reply get(std::string path, std::string token = "") {
    return send(http::Method::get, std::move(path), std::move(token));
  }
  Reply post(std::string path, std::string token, std::string body) {
    return send(http::Method::post, std::move(path), std::move(token), std::move(body));
  }

  Task<Reply> ask(http::Method method, std::string path, std::string token, std::string body,
                  std::string remote) {
    std::map<std::string, std::string> headers;
    if (!token.empty()) headers["authorization"] = "Bearer " + token;
    if (!body.empty()) headers["content-type"] = "application/json";
    return ask_with(method, std::move(path), std::move(headers), std::move(body),
                    std::move(remote));
  }

  Task<Reply> ask_with(http::Method method, std::string path,
                       std::map<std::string, std::string> headers, std::string body = "",
                       std::string remote = "127.0.0.1") {
    Request request;
    request.method = method;
    request.target = path;
    request.path = request.target.substr(0, path.find('?'));
    if (request.path.size() < path.size()) {
      request.query = request.target.substr(request.path.size() + 1);
    }
    request.body = body;
    request.request_id = "test-request";
    request.remote = boost::asio::ip::make_address(remote);
    request.headers = std::move(headers);
    const http::Response response = co_await router_.answer(request);
    const auto& text = std::get<std::string>(response.body);
    co_return Reply{response.status, text.empty() ? json::value{} : json::parse(text),
                    response.headers};
  }

 private:
  testing::Loop& loop_;
  async::Shards shards_{1};  // never started: its slots are read here
  db::Database database_;
  Facts facts_;
  audit::Trail trail_ = audit::Trail::with_random_key();
  Node node_;
  Module module_;
  api::Cursors cursors_{"a key"};
  api::Router router_;
};

}  // namespace wildnout::identity::test
