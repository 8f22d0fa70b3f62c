// The server over real sockets: what hostile, broken and slow clients meet.
#include <gtest/gtest.h>

#include <vector>

#include "platform/http/server_fixture.hpp"

namespace wildnout::http::test {
namespace {

using namespace std::string_literals;

struct Attempt {
  const char* name;
  std::string bytes;
  int status;
};

std::string with_fields(std::string_view fields) {
  return "POST / HTTP/1.1\r\nHost: h\r\n" + std::string{fields} + "\r\n\r\n";
}

std::string long_head(std::size_t size) {
  const std::string start = "GET / HTTP/1.1\r\nHost: h\r\nX: ";
  return start + std::string(size - start.size() - 4, 'x') + "\r\n\r\n";
}

std::string many_fields(int count) {
  std::string head = "GET / HTTP/1.1\r\nHost: h";
  for (int i = 1; i < count; ++i) head += "\r\nX: y";
  return head + "\r\n\r\n";
}

std::vector<Attempt> malformed_lines() {
  return {
      {"no version", "GET /\r\nHost: h\r\n\r\n", 400},
      {"no target", "GET HTTP/1.1\r\nHost: h\r\n\r\n", 400},
      {"two spaces", "GET  / HTTP/1.1\r\nHost: h\r\n\r\n", 400},
      {"a space in the target", "GET /a b HTTP/1.1\r\nHost: h\r\n\r\n", 400},
      {"a tab", "GET\t/ HTTP/1.1\r\nHost: h\r\n\r\n", 400},
      {"NUL in the target", "GET /\0 HTTP/1.1\r\nHost: h\r\n\r\n"s, 400},
      {"a control character in the method", "G\x01T / HTTP/1.1\r\nHost: h\r\n\r\n", 400},
      {"a fragment", "GET /a#b HTTP/1.1\r\nHost: h\r\n\r\n", 400},
      {"a relative target", "GET a HTTP/1.1\r\nHost: h\r\n\r\n", 400},
      {"an asterisk without OPTIONS", "GET * HTTP/1.1\r\nHost: h\r\n\r\n", 400},
      {"a strange scheme", "GET ftp://h/ HTTP/1.1\r\nHost: h\r\n\r\n", 400},
      {"an empty authority", "GET http:///p HTTP/1.1\r\nHost: h\r\n\r\n", 400},
      {"user information", "GET http://a@b/ HTTP/1.1\r\nHost: b\r\n\r\n", 400},
      {"CONNECT", "CONNECT h:443 HTTP/1.1\r\nHost: h\r\n\r\n", 405},
      {"bare LF", "GET / HTTP/1.1\nHost: h\n\n", 400},
      {"TLS", "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 400},
      {"an old version", "GET / HTTP/0.9\r\nHost: h\r\n\r\n", 505},
      {"HTTP/2", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505},
      {"no version at all", "GET / HTTX/1.1\r\nHost: h\r\n\r\n", 400},
      {"lower-case version", "GET / http/1.1\r\nHost: h\r\n\r\n", 400},
      {"junk behind the version", "GET / HTTP/1.1x\r\nHost: h\r\n\r\n", 400},
      {"a long target", "GET /" + std::string(8'192, 'a') + " HTTP/1.1\r\nHost: h\r\n\r\n", 414},
      {"a target without end", "GET /" + std::string(20'000, 'a'), 414},
  };
}

std::vector<Attempt> malformed_fields() {
  return {
      {"no Host", "GET / HTTP/1.1\r\n\r\n", 400},
      {"two Hosts", "GET / HTTP/1.1\r\nHost: h\r\nHost: h\r\n\r\n", 400},
      {"a bad Host", "GET / HTTP/1.1\r\nHost: a/b\r\n\r\n", 400},
      {"a list of Hosts", "GET / HTTP/1.1\r\nHost: a, b\r\n\r\n", 400},
      {"a folded line", with_fields("X: a\r\n b"), 400},
      {"a folded line after nothing", with_fields("X:\r\n b"), 400},
      {"an empty folded line", with_fields("X: a\r\n "), 400},
      {"an empty folded line with a tab", with_fields("X:\r\n\t"), 400},
      {"a folded Host", "GET / HTTP/1.1\r\nHost:\r\n h\r\n\r\n", 400},
      {"a first line that is folded", "GET / HTTP/1.1\r\n Host: h\r\n\r\n", 400},
      {"a space before the colon", with_fields("X : a"), 400},
      {"a space in the name", with_fields("X Y: a"), 400},
      {"no colon", with_fields("XY"), 400},
      {"no name", with_fields(": a"), 400},
      {"NUL in a value", with_fields("X: a\0b"s), 400},
      {"a control character in a value", with_fields("X: a\x01"), 400},
      {"DEL in a value", with_fields("X: a\x7f"), 400},
      {"bare CR in a value", with_fields("X: a\rb"), 400},
      {"bare LF in a value", with_fields("X: a\nb: c"), 400},
      {"a head of 16 KiB and one byte", long_head(16 * 1024 + 1), 431},
      {"a head without end", with_fields("X: " + std::string(40'000, 'x')), 431},
      {"65 fields", many_fields(65), 431},
  };
}

std::vector<Attempt> smuggling() {
  const std::string chunk = "\r\n\r\n0\r\n\r\n";
  return {
      {"both framings",
       with_fields("Content-Length: 5\r\nTransfer-Encoding: chunked") + "0\r\n\r\n", 400},
      {"both, the other way", with_fields("Transfer-Encoding: chunked\r\nContent-Length: 5"), 400},
      {"two lengths", with_fields("Content-Length: 1\r\nContent-Length: 2") + "ab", 400},
      {"two lengths in a list", with_fields("Content-Length: 1, 2") + "ab", 400},
      {"a signed length", with_fields("Content-Length: +1") + "a", 400},
      {"a negative length", with_fields("Content-Length: -1"), 400},
      {"a hexadecimal length", with_fields("Content-Length: 0x1") + "a", 400},
      {"an empty length", with_fields("Content-Length: "), 400},
      {"a length with a space", with_fields("Content-Length: 1 1"), 400},
      {"an overflowing length", with_fields("Content-Length: 18446744073709551617"), 400},
      {"a coding before chunked", with_fields("Transfer-Encoding: gzip, chunked"), 400},
      {"a coding behind chunked", with_fields("Transfer-Encoding: chunked, identity"), 400},
      {"an unknown coding", with_fields("Transfer-Encoding: xchunked"), 400},
      {"identity", with_fields("Transfer-Encoding: identity"), 400},
      {"an empty coding", with_fields("Transfer-Encoding: "), 400},
      {"chunked twice", with_fields("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked"),
       400},
      {"identity, then chunked",
       with_fields("Transfer-Encoding: identity\r\nTransfer-Encoding: chunked"), 400},
      {"a vertical tab",
       with_fields("Transfer-Encoding: \x0b"
                   "chunked"),
       400},
      {"a quoted coding", with_fields("Transfer-Encoding: \"chunked\""), 400},
      {"a space before the colon", with_fields("Transfer-Encoding : chunked"), 400},
      {"chunks in HTTP/1.0", "POST / HTTP/1.0\r\nTransfer-Encoding: chunked" + chunk, 400},
      {"a chunk size that is none", with_fields("Transfer-Encoding: chunked") + "x\r\n", 400},
      {"a prefixed chunk size", with_fields("Transfer-Encoding: chunked") + "0x1\r\na\r\n", 400},
      {"a negative chunk size", with_fields("Transfer-Encoding: chunked") + "-1\r\na\r\n", 400},
      {"a chunk longer than its size",
       with_fields("Transfer-Encoding: chunked") + "1\r\nab\r\n0\r\n", 400},
      {"a chunk line with bare LF", with_fields("Transfer-Encoding: chunked") + "1\na\n0\n\n\r\n",
       400},
      {"a space behind the chunk size", with_fields("Transfer-Encoding: chunked") + "1 x\r\na\r\n",
       400},
      {"an overflowing chunk size",
       with_fields("Transfer-Encoding: chunked") + "fffffffffffffffff\r\na\r\n", 400},
      {"a length in the trailer",
       with_fields("Transfer-Encoding: chunked") + "0\r\nContent-Length: 5\r\n\r\n", 400},
      {"a folded trailer", with_fields("Transfer-Encoding: chunked") + "0\r\n X: y\r\n\r\n", 400},
      {"a chunk header without end",
       with_fields("Transfer-Encoding: chunked") + "1;" + std::string(40'000, 'x'), 400},
      {"too long a body", with_fields("Content-Length: 1048577"), 413},
      {"a far too long body", with_fields("Content-Length: 18446744073709551615"), 413},
      {"too long a chunk", with_fields("Transfer-Encoding: chunked") + "100001\r\n", 413},
      {"a far too long chunk", with_fields("Transfer-Encoding: chunked") + "ffffffffffffffff\r\n",
       413},
  };
}

void expect_refused(const std::vector<Attempt>& attempts) {
  RunningServer server;
  for (const Attempt& attempt : attempts) {
    SCOPED_TRACE(attempt.name);
    RawClient client{server.port()};
    client.send(attempt.bytes);
    const auto answer = client.answer();
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->status, attempt.status);
    EXPECT_EQ(answer->field("connection"), "close");
    EXPECT_EQ(answer->field("content-type"), "application/json");
    EXPECT_TRUE(answer->body.starts_with(R"({"error":{"code":")")) << answer->body;
    const std::string id = R"("requestId":")" + answer->field("x-request-id") + "\"";
    EXPECT_NE(answer->body.find(id), std::string::npos) << answer->body;
    client.finish_sending();
    EXPECT_TRUE(client.is_closed());
  }
  EXPECT_EQ(server.handler.answered, 0) << "a refused request reached the handler";
}

TEST(ServerLimits, RefusesMalformedRequestLines) { expect_refused(malformed_lines()); }
TEST(ServerLimits, RefusesMalformedHeaderFields) { expect_refused(malformed_fields()); }
TEST(ServerLimits, RefusesWhatCouldSmuggleASecondRequest) { expect_refused(smuggling()); }

TEST(ServerLimits, NamesTheContractsCodes) {
  RunningServer server;
  EXPECT_NE(server.ask(many_fields(65))->body.find("\"headers_too_large\""), std::string::npos);
  EXPECT_NE(server.ask(with_fields("Content-Length: 9999999"))->body.find("\"payload_too_large\""),
            std::string::npos);
  EXPECT_NE(server.ask("GET\r\n\r\n")->body.find("\"validation_error\""), std::string::npos);
}

TEST(ServerLimits, TakesWhatIsJustWithinTheLimits) {
  RunningServer server;
  EXPECT_EQ(server.ask(long_head(16 * 1024))->status, 200);
  EXPECT_EQ(server.ask(many_fields(64))->status, 200);
  EXPECT_EQ(server.ask(with_fields("Content-Length: 1, 1") + "a")->status, 200);
  EXPECT_EQ(server.ask("GET /" + std::string(8'191, 'a') + " HTTP/1.1\r\nHost: h\r\n\r\n")->status,
            200);
  EXPECT_EQ(server.ask("GET / HTTP/1.1\r\nHost:\r\n\r\n")->status, 200);
}

TEST(ServerLimits, RefusesALongBodyBeforeItIsSentAndWithout100) {
  RunningServer server;
  RawClient client{server.port()};
  client.send(
      "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 2000000\r\nExpect: 100-continue\r\n\r\n");
  EXPECT_EQ(client.answer()->status, 413);
}

TEST(ServerLimits, LetsTheClientReadThe413WhileItIsStillSending) {
  RunningServer server;
  RawClient client{server.port()};
  ASSERT_TRUE(client.send(with_fields("Content-Length: 8000000")));
  EXPECT_TRUE(client.send(std::string(8'000'000, 'x')));
  EXPECT_EQ(client.answer()->status, 413);
}

TEST(ServerLimits, RefusesChunksThatAddUpToTooMuch) {
  RunningServer server;
  RawClient client{server.port()};
  client.send(with_fields("Transfer-Encoding: chunked"));
  const std::string chunk = "10000\r\n" + std::string(0x10000, 'x') + "\r\n";
  for (int i = 0; i < 17 && client.send(chunk); ++i) {
  }
  EXPECT_EQ(client.answer()->status, 413);
}

TEST(ServerLimits, RefusesUpgradesThatItCannotServe) {
  RunningServer server;
  const std::string start =
      "GET /ws HTTP/1.1\r\nHost: h\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n";
  const auto old = server.ask(start + "Sec-WebSocket-Version: 8\r\n\r\n");
  EXPECT_EQ(old->status, 426);
  EXPECT_EQ(old->field("sec-websocket-version"), "13");
  EXPECT_EQ(server.ask(start + "\r\n")->status, 426);
  const std::string good_version = start + "Sec-WebSocket-Version: 13\r\n";
  EXPECT_EQ(server.ask(good_version + "\r\n")->status, 400);
  EXPECT_EQ(server.ask(good_version + "Sec-WebSocket-Key: short\r\n\r\n")->status, 400);
  // Other protocols are not answered: the request is served as it is.
  EXPECT_EQ(server.ask("GET / HTTP/1.1\r\nHost: h\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n")
                ->status,
            200);
}

// The answer to what goes on and on, a piece every 50 ms.
std::optional<RawAnswer> answer_while_sending(RawClient& client, std::string_view piece) {
  const auto deadline = std::chrono::steady_clock::now() + patience;
  std::optional<RawAnswer> answer;
  while (!answer && std::chrono::steady_clock::now() < deadline) {
    client.send(piece);
    answer = client.answer(false, 50ms);
  }
  return answer;
}

TEST(ServerLimits, Answers408ToAHeadThatTricklesIn) {
  RunningServer server{{.head_time = 400ms}};
  RawClient client{server.port()};
  client.send("GET / HTTP/1.1\r\nHost: h\r\n");
  const auto answer = answer_while_sending(client, "X: y\r\n");
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->status, 408);
}

TEST(ServerLimits, ClosesAConnectionThatNeverSends) {
  RunningServer server{{.head_time = 300ms, .idle_time = 2 * patience}};
  RawClient client{server.port()};
  EXPECT_TRUE(client.is_closed(Limits{}.head_time - 1s));
}

TEST(ServerLimits, Answers408ToABodyThatIsNotThereInTime) {
  RunningServer server{{.body_time = 400ms}};
  RawClient client{server.port()};
  client.send(with_fields("Content-Length: 10") + "abc");
  EXPECT_EQ(client.answer(false, Limits{}.body_time - 1s)->status, 408);
  RawClient chunked{server.port()};
  chunked.send(with_fields("Transfer-Encoding: chunked") + "5\r\nab");
  EXPECT_EQ(chunked.answer(false, Limits{}.body_time - 1s)->status, 408);
}

TEST(ServerLimits, Answers408ToABodyBelowTheLeastRate) {
  RunningServer server{{.body_bytes_per_second = 10'000, .body_grace = 300ms}};
  RawClient client{server.port()};
  client.send(with_fields("Content-Length: 100000"));
  const auto answer = answer_while_sending(client, "slow");
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->status, 408);
}

TEST(ServerLimits, ClosesAnIdleConnection) {
  RunningServer server{{.idle_time = 300ms}};
  RawClient client{server.port()};
  client.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
  ASSERT_TRUE(client.answer());
  EXPECT_TRUE(client.is_closed());
}

TEST(ServerLimits, DoesNotCountTheHandlersTimeAsTheClients) {
  RunningServer server{{.head_time = 1s, .body_time = 1s, .idle_time = 1s}};
  RawClient client{server.port()};
  client.send("GET /held HTTP/1.1\r\nHost: h\r\n\r\n");
  EXPECT_FALSE(client.answer(false, 2s));
  server.handler.let_go_at = 0;
  EXPECT_EQ(client.answer()->body, "held");
}

TEST(ServerLimits, DropsAClientThatDoesNotTakeItsAnswers) {
  RunningServer server{{.write_time = 300ms}};
  RawClient client{server.port()};
  std::string many;
  for (int i = 0; i < 200; ++i) many += "GET /long HTTP/1.1\r\nHost: h\r\n\r\n";
  client.send(many);
  const auto deadline = std::chrono::steady_clock::now() + patience;
  while (server.handler.answered == 0) std::this_thread::sleep_for(1ms);
  while (server.connections() > 0 && std::chrono::steady_clock::now() < deadline) {
    std::this_thread::sleep_for(50ms);
  }
  EXPECT_EQ(server.connections(), 0U);
}

TEST(ServerLimits, ClosesConnectionsBeyondItsNumber) {
  RunningServer server{{.connections = 2}};
  RawClient first{server.port()};
  RawClient second{server.port()};
  first.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
  ASSERT_TRUE(first.answer());
  second.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
  ASSERT_TRUE(second.answer());
  RawClient third{server.port()};
  EXPECT_TRUE(third.is_closed());
}

TEST(ServerLimits, KeepsManyConnectionsAtOnce) {
  RunningServer server;
  std::vector<std::unique_ptr<RawClient>> clients;
  const std::string big = "GET / HTTP/1.1\r\nHost: h\r\nX: " + std::string(9'000, 'x') + "\r\n\r\n";
  for (int i = 0; i < 400; ++i) {
    clients.push_back(std::make_unique<RawClient>(server.port()));
    clients.back()->send(big);
  }
  for (int round = 0; round < 2; ++round) {
    for (auto& client : clients) {
      ASSERT_EQ(client->answer()->status, 200);
      client->send(big);
    }
  }
  EXPECT_EQ(server.connections(), clients.size());
}

TEST(ServerLimits, OutlivesClientsThatVanishInTheMiddle) {
  RunningServer server;
  for (int i = 0; i < 50; ++i) {
    RawClient client{server.port()};
    client.send(i % 2 == 0 ? "GET /long HTTP/1.1\r\nHost: h\r\n\r\nGET /long" : "POST / HT");
  }
  EXPECT_EQ(server.ask("GET / HTTP/1.1\r\nHost: h\r\n\r\n")->status, 200);
}

}  // namespace
}  // namespace wildnout::http::test
