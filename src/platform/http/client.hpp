// Outgoing HTTP: one request, one whole answer.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "platform/async/task.hpp"

namespace wildnout::http {

struct ClientRequest {
  std::string method = "GET";
  std::string url;
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;  // sent when not empty, or when the method is POST, PUT or PATCH
  std::chrono::milliseconds connect_time{5'000};
  std::chrono::milliseconds total_time{10'000};
  std::size_t answer_bytes = 1024 * 1024;  // decoded; past it: `answer_too_large`
  bool allows_plain_http = false;          // else only https is spoken
  unsigned redirects = 0;                  // followed, within the allowed schemes
  // Takes a body of a 2xx answer piece by piece instead of ClientResponse::body. Must not throw.
  std::function<void(std::string_view)> on_body{};
};

struct ClientResponse {
  std::uint16_t status = 0;
  std::vector<std::pair<std::string, std::string>> headers;  // of the last hop, names as sent
  std::string body;

  // The first of that name, ASCII case-insensitively.
  [[nodiscard]] std::optional<std::string_view> header(std::string_view name) const;
};

// Why there is no answer. An answer of any status is no error.
class ClientError : public std::runtime_error {
 public:
  enum class Reason : std::uint8_t {
    bad_url,      // malformed, or a scheme that is not allowed
    unreachable,  // no such host, refused, broken off
    untrusted,    // the certificate does not hold
    timed_out,
    answer_too_large,
    malformed_answer,
    too_many_redirects,
    busy,     // too many requests under way here
    stopped,  // the client is being destroyed
  };

  ClientError(Reason reason, const std::string& what) : std::runtime_error{what}, reason_{reason} {}
  [[nodiscard]] Reason reason() const { return reason_; }

 private:
  Reason reason_;
};

// One a shard; all members on its thread. Keeps connections open between requests. Compressed
// answers are asked for and decoded; proxies are taken from the environment as curl does.
class Client {
 public:
  // Requests under way at once; further ones fail with `busy`.
  static constexpr std::size_t most_under_way = 64;

  explicit Client(Executor executor);
  ~Client();
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  // Throws ClientError.
  [[nodiscard]] Task<ClientResponse> fetch(ClientRequest request);

 private:
  struct State;
  std::shared_ptr<State> state_;  // shared with the fetches under way
};

}  // namespace wildnout::http
