// Bodies that are made while they are sent: whole, cut off, not taken, not waited for.
#include <gtest/gtest.h>

#include "platform/http/server_fixture.hpp"

namespace wildnout::http::test {
namespace {

std::string get(std::string_view target, std::string_view version = "1.1") {
  return "GET " + std::string{target} + " HTTP/" + std::string{version} + "\r\nHost: h\r\n\r\n";
}

// Everything that comes until the server ends the connection.
std::string all_of(RawClient& client) {
  std::string text;
  for (std::string more = client.take_raw(); !more.empty(); more = client.take_raw()) text += more;
  return text;
}

template <class Probe>
bool comes_true(Probe probe) {
  for (int i = 0; i < 20'000 && !probe(); ++i) std::this_thread::sleep_for(1ms);
  return probe();
}

const std::string chunk = "186a0\r\n" + std::string(100'000, 'p') + "\r\n";

TEST(Stream, comes_in_chunks_and_leaves_the_connection_open_for_the_next_request) {
  RunningServer server;
  RawClient client{server.port()};
  client.send(get("/pieces") + "GET /close HTTP/1.1\r\nHost: h\r\n\r\n");
  const std::string text = all_of(client);
  EXPECT_NE(text.find("Transfer-Encoding: chunked\r\n"), std::string::npos);
  EXPECT_EQ(text.find("Content-Length"), text.rfind("Content-Length"));  // of the second answer
  const std::size_t body = text.find("\r\n\r\n") + 4;
  EXPECT_EQ(text.substr(body, 3 * chunk.size() + 5), chunk + chunk + chunk + "0\r\n\r\n");
  EXPECT_EQ(text.compare(body + 3 * chunk.size() + 5, 15, "HTTP/1.1 200 OK"), 0);
}

TEST(Stream, that_cannot_be_completed_ends_without_its_last_chunk) {
  RunningServer server;
  RawClient client{server.port()};
  client.send(get("/cut"));
  const std::string text = all_of(client);
  EXPECT_TRUE(text.ends_with(chunk));
}

TEST(Stream, goes_to_an_old_client_as_it_is_up_to_the_end_of_the_connection) {
  RunningServer server;
  RawClient client{server.port()};
  client.send(get("/pieces", "1.0"));
  const std::string text = all_of(client);
  EXPECT_EQ(text.find("Transfer-Encoding"), std::string::npos);
  EXPECT_EQ(text.substr(text.find("\r\n\r\n") + 4), std::string(300'000, 'p'));
}

TEST(Stream, is_not_begun_for_a_head_request) {
  RunningServer server;
  ASSERT_TRUE(server.ask("HEAD /pieces HTTP/1.1\r\nHost: h\r\n\r\n", true));
  EXPECT_EQ(server.handler.made, 0);
}

TEST(Stream, is_made_no_faster_than_it_is_taken_and_ends_when_the_client_leaves) {
  RunningServer server;
  {
    RawClient client{server.port()};
    client.send(get("/pieces?100000"));
    ASSERT_TRUE(comes_true([&] { return server.handler.made > 2; }));
    int before = -1;  // it stands still once the kernel's buffers are full
    ASSERT_TRUE(comes_true([&] {
      std::this_thread::sleep_for(100ms);
      return std::exchange(before, server.handler.made.load()) == server.handler.made;
    }));
    EXPECT_LT(server.handler.made, 1000);
  }
  EXPECT_TRUE(comes_true([&] { return server.handler.ended == 1; }));
}

}  // namespace
}  // namespace wildnout::http::test
