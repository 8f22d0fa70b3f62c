// Replies out of bytes, however they are cut, and commands into bytes.
#include "platform/redis/reply.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "platform/redis/command.hpp"

namespace wildnout::redis {
namespace {

using Kind = ReplyView::Kind;

TEST(RedisReader, ReadsEveryKindWhateverPiecesTheBytesComeIn) {
  const std::string whole = std::string{"+OK\r\n-ERR no\r\n:-7\r\n$5\r\na\r\nb"} + '\0' +
                            "\r\n$-1\r\n*2\r\n:1\r\n*1\r\n+x\r\n";
  for (std::size_t piece = 1; piece <= whole.size(); ++piece) {
    Reader reader;
    std::vector<Reply> replies;
    for (std::size_t at = 0; at < whole.size(); at += piece) {
      reader.feed(std::string_view{whole}.substr(at, piece));
      while (auto reply = reader.next()) replies.push_back(std::move(*reply));
    }
    ASSERT_EQ(replies.size(), 6U) << piece;
    EXPECT_EQ(replies[0].kind(), Kind::status);
    EXPECT_EQ(replies[0].text(), "OK");
    EXPECT_TRUE(replies[1].is_error());
    EXPECT_EQ(replies[1].text(), "ERR no");
    EXPECT_EQ(replies[2].integer(), -7);
    EXPECT_EQ(replies[3].text(), std::string_view("a\r\nb\0", 5));
    EXPECT_EQ(replies[4].kind(), Kind::nil);
    ASSERT_EQ(replies[5].size(), 2U);
    EXPECT_EQ(replies[5][0].integer(), 1);
    EXPECT_EQ(replies[5][1][0].text(), "x");
  }
}

TEST(RedisReader, RefusesWhatIsNoProtocol) {
  Reader reader;
  reader.feed("HTTP/1.1 400 Bad Request\r\n");
  EXPECT_THROW((void)reader.next(), BadBytes);
}

TEST(RedisReply, AsksNothingOfAnotherKind) {
  const Reply nothing;
  EXPECT_EQ(nothing.kind(), Kind::nil);
  EXPECT_EQ(nothing.integer(), 0);
  EXPECT_EQ(nothing.size(), 0U);
  EXPECT_EQ(nothing.text(), "");
}

TEST(RedisCommand, CarriesAnyBytes) {
  std::string out;
  Command{"SET"}.add("a b\r\n").add(-12).append_to(out);
  EXPECT_EQ(out, "*3\r\n$3\r\nSET\r\n$5\r\na b\r\n\r\n$3\r\n-12\r\n");
}

TEST(RedisScript, IsCalledByItsHashOrWhole) {
  const Script script{"return 1"};
  EXPECT_EQ(script.hash(), "e0e1f9fabfc9d4800c877a703b823ac0578ff8db");
  ScriptCall call{script, 1};
  call.add("key");
  std::string hashed;
  call.append_hashed(hashed);
  EXPECT_EQ(hashed,
            "*4\r\n$7\r\nEVALSHA\r\n$40\r\ne0e1f9fabfc9d4800c877a703b823ac0578ff8db\r\n"
            "$1\r\n1\r\n$3\r\nkey\r\n");
  std::string whole;
  call.append_whole(whole);
  EXPECT_EQ(whole, "*4\r\n$4\r\nEVAL\r\n$8\r\nreturn 1\r\n$1\r\n1\r\n$3\r\nkey\r\n");
}

}  // namespace
}  // namespace wildnout::redis
