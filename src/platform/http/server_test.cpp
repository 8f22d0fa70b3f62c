// The server over real sockets: what well-behaved clients meet.
#include <gtest/gtest.h>

#include "platform/http/server_fixture.hpp"

namespace wildnout::http::test {
namespace {

constexpr std::string_view get = "GET /a?b=c HTTP/1.1\r\nHost: h\r\nX-Mark: m\r\n\r\n";

std::string post(std::string_view path, std::string_view body) {
  return "POST " + std::string{path} +
         " HTTP/1.1\r\nHost: h\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" +
         std::string{body};
}

TEST(Server, AnswersAGetWithTheHeadersThatEveryAnswerCarries) {
  RunningServer server;
  const auto answer = server.ask(get);
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->status, 200);
  EXPECT_EQ(answer->body, "0 /a b=c m ");
  EXPECT_EQ(answer->field("api-version"), "1");
  EXPECT_EQ(answer->field("content-type"), "application/json");
  EXPECT_EQ(answer->field("content-length"), "11");
  EXPECT_EQ(answer->field("x-request-id").size(), 36U);
  EXPECT_EQ(answer->field("date").size(), 29U);
  EXPECT_EQ(answer->field("connection"), "");
  EXPECT_EQ(answer->field("traceparent"), "");
}

TEST(Server, KeepsTheConnectionForFurtherRequests) {
  RunningServer server;
  RawClient client{server.port()};
  for (int i = 0; i < 50; ++i) {
    client.send(post("/echo", "body " + std::to_string(i)));
    const auto answer = client.answer();
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->body, "body " + std::to_string(i));
  }
}

TEST(Server, AnswersPipelinedRequestsInTheirOrder) {
  RunningServer server;
  RawClient client{server.port()};
  std::string bytes = "GET /held HTTP/1.1\r\nHost: h\r\n\r\n";
  for (int i = 0; i < 200; ++i) bytes += post("/echo", std::to_string(i));
  client.send(bytes);
  EXPECT_FALSE(client.answer(false, 100ms)) << "nothing overtakes the first";
  server.handler.let_go_at = 0;
  EXPECT_EQ(client.answer()->body, "held");
  for (int i = 0; i < 200; ++i) {
    const auto answer = client.answer();
    ASSERT_TRUE(answer) << i;
    EXPECT_EQ(answer->body, std::to_string(i));
  }
}

TEST(Server, TakesARequestThatComesByteByByte) {
  RunningServer server;
  RawClient client{server.port()};
  for (const char c : post("/echo", "slowly")) {
    client.send({&c, 1});
    std::this_thread::sleep_for(1ms);
  }
  EXPECT_EQ(client.answer()->body, "slowly");
}

TEST(Server, TakesALargeHeadAndALargeBody) {
  RunningServer server;
  RawClient client{server.port()};
  const std::string token(12'000, 't');
  client.send("GET / HTTP/1.1\r\nHost: h\r\nAuthorization: " + token + "\r\nX-Mark: m\r\n\r\n");
  EXPECT_EQ(client.answer()->body, "0 /  m ");
  const std::string body(1024 * 1024, 'b');
  client.send(post("/echo", body));
  EXPECT_EQ(client.answer()->body, body);
  client.send(get);
  EXPECT_EQ(client.answer()->status, 200);
}

TEST(Server, AnswersHeadWithLengthsAndNoBody) {
  RunningServer server;
  RawClient client{server.port()};
  client.send("HEAD /long HTTP/1.1\r\nHost: h\r\n\r\n");
  const auto answer = client.answer(true);
  EXPECT_EQ(answer->field("content-length"), "100000");
  client.send(get);
  EXPECT_EQ(client.answer()->status, 200);
}

TEST(Server, SendsNoLengthAndNoTypeWith204) {
  RunningServer server;
  const auto answer = server.ask("GET /none HTTP/1.1\r\nHost: h\r\n\r\n");
  EXPECT_EQ(answer->status, 204);
  EXPECT_EQ(answer->field("content-length"), "");
  EXPECT_EQ(answer->field("content-type"), "");
}

TEST(Server, DecodesChunksAndIgnoresExtensionsAndTrailers) {
  RunningServer server;
  RawClient client{server.port()};
  const std::string head = "POST /mark HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n";
  client.send(head +
              "5;name=value\r\nhello\r\n1\r\n \r\nA\r\n0123456789\r\n0\r\nX-Mark: t\r\n\r\n");
  EXPECT_EQ(client.answer()->body, "2 /mark  - hello 0123456789");
  for (const char c : head + "3\r\nabc\r\n0\r\n\r\n") client.send({&c, 1});
  EXPECT_EQ(client.answer()->body, "2 /mark  - abc");
  std::string many = head;
  for (int i = 0; i < 5'000; ++i) many += "2\r\nxy\r\n";
  client.send(many + "0\r\n\r\n" + std::string{get});
  EXPECT_EQ(client.answer()->body.size(), 11U + 10'000U);
  EXPECT_EQ(client.answer()->body, "0 /a b=c m ");
}

TEST(Server, SendsContinueOnceToWhoExpectsIt) {
  RunningServer server;
  RawClient client{server.port()};
  client.send(
      "POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\nExpect: 100-continue\r\n\r\n");
  EXPECT_EQ(client.take_raw(), "HTTP/1.1 100 Continue\r\n\r\n");
  client.send("body");
  EXPECT_EQ(client.answer()->body, "body");
  client.send(
      "POST /echo HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n"
      "Expect: 100-continue\r\n\r\n");
  EXPECT_EQ(client.take_raw(), "HTTP/1.1 100 Continue\r\n\r\n");
  client.send("4\r\nbody\r\n0\r\n\r\n");
  EXPECT_EQ(client.answer()->body, "body");
}

TEST(Server, SpeaksHttp10) {
  RunningServer server;
  RawClient once{server.port()};
  once.send("GET / HTTP/1.0\r\n\r\n");
  const auto answer = once.answer();
  EXPECT_EQ(answer->status, 200);
  EXPECT_EQ(answer->field("connection"), "close");
  EXPECT_TRUE(once.is_closed());
  RawClient kept{server.port()};
  kept.send("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
  EXPECT_EQ(kept.answer()->field("connection"), "keep-alive");
  kept.send("GET / HTTP/1.0\r\n\r\n");
  EXPECT_EQ(kept.answer()->status, 200);
}

TEST(Server, ClosesWhenTheClientOrTheHandlerAsksForIt) {
  RunningServer server;
  for (const char* request : {"GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n",
                              "GET /close HTTP/1.1\r\nHost: h\r\n\r\n"}) {
    RawClient client{server.port()};
    client.send(request);
    EXPECT_EQ(client.answer()->field("connection"), "close");
    EXPECT_TRUE(client.is_closed());
  }
}

TEST(Server, TakesTheTargetFormsThatServersMustTake) {
  RunningServer server;
  EXPECT_EQ(server.ask("GET http://h/p?q HTTP/1.1\r\nHost: h\r\n\r\n")->body, "0 /p q - ");
  EXPECT_EQ(server.ask("GET HTTPS://h:1?q HTTP/1.1\r\nHost: h\r\n\r\n")->body, "0 / q - ");
  EXPECT_EQ(server.ask("OPTIONS * HTTP/1.1\r\nHost: h\r\n\r\n")->body, "6 /  - ");
  EXPECT_EQ(server.ask("GET /%zz%2 HTTP/1.1\r\nHost: h\r\n\r\n")->body, "0 /%zz%2  - ");
  EXPECT_EQ(server.ask("BREW /pot HTTP/1.1\r\nHost: h\r\n\r\n")->body, "7 /pot  - ");
  EXPECT_EQ(server.ask("\r\n\r\nGET / HTTP/1.1\r\nHost: h\r\n\r\n")->status, 200);
}

TEST(Server, TakesASaneRequestIdAndMakesOneForTheRest) {
  RunningServer server;
  const auto id_for = [&](const std::string& id) {
    return server.ask("GET / HTTP/1.1\r\nHost: h\r\nX-Request-Id: " + id + "\r\n\r\n")
        ->field("x-request-id");
  };
  EXPECT_EQ(id_for("abc.DEF_1-2"), "abc.DEF_1-2");
  EXPECT_EQ(id_for(std::string(128, 'a')), std::string(128, 'a'));
  EXPECT_EQ(id_for(std::string(129, 'a')).size(), 36U);
  EXPECT_EQ(id_for("a b").size(), 36U);
  EXPECT_EQ(id_for("").size(), 36U);
}

TEST(Server, CarriesTheTraceOn) {
  RunningServer server;
  const std::string trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
  const auto sent = server.ask("GET / HTTP/1.1\r\nHost: h\r\nTraceparent: " + trace + "\r\n\r\n")
                        ->field("traceparent");
  EXPECT_EQ(sent.substr(0, 36), trace.substr(0, 36));
  EXPECT_EQ(sent.size(), trace.size());
  EXPECT_NE(sent, trace);
}

TEST(Server, CompressesLongTextAsTheClientAsks) {
  RunningServer server;
  const auto ask = [&](const std::string& path, const std::string& codings) {
    return server.ask("GET " + path + " HTTP/1.1\r\nHost: h\r\nAccept-Encoding: " + codings +
                      "\r\n\r\n");
  };
  for (const char* path : {"/long", "/shared"}) {
    const auto brotli = ask(path, "gzip, deflate, br");
    EXPECT_EQ(brotli->field("content-encoding"), "br");
    EXPECT_EQ(brotli->field("vary"), "Accept-Encoding");
    EXPECT_LT(brotli->body.size(), 1'000U);
    EXPECT_EQ(ask(path, "gzip")->field("content-encoding"), "gzip");
    EXPECT_EQ(ask(path, "gzip")->body.substr(0, 2), "\x1f\x8b");
    const auto plain = ask(path, "identity");
    EXPECT_EQ(plain->field("content-encoding"), "");
    EXPECT_EQ(plain->field("vary"), "Accept-Encoding");
    EXPECT_GE(plain->body.size(), 20'000U);
  }
  EXPECT_EQ(ask("/", "gzip, br")->field("content-encoding"), "");
  EXPECT_EQ(ask("/", "br, identity;q=0")->field("content-encoding"), "br");
}

TEST(Server, AnswersAThrowingHandlerWith500) {
  RunningServer server;
  const auto answer = server.ask("GET /throws HTTP/1.1\r\nHost: h\r\n\r\n");
  EXPECT_EQ(answer->status, 500);
  EXPECT_NE(answer->body.find(R"("code":"internal_error")"), std::string::npos);
}

TEST(Server, HandsAWebSocketOverWithWhatCameBehindItsHead) {
  RunningServer server;
  RawClient client{server.port()};
  client.send(
      "GET /ws?ticket=1 HTTP/1.1\r\nHost: h\r\nConnection: keep-alive, Upgrade\r\n"
      "Upgrade: WebSocket\r\nSec-WebSocket-Version: 13\r\nOrigin: http://o\r\n"
      "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\nFRAME");
  auto handed_over = server.handler.upgraded.get_future();
  ASSERT_EQ(handed_over.wait_for(patience), std::future_status::ready);
  Upgrade upgrade = handed_over.get();
  EXPECT_EQ(upgrade.surplus, "FRAME");
  EXPECT_EQ(upgrade.websocket_key, "dGhlIHNhbXBsZSBub25jZQ==");
  EXPECT_EQ(upgrade.target, "/ws?ticket=1");
  EXPECT_EQ(upgrade.origin, "http://o");
  EXPECT_EQ(upgrade.request_id.size(), 36U);
  EXPECT_TRUE(upgrade.remote.is_loopback());
  EXPECT_EQ(server.connections(), 0U);
  // The socket is the taker's now, and still open.
  upgrade.socket.write_some(boost::asio::buffer("101", 3));
  EXPECT_EQ(client.take_raw(), "101");
}

TEST(Server, DrainsByFinishingWhatIsUnderWayAndClosingTheIdle) {
  RunningServer server;
  RawClient idle{server.port()};
  idle.send(get);
  ASSERT_TRUE(idle.answer());
  RawClient busy{server.port()};
  busy.send("GET /held HTTP/1.1\r\nHost: h\r\n\r\n");
  while (server.handler.answered < 2) std::this_thread::sleep_for(1ms);
  auto drained = server.drain(patience);
  EXPECT_TRUE(idle.is_closed());
  server.handler.let_go_at = 0;
  const auto answer = busy.answer();
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->body, "held");
  EXPECT_EQ(answer->field("connection"), "close");
  EXPECT_EQ(drained.wait_for(patience), std::future_status::ready);
  EXPECT_EQ(server.connections(), 0U);
}

TEST(Server, StopsDrainingAtItsDeadline) {
  RunningServer server;
  RawClient busy{server.port()};
  busy.send("GET /held HTTP/1.1\r\nHost: h\r\n\r\n");
  while (server.handler.answered < 1) std::this_thread::sleep_for(1ms);
  auto drained = server.drain(50ms);
  EXPECT_EQ(drained.wait_for(patience), std::future_status::ready);
  EXPECT_FALSE(busy.answer(false, 0ms));
  server.handler.let_go_at = 0;
}

TEST(Server, NamesTheAddressThatItCannotBind) {
  boost::asio::io_context context{1};
  ExampleHandler handler;
  Server server{context.get_executor(), handler, {}};
  try {
    server.listen({boost::asio::ip::make_address("203.0.113.1"), 1});
    FAIL();
  } catch (const boost::system::system_error& error) {
    EXPECT_NE(std::string{error.what()}.find("203.0.113.1:1"), std::string::npos);
  }
}

}  // namespace
}  // namespace wildnout::http::test
