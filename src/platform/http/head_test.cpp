// Targets, hosts, request ids, traces, tokens.
#include "platform/http/head.hpp"

#include <gtest/gtest.h>

#include "platform/http/date.hpp"

namespace wildnout::http {
namespace {

TEST(SplitTarget, CutsTheQueryOff) {
  const auto target = split_target(Method::get, "/a/b?c=d?e");
  ASSERT_TRUE(target);
  EXPECT_EQ(target->path, "/a/b");
  EXPECT_EQ(target->query, "c=d?e");
  EXPECT_EQ(split_target(Method::get, "/?")->query, "");
  EXPECT_EQ(split_target(Method::get, "//a")->path, "//a");
}

TEST(SplitTarget, UsesThePathOfAbsoluteForms) {
  EXPECT_EQ(split_target(Method::get, "http://h/p?q")->path, "/p");
  EXPECT_EQ(split_target(Method::get, "http://h?q")->path, "/");
  EXPECT_EQ(split_target(Method::get, "http://h?q")->query, "q");
  EXPECT_EQ(split_target(Method::get, "https://[::1]:80")->path, "/");
}

TEST(SplitTarget, RefusesWhatNoServerIsAskedFor) {
  for (const char* target : {"", "a", "*", "h:443", "http://", "http:///p", "http://a@b/", "/a#b",
                             "http://h#f", "gopher://h/"}) {
    EXPECT_FALSE(split_target(Method::get, target)) << target;
  }
  EXPECT_EQ(split_target(Method::options, "*")->path, "/");
}

TEST(IsHost, KnowsTheCharactersOfHosts) {
  for (const char* host : {"", "h", "a.b-c:80", "[::1]:8080", "xn--a", "1.2.3.4", "a_b", "%41"}) {
    EXPECT_TRUE(is_host(host)) << host;
  }
  for (const char* host : {"a b", "a/b", "a@b", "a,b", "a?b", "a#b", "a\"", "<a>", "\xc3\xa4"}) {
    EXPECT_FALSE(is_host(host)) << host;
  }
}

TEST(AnswerTraceparent, KeepsTheTraceAndMakesASpan) {
  const std::string_view trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
  const std::string answer = answer_traceparent(trace);
  EXPECT_EQ(answer.size(), trace.size());
  EXPECT_EQ(answer.substr(0, 36), trace.substr(0, 36));
  EXPECT_EQ(answer.substr(52), "-01");
  EXPECT_NE(answer.substr(36, 16), trace.substr(36, 16));
  // A later version may go on, and is answered as the one that we know.
  const std::string later =
      answer_traceparent("cc-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00-more");
  EXPECT_EQ(later.substr(0, 36), trace.substr(0, 36));
  EXPECT_EQ(later.substr(52), "-00");
}

TEST(AnswerTraceparent, IsEmptyForWhatIsNotValid) {
  for (const char* trace : {"", "00", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331",
                            "ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
                            "00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01",
                            "00-00000000000000000000000000000000-b7ad6b7169203331-01",
                            "00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01",
                            "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-0g",
                            "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-more",
                            "cc-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01x",
                            "00_0af7651916cd43dd8448eb211c80319c_b7ad6b7169203331_01"}) {
    EXPECT_EQ(answer_traceparent(trace), "") << trace;
  }
}

TEST(ListsToken, ComparesWholeItemsInAnyCase) {
  EXPECT_TRUE(lists_token("keep-alive, Upgrade", "upgrade"));
  EXPECT_TRUE(lists_token("WebSocket", "websocket"));
  EXPECT_FALSE(lists_token("websockets", "websocket"));
  EXPECT_FALSE(lists_token("", "websocket"));
  EXPECT_FALSE(lists_token("a,,b", "c"));
}

TEST(IsWebsocketKey, TakesSixteenBytesOfBase64) {
  EXPECT_TRUE(is_websocket_key("dGhlIHNhbXBsZSBub25jZQ=="));
  EXPECT_FALSE(is_websocket_key("dGhlIHNhbXBsZSBub25jZR=="));
  EXPECT_FALSE(is_websocket_key("dGhlIHNhbXBsZSBub25jZQ="));
  EXPECT_FALSE(is_websocket_key("dGhlIHNhbXBsZSBub25j-Q=="));
  EXPECT_FALSE(is_websocket_key(""));
}

TEST(HttpDate, IsWrittenAsRfc9110Does) {
  EXPECT_EQ(http_date(784111777), "Sun, 06 Nov 1994 08:49:37 GMT");
  EXPECT_EQ(http_date(0), "Thu, 01 Jan 1970 00:00:00 GMT");
  EXPECT_EQ(http_date(1709164800), "Thu, 29 Feb 2024 00:00:00 GMT");
}

}  // namespace
}  // namespace wildnout::http
