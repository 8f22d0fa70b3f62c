// The vectors of Standard Webhooks (github.com/standard-webhooks), and those that must fail.
#include "platform/crypto/webhook.hpp"

#include <gtest/gtest.h>

namespace wildnout::crypto {
namespace {

constexpr const char* official_secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
constexpr std::string_view valid = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=";

bool is_accepted(std::string_view signatures, const char* secret = official_secret) {
  return WebhookSecret::parse(secret)->accepts(
      {"msg_p5jXN8AQM9LWM0D4loKWxJek", "1614265330", signatures, R"({"test": 2432232314})"});
}

TEST(Webhooks, TheOfficialSignatureIsAccepted) {
  EXPECT_TRUE(is_accepted(valid));
  EXPECT_TRUE(is_accepted(valid, "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"));
  EXPECT_TRUE(
      is_accepted("v1,Ceo5qEr07ixe2NLpvHk3FH9bwy/WavXrAFQ/9tdO6mc= "
                  "v2,Ceo5qEr07ixe2NLpvHk3FH9bwy/WavXrAFQ/9tdO6mc= " +
                  std::string{valid} + " v1,Ceo5qEr07ixe2NLpvHk3FH9bwy/WavXrAFQ/9tdO6mc="));
}

TEST(Webhooks, TheOfficialInvalidOnesAreRefused) {
  for (const char* signatures :
       {"v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OA=", "v1,dawfeoifkpqwoekfpqoekf", "v1,", "",
        "v1", " ", "g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
        "v2,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
        "v1a,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
        "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE"}) {
    EXPECT_FALSE(is_accepted(signatures)) << signatures;
  }
  EXPECT_FALSE(is_accepted(valid, "whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"));
}

TEST(Webhooks, SecretsNeedNoPadding) {
  const auto sign = [](const char* secret) {
    return WebhookSecret::parse(secret)->sign({"m", "1000000000", "", "x"});
  };
  EXPECT_EQ(sign("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaS"),
            "v1,cyIQpqSkwj5ZMk7Ooj8TqGYsJm5smMmYMdghFjV7EuY=");
  EXPECT_EQ(sign("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwBr"),
            "v1,mEPh6E3ztHQS+ry+Ap+OgyGslixWeUTVZcWZmrbWxDI=");
}

TEST(Webhooks, SecretsOfAnotherLengthOrAlphabetAreNone) {
  EXPECT_FALSE(WebhookSecret::parse(""));
  EXPECT_FALSE(WebhookSecret::parse("whsec_"));
  EXPECT_FALSE(WebhookSecret::parse("whsec_c2hvcnQ="));
  EXPECT_FALSE(WebhookSecret::parse("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaS!"));
  EXPECT_FALSE(WebhookSecret::parse(std::string(100, 'A')));
  EXPECT_TRUE(WebhookSecret::parse(std::string(22, 'A')));
}

TEST(Webhooks, AreTimelyForFiveMinutesBothWays) {
  const Timestamp now{std::chrono::milliseconds{1'614'265'330'900}};
  const auto is_timely_at = [&](const char* timestamp, std::string_view id = "msg_1") {
    return is_timely({id, timestamp, "", ""}, now);
  };
  EXPECT_TRUE(is_timely_at("1614265330"));
  EXPECT_TRUE(is_timely_at("1614265030"));
  EXPECT_FALSE(is_timely_at("1614265029"));
  EXPECT_TRUE(is_timely_at("1614265630"));
  EXPECT_FALSE(is_timely_at("1614265632"));
  for (const char* timestamp : {"", "hello", "1614265330x", " 1614265330", "-1614265330", "1e9",
                                "1614265330000", "16142653301614265330"}) {
    EXPECT_FALSE(is_timely_at(timestamp)) << timestamp;
  }
  EXPECT_FALSE(is_timely_at("1614265330", ""));
  EXPECT_FALSE(is_timely_at("1614265330", "a b"));
  EXPECT_FALSE(is_timely_at("1614265330", std::string(256, 'a')));
}

}  // namespace
}  // namespace wildnout::crypto
