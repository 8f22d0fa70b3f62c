// Which tokens open the door: real ones through the router, tampered with in every way.
#include <algorithm>

#include "identity/fixture.hpp"
#include "platform/crypto/digest.hpp"

namespace wildnout::identity {
namespace {

namespace json = boost::json;
using test::clerk_claims;
using test::clerk_key;
using test::clerk_token;
using test::House;
using test::seconds_from_now;

class Tokens : public ::testing::Test {
 protected:
  testing::Loop loop;
  House house{loop};
  std::string subject = test::new_subject();

  // "200", or status and code.
  std::string outcome(const std::string& token) {
    const auto reply = house.get("/api/v1/auth/session", token);
    return reply.status == 200 ? "200" : std::to_string(reply.status) + ' ' + reply.code();
  }
  std::string with(std::string_view name, json::value value) {
    json::object claims = clerk_claims(subject);
    claims[name] = std::move(value);
    return clerk_token(claims);
  }
  // Signed by Clerk's key, with this header.
  std::string with_header(std::string_view header) {
    const std::string text =
        crypto::base64url(header) + '.' + crypto::base64url(json::serialize(clerk_claims(subject)));
    return text + '.' + crypto::base64url(clerk_key().sign(text));
  }
};

TEST_F(Tokens, AGoodOneIsTakenAgainAndAgain) {
  const std::string token = clerk_token(subject);
  EXPECT_EQ(outcome(token), "200");
  EXPECT_EQ(outcome(token), "200");
  EXPECT_EQ(outcome(with_header(R"({"alg":"RS256","cat":"cl_B7d4","typ":"JWT"})")), "200");
}

TEST_F(Tokens, AnExpiredOneSaysSo) {
  EXPECT_EQ(outcome(with("exp", seconds_from_now(-60))), "401 token_expired");
  EXPECT_EQ(outcome(with("exp", seconds_from_now(-1))), "200") << "clocks may differ a little";
}

TEST_F(Tokens, AVerifiedOneIsNotTakenBeyondItsExpiry) {
  // Ends, with the skew, within four seconds, and is looked at all the while.
  const std::string token = with("exp", seconds_from_now(-1));
  EXPECT_EQ(outcome(token), "200");
  const Timestamp end = system_now() + std::chrono::seconds{5};
  while (system_now() < end && outcome(token) == "200") {
    loop.run([] { return async::sleep_for(std::chrono::milliseconds{50}); });
  }
  EXPECT_EQ(outcome(token), "401 token_expired");
}

TEST_F(Tokens, ForgedOnesAreRefused) {
  const std::string good = clerk_token(subject);
  const std::size_t first = good.find('.');
  const std::size_t second = good.rfind('.');
  const std::string payload = crypto::base64url(json::serialize(clerk_claims("user_admin")));
  const std::string other_payload = good.substr(0, first + 1) + payload + good.substr(second);
  const std::string other_key =
      crypto::make_token(crypto::SigningKey::make(), test::clerk_key_id, clerk_claims(subject));
  // The classic: HMAC with the public key as its secret.
  const std::string signed_text = crypto::base64url(R"({"alg":"HS256","typ":"JWT"})") + '.' +
                                  crypto::base64url(json::serialize(clerk_claims(subject)));
  const std::string symmetric =
      signed_text + '.' +
      crypto::base64url(crypto::hmac_sha256(clerk_key().public_key().pem(), signed_text));
  const std::string unsigned_token = crypto::base64url(R"({"alg":"none"})") + '.' + payload + '.';
  for (const std::string& token :
       {other_payload, other_key, symmetric, unsigned_token, good + "A", good + "=",
        good.substr(0, good.size() - 4), good.substr(0, second), std::string{"a.b.c"},
        std::string(9000, 'a'), good + "." + good}) {
    EXPECT_EQ(outcome(token), "401 unauthorized") << token;
  }
}

TEST_F(Tokens, BadHeadersAndClaimsAreRefusedThoughTheirSignatureHolds) {
  for (const char* header :
       {R"({"alg":"RS512"})", R"({"alg":"RS256","typ":"at+jwt"})", R"({"alg":"RS256","kid":1})",
        R"({"alg":"RS256","crit":["exp"],"exp":1})"}) {
    EXPECT_EQ(outcome(with_header(header)), "401 unauthorized") << header;
  }
  EXPECT_EQ(outcome(with("iss", "https://other.example")), "401 unauthorized");
  EXPECT_EQ(outcome(with("iss", json::string{dev_issuer_name})), "401 unauthorized");
  EXPECT_EQ(outcome(with("sts", "pending")), "401 unauthorized");
  EXPECT_EQ(outcome(with("sid", nullptr)), "401 unauthorized");
  EXPECT_EQ(outcome(with("sub", "")), "401 unauthorized");
  EXPECT_EQ(outcome(with("v", 3)), "401 unauthorized");
  EXPECT_EQ(outcome(with("nbf", seconds_from_now(30))), "401 unauthorized");
  EXPECT_EQ(outcome(with("exp", "soon")), "401 unauthorized");
}

TEST_F(Tokens, OneIssuersKeyDoesNotSpeakForTheOther) {
  const auto token = house.dev_issuer().sign(UserId::make(), "sess_1", system_now(),
                                             system_now() + std::chrono::minutes{1});
  EXPECT_EQ(outcome(token), "200");             // its own name, and a user that comes into being
  json::object claims = clerk_claims(subject);  // with Clerk's key, in the other's name
  claims["iss"] = dev_issuer_name;
  claims["sub"] = Uuid::make().text();
  EXPECT_EQ(outcome(clerk_token(claims)), "401 unauthorized");
}

TEST_F(Tokens, TheAuthorizedPartyIsLookedAtForClerkAlone) {
  Settings settings = test::clerk_settings();
  settings.clerk.authorized_parties = {"https://app.example.com"};
  House strict{loop, settings};
  EXPECT_EQ(strict.get("/api/v1/auth/session", clerk_token(subject)).status, 200);
  EXPECT_EQ(strict.get("/api/v1/auth/session", with("azp", "https://evil.example")).status, 401);
  const auto token = strict.dev_issuer().sign(UserId::make(), "sess_1", system_now(),
                                              system_now() + std::chrono::minutes{1});
  EXPECT_EQ(strict.get("/api/v1/auth/session", token).status, 200);
}

}  // namespace
}  // namespace wildnout::identity
