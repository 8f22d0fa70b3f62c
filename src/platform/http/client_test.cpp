// Outgoing requests, against our own server and against broken peers.
#include "platform/http/client.hpp"

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_future.hpp>
#include <boost/asio/write.hpp>
#include <vector>

#include "platform/http/server_fixture.hpp"

namespace wildnout::http::test {
namespace {

// Runs one fetch on a thread of its own and gives back its answer or throws its error.
ClientResponse fetch(ClientRequest request) {
  boost::asio::io_context context{1};
  Client client{context.get_executor()};
  auto answer =
      boost::asio::co_spawn(context, client.fetch(std::move(request)), boost::asio::use_future);
  context.run();
  return answer.get();
}

ClientError::Reason reason_of(ClientRequest request) {
  try {
    const ClientResponse response = fetch(std::move(request));
    ADD_FAILURE() << "answered " << response.status;
    return ClientError::Reason::stopped;
  } catch (const ClientError& error) {
    return error.reason();
  }
}

ClientRequest to(std::uint16_t port, const std::string& path) {
  ClientRequest request;
  request.url = "http://127.0.0.1:" + std::to_string(port) + path;
  request.allows_plain_http = true;
  return request;
}

// A peer that sends these bytes to whoever connects, and then nothing.
class FixedPeer {
 public:
  explicit FixedPeer(std::string bytes) : bytes_{std::move(bytes)} {
    acceptor_.listen();
    thread_ = std::thread{[this] {
      boost::asio::ip::tcp::socket socket{context_};
      boost::system::error_code error;
      acceptor_.accept(socket, error);
      char request[4096];
      socket.read_some(boost::asio::buffer(request), error);
      is_asked_ = true;
      boost::asio::write(socket, boost::asio::buffer(bytes_), error);
      while (!error) socket.read_some(boost::asio::buffer(request), error);
    }};
  }
  ~FixedPeer() { thread_.join(); }

  [[nodiscard]] std::uint16_t port() const { return acceptor_.local_endpoint().port(); }
  [[nodiscard]] bool is_asked() const { return is_asked_; }

 private:
  std::string bytes_;
  std::atomic<bool> is_asked_ = false;
  boost::asio::io_context context_;
  boost::asio::ip::tcp::acceptor acceptor_{context_,
                                           {boost::asio::ip::make_address("127.0.0.1"), 0}};
  std::thread thread_;
};

TEST(Client, FetchesAnAnswer) {
  RunningServer server;
  ClientRequest request = to(server.port(), "/p?q");
  request.headers.emplace_back("X-Mark", "m");
  const ClientResponse response = fetch(std::move(request));
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.body, "0 /p q m ");
  EXPECT_EQ(response.header("api-version"), "1");
  EXPECT_EQ(response.header("absent"), std::nullopt);
}

TEST(Client, PostsABodyAndDecodesACompressedAnswer) {
  RunningServer server;
  ClientRequest request = to(server.port(), "/echo");
  request.method = "POST";
  request.body = std::string(50'000, 'b');
  const ClientResponse response = fetch(request);
  EXPECT_EQ(response.body, request.body);
  EXPECT_TRUE(response.header("Content-Encoding"));
}

TEST(Client, RunsManyRequestsAtOnceAndRefusesMore) {
  RunningServer server;
  boost::asio::io_context context{1};
  Client client{context.get_executor()};
  std::vector<std::future<ClientResponse>> answers;
  for (std::size_t i = 0; i <= Client::most_under_way; ++i) {
    answers.push_back(boost::asio::co_spawn(context, client.fetch(to(server.port(), "/held")),
                                            boost::asio::use_future));
  }
  // None is answered before all are there.
  server.handler.let_go_at = static_cast<int>(Client::most_under_way);
  context.run();
  EXPECT_THROW(answers.back().get(), ClientError);
  answers.pop_back();
  for (auto& answer : answers) EXPECT_EQ(answer.get().body, "held");
}

TEST(Client, SpeaksHttpsOnlyUnlessAllowed) {
  RunningServer server;
  ClientRequest request = to(server.port(), "/");
  request.allows_plain_http = false;
  EXPECT_EQ(reason_of(request), ClientError::Reason::bad_url);
  request.allows_plain_http = true;
  request.url = "file:///etc/hostname";
  EXPECT_EQ(reason_of(request), ClientError::Reason::bad_url);
  request.url = "http://";
  EXPECT_EQ(reason_of(request), ClientError::Reason::bad_url);
}

TEST(Client, FollowsRedirectsOnlyWhenAsked) {
  RunningServer server;
  ClientRequest request = to(server.port(), "/see");
  const ClientResponse seen = fetch(request);
  EXPECT_EQ(seen.status, 303);
  EXPECT_EQ(seen.header("location"), "/seen");
  request.redirects = 1;
  EXPECT_EQ(fetch(request).body, "0 /seen  - ");
}

TEST(Client, StopsAtTheLargestAnswer) {
  RunningServer server;
  ClientRequest request = to(server.port(), "/long");
  request.answer_bytes = 99'999;
  EXPECT_EQ(reason_of(request), ClientError::Reason::answer_too_large);
  request.answer_bytes = 100'000;
  EXPECT_EQ(fetch(request).body.size(), 100'000U);
}

TEST(Client, TellsWhyThereIsNoAnswer) {
  const FixedPeer silent{""};
  ClientRequest slow = to(silent.port(), "/");
  slow.total_time = 200ms;
  EXPECT_EQ(reason_of(slow), ClientError::Reason::timed_out);
  const FixedPeer garbled{"no http\r\n\r\n"};
  EXPECT_NE(reason_of(to(garbled.port(), "/")), ClientError::Reason::stopped);
  EXPECT_EQ(reason_of(to(1, "/")), ClientError::Reason::unreachable);
  ClientRequest unknown;
  unknown.url = "https://no-such-host.invalid/";
  EXPECT_EQ(reason_of(unknown), ClientError::Reason::unreachable);
}

TEST(Client, EndsItsRequestsWhenItIsDestroyed) {
  const FixedPeer silent{""};
  boost::asio::io_context context{1};
  std::optional<Client> client{context.get_executor()};
  auto answer = boost::asio::co_spawn(context, client->fetch(to(silent.port(), "/")),
                                      boost::asio::use_future);
  while (!silent.is_asked()) context.run_for(5ms);
  client.reset();
  context.restart();
  context.run();
  try {
    answer.get();
    FAIL();
  } catch (const ClientError& error) {
    EXPECT_EQ(error.reason(), ClientError::Reason::stopped);
  }
}

}  // namespace
}  // namespace wildnout::http::test
