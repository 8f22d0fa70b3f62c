// For tests: a real server on a thread of its own, and a client that sends whatever bytes.
#pragma once

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_future.hpp>
#include <chrono>
#include <functional>
#include <future>
#include <limits>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <thread>

#include "platform/http/head.hpp"
#include "platform/http/server.hpp"

namespace wildnout::http::test {

using namespace std::chrono_literals;

// What has not come by then will not come.
constexpr std::chrono::milliseconds patience = 30s;

// An answer taken apart; field names in lower case.
struct RawAnswer {
  int status = 0;
  std::multimap<std::string, std::string> fields;
  std::string body;

  [[nodiscard]] std::string field(const std::string& name) const {
    const auto found = fields.find(name);
    return found == fields.end() ? "" : found->second;
  }
};

class RawClient {
 public:
  explicit RawClient(std::uint16_t port) : socket_{::socket(AF_INET, SOCK_STREAM, 0)} {
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(port);
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (::connect(socket_, reinterpret_cast<sockaddr*>(&to), sizeof to) != 0) ADD_FAILURE();
  }
  ~RawClient() { ::close(socket_); }
  RawClient(const RawClient&) = delete;
  RawClient& operator=(const RawClient&) = delete;

  // False: the server has closed.
  bool send(std::string_view bytes) {
    while (!bytes.empty()) {
      const ssize_t sent = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent <= 0) return false;
      bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
    return true;
  }

  void finish_sending() { ::shutdown(socket_, SHUT_WR); }

  // One whole answer; nothing when the connection ends before it, or nothing comes in time.
  std::optional<RawAnswer> answer(bool to_head = false,
                                  std::chrono::milliseconds limit = patience) {
    const auto deadline = std::chrono::steady_clock::now() + limit;
    std::size_t head_end = 0;
    while ((head_end = received_.find("\r\n\r\n")) == std::string::npos) {
      if (!receive(deadline)) return std::nullopt;
    }
    RawAnswer answer = parse(received_.substr(0, head_end + 2));
    received_.erase(0, head_end + 4);
    const std::string length = answer.field("content-length");
    const std::size_t size = to_head || length.empty() ? 0 : std::stoul(length);
    while (received_.size() < size) {
      if (!receive(deadline)) return std::nullopt;
    }
    answer.body = received_.substr(0, size);
    received_.erase(0, size);
    return answer;
  }

  // Whether the server closes the connection, with no byte before.
  bool is_closed(std::chrono::milliseconds limit = patience) {
    const auto deadline = std::chrono::steady_clock::now() + limit;
    const bool more = receive(deadline);
    return !more && is_ended_ && received_.empty();
  }

  [[nodiscard]] const std::string& surplus() const { return received_; }

  // Bytes as they come, at least one.
  std::string take_raw(std::chrono::milliseconds limit = patience) {
    if (received_.empty()) receive(std::chrono::steady_clock::now() + limit);
    return std::exchange(received_, {});
  }

 private:
  bool receive(std::chrono::steady_clock::time_point deadline) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
        deadline - std::chrono::steady_clock::now());
    pollfd wait{socket_, POLLIN, 0};
    if (::poll(&wait, 1, static_cast<int>(std::max(left, 0ms).count())) <= 0) return false;
    char bytes[65536];
    const ssize_t got = ::recv(socket_, bytes, sizeof bytes, 0);
    is_ended_ |= got <= 0;
    if (got <= 0) return false;
    received_.append(bytes, static_cast<std::size_t>(got));
    return true;
  }

  static RawAnswer parse(std::string_view head) {
    RawAnswer answer;
    EXPECT_TRUE(head.starts_with("HTTP/1.1 ")) << head;
    answer.status = std::stoi(std::string{head.substr(9, 3)});
    head.remove_prefix(head.find("\r\n") + 2);
    while (!head.empty()) {
      const std::string_view line = head.substr(0, head.find("\r\n"));
      head.remove_prefix(line.size() + 2);
      const std::size_t colon = line.find(": ");
      std::string name{line.substr(0, colon)};
      for (char& c : name) c = static_cast<char>(std::tolower(c));
      answer.fields.emplace(std::move(name), line.substr(colon + 2));
    }
    return answer;
  }

  int socket_;
  std::string received_;
  bool is_ended_ = false;
};

// Answers by path: what a handler may do, in small.
// So many pieces of 100,000 octets; then the end, or a fault.
class Pieces : public BodySource {
 public:
  Pieces(int count, bool breaks, std::atomic<int>& made, std::atomic<int>& ended)
      : count_{count}, breaks_{breaks}, made_{made}, ended_{ended} {}
  ~Pieces() override { ++ended_; }

  Task<bool> next(std::string& out) override {
    if (breaks_ && made_ >= count_) throw std::runtime_error{"no further piece"};
    out.append(100'000, 'p');
    co_return ++made_ < count_ || breaks_;
  }

 private:
  int count_;
  bool breaks_;
  std::atomic<int>& made_;
  std::atomic<int>& ended_;
};

class ExampleHandler : public Handler {
 public:
  Task<Response> answer(Request& request) override {
    ++answered;
    Response response;
    if (request.path == "/echo") {
      response.body = std::string{request.body};
    } else if (request.path == "/held") {
      while (answered < let_go_at) co_await async::sleep_for(1ms);
      response.body = std::string{"held"};
    } else if (request.path == "/pieces" || request.path == "/cut") {
      const int count = request.query.empty() ? 3 : std::stoi(std::string{request.query});
      response.source = std::make_unique<Pieces>(count, request.path == "/cut", made, ended);
    } else if (request.path == "/long") {
      response.body = std::string(100'000, 'l');
    } else if (request.path == "/none") {
      response.status = 204;
    } else if (request.path == "/close") {
      response.close = true;
    } else if (request.path == "/throws") {
      throw std::runtime_error{"broken"};
    } else if (request.path == "/shared") {
      response.body = shared;
    } else if (request.path == "/see") {
      response.status = 303;
      response.add_header("Location", "/seen");
    } else {
      response.body = seen(request);
    }
    co_return response;
  }

  void upgrade(Upgrade upgrade) override { upgraded.set_value(std::move(upgrade)); }

  std::promise<Upgrade> upgraded;
  std::atomic<int> answered = 0;  // or under way
  std::atomic<int> made = 0;      // pieces of bodies that are made while they are sent
  std::atomic<int> ended = 0;     // such bodies that are gone again
  // "/held" is answered once so many requests have come.
  std::atomic<int> let_go_at = std::numeric_limits<int>::max();
  std::shared_ptr<const SharedBody> shared = make_shared_body(std::string(20'000, 's'), true);

 private:
  static std::string seen(const Request& request) {
    std::string text = std::to_string(static_cast<int>(request.method)) + " ";
    text.append(request.path).append(" ").append(request.query).append(" ");
    text.append(request.header("x-mark").value_or("-"));
    return text.append(" ").append(request.body);
  }
};

class RunningServer {
 public:
  explicit RunningServer(Limits limits = {}) {
    on_thread([this, limits] {
      server_.emplace(context_.get_executor(), handler, limits);
      server_->listen({boost::asio::ip::make_address("127.0.0.1"), 0});
      port_ = server_->local_endpoint().port();
    });
  }
  ~RunningServer() {
    on_thread([this] { server_.reset(); });
    work_.reset();
    context_.stop();
    thread_.join();
  }

  [[nodiscard]] std::uint16_t port() const { return port_; }
  [[nodiscard]] boost::asio::io_context& context() { return context_; }

  std::size_t connections() {
    std::size_t count = 0;
    on_thread([&] { count = server_->connections(); });
    return count;
  }

  std::future<void> drain(std::chrono::milliseconds limit) {
    return boost::asio::co_spawn(context_, server_->drain(std::chrono::steady_clock::now() + limit),
                                 boost::asio::use_future);
  }

  // One request, one answer, on a new connection.
  std::optional<RawAnswer> ask(std::string_view bytes, bool to_head = false) {
    RawClient client{port_};
    client.send(bytes);
    return client.answer(to_head);
  }

  ExampleHandler handler;

 private:
  void on_thread(std::function<void()> work) {
    std::promise<void> done;
    boost::asio::post(context_, [&] {
      work();
      done.set_value();
    });
    done.get_future().get();
  }

  boost::asio::io_context context_{1};
  boost::asio::executor_work_guard<Executor> work_{context_.get_executor()};
  std::optional<Server> server_;
  std::uint16_t port_ = 0;
  std::thread thread_{[this] { context_.run(); }};
};

}  // namespace wildnout::http::test
