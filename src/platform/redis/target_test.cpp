// Which URLs are taken, and what is read out of them.
#include "platform/redis/target.hpp"

#include <gtest/gtest.h>

namespace wildnout::redis {
namespace {

TEST(RedisUrl, NamesHostPortDatabaseAndWhoComesIn) {
  const Target target = parse_url("redis://worker:p%40ss@cache.example:6380/3");
  EXPECT_EQ(target.host, "cache.example");
  EXPECT_EQ(target.port, "6380");
  EXPECT_EQ(target.user, "worker");
  EXPECT_EQ(target.password, "p@ss");
  EXPECT_EQ(target.database, 3U);
  EXPECT_FALSE(target.has_tls);
  EXPECT_EQ(target.name(), "redis://cache.example:6380");
}

TEST(RedisUrl, HasDefaults) {
  const Target target = parse_url("redis://:secret@[::1]");
  EXPECT_EQ(target.host, "::1");
  EXPECT_EQ(target.port, "6379");
  EXPECT_EQ(target.user, "");
  EXPECT_EQ(target.password, "secret");
  EXPECT_EQ(target.database, 0U);
}

TEST(RedisUrl, AsksForTlsAndMayNameAnAuthority) {
  const Target target = parse_url("rediss://cache.example/?cacert=/etc/ssl/own.pem");
  EXPECT_TRUE(target.has_tls);
  EXPECT_EQ(target.authority_file, "/etc/ssl/own.pem");
}

TEST(RedisUrl, MayBeAUnixSocket) {
  const Target target = parse_url("unix://:secret@/run/redis%20two/redis.sock?db=2");
  EXPECT_EQ(target.host, "");
  EXPECT_EQ(target.socket_path, "/run/redis two/redis.sock");
  EXPECT_EQ(target.password, "secret");
  EXPECT_EQ(target.database, 2U);
}

TEST(RedisUrl, IsRefusedWithoutBeingQuoted) {
  for (const char* url :
       {"", "cache.example:6379", "http://cache.example", "redis://", "redis:///1",
        "redis://cache.example/one", "redis://cache.example/1/2", "redis://user@cache.example",
        "redis://cache.example/-1", "redis://cache.example?db=1", "redis://cache.example#1",
        "redis://cache.example/?cacert=/x", "unix://", "unix:///", "unix://host/path",
        "unix:///path?db=x", "redis://cache.example/99999999999"}) {
    try {
      (void)parse_url(url);
      ADD_FAILURE() << url;
    } catch (const BadUrl& bad) {
      EXPECT_EQ(std::string_view{bad.what()}.find("cache.example"), std::string_view::npos);
    }
  }
}

}  // namespace
}  // namespace wildnout::redis
