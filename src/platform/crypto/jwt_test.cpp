// Keys, key sets and tokens: what is taken and what is refused.
#include "platform/crypto/jwt.hpp"

#include <gtest/gtest.h>

#include <boost/json.hpp>

#include "platform/crypto/digest.hpp"
#include "platform/crypto/jwks.hpp"

namespace wildnout::crypto {
namespace {

namespace json = boost::json;

const SigningKey& key() {
  static const SigningKey made = SigningKey::make();
  return made;
}

std::string with_header(std::string_view header) {
  const std::string text = base64url(header) + '.' + base64url(R"({"sub":"a"})");
  return text + '.' + base64url(key().sign(text));
}

TEST(Rsa, AcceptsItsOwnSignatureAndNoOther) {
  Verifier verifier{key().public_key()};
  std::string signature = key().sign("message");
  EXPECT_TRUE(verifier.accepts("message", signature));
  EXPECT_FALSE(verifier.accepts("massage", signature));
  EXPECT_FALSE(verifier.accepts("message", signature.substr(1)));
  EXPECT_FALSE(verifier.accepts("message", ""));
  signature[7] = static_cast<char>(signature[7] ^ 1);
  EXPECT_FALSE(verifier.accepts("message", signature));
  EXPECT_TRUE(verifier.accepts("message", key().sign("message")));
  Verifier other{SigningKey::make().public_key()};
  EXPECT_FALSE(other.accepts("message", key().sign("message")));
}

TEST(Rsa, APrivateKeySurvivesItsPem) {
  const SigningKey again = SigningKey::from_pem(key().pem());
  EXPECT_EQ(again.public_key(), key().public_key());
  EXPECT_EQ(PublicKey::from_pem(key().public_key().pem()), key().public_key());
  EXPECT_THROW((void)SigningKey::from_pem("nonsense"), KeyFault);
}

TEST(Rsa, RefusesShortKeysAndForeignKinds) {
  EXPECT_THROW((void)SigningKey::make(1024), KeyFault);
  EXPECT_THROW((void)PublicKey::from_pem("nonsense"), KeyFault);
  // An Ed25519 key, of RFC 8410 section 10.1.
  EXPECT_THROW(
      (void)PublicKey::from_pem("-----BEGIN PUBLIC KEY-----\n"
                                "MCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=\n"
                                "-----END PUBLIC KEY-----\n"),
      KeyFault);
  EXPECT_THROW((void)PublicKey::from_numbers(key().public_key().modulus(), "\x02"), KeyFault);
  EXPECT_THROW((void)PublicKey::from_numbers(key().public_key().modulus(), "\x01"), KeyFault);
}

TEST(Jwks, TakesWhatItPrints) {
  const std::string set = R"({"keys":[)" + jwk_of(key().public_key(), "ins_1") + "]}";
  const KeySet keys = parse_jwks(set);
  ASSERT_EQ(keys.keys.size(), 1U);
  EXPECT_EQ(keys.keys[0].id, "ins_1");
  EXPECT_EQ(keys.keys[0].key, key().public_key());
}

TEST(Jwks, PassesOverKeysThatCannotCheckRs256) {
  const json::object good = json::parse(jwk_of(key().public_key(), "good")).as_object();
  json::array list{good, good, 7};
  const auto add = [&](std::string_view name, const json::value& value) {
    json::object bad = good;
    bad["kid"] = std::string{name};
    bad[name] = value;
    list.push_back(bad);
  };
  add("use", "enc");
  add("kty", "EC");
  add("alg", "RS512");
  add("kid", 5);
  add("kid", "");
  add("n", "AQAB");
  add("n", json::string{std::string{good.at("n").as_string()} + "="});
  add("e", json::value{});
  const KeySet keys = parse_jwks(json::serialize(json::object{{"keys", list}}));
  ASSERT_EQ(keys.keys.size(), 1U);
  EXPECT_EQ(keys.keys[0].id, "good");
  EXPECT_EQ(keys.passed_over.size(), list.size() - 1);
}

TEST(Jwks, RefusesWhatIsNoKeySet) {
  EXPECT_THROW((void)parse_jwks("<html>"), KeyFault);
  EXPECT_THROW((void)parse_jwks("[]"), KeyFault);
  EXPECT_THROW((void)parse_jwks(R"({"keys":{}})"), KeyFault);
  EXPECT_THROW((void)parse_jwks(std::string(max_jwks_bytes + 1, ' ')), KeyFault);
}

TEST(Jwt, GivesBackTheClaimsThatWereSigned) {
  const std::string text = make_token(key(), "k1", {{"sub", "a"}, {"exp", 12}});
  const auto token = split_token(text);
  ASSERT_TRUE(token.has_value());
  EXPECT_EQ(token->key_id, "k1");
  EXPECT_TRUE(Verifier{key().public_key()}.accepts(token->signed_text, token->signature));
  const auto claims = claims_of(*token);
  ASSERT_TRUE(claims.has_value());
  EXPECT_EQ(text_claim(*claims, "sub"), "a");
  EXPECT_EQ(number_claim(*claims, "exp"), 12);
  EXPECT_FALSE(text_claim(*claims, "exp"));
  EXPECT_FALSE(number_claim(*claims, "nbf"));
}

TEST(Jwt, TakesOnlyTheHeadersItKnowsToBeSafe) {
  EXPECT_TRUE(split_token(with_header(R"({"alg":"RS256"})")));
  EXPECT_TRUE(split_token(with_header(R"({"alg":"RS256","typ":"jwt","kid":"a","oiat":1})")));
  for (const char* header :
       {R"({"alg":"none"})", R"({"alg":"HS256"})", R"({"alg":"RS512"})", R"({"alg":"rs256"})",
        R"({"alg":["RS256"]})", R"({"typ":"JWT"})", R"({"alg":"RS256","typ":"at+jwt"})",
        R"({"alg":"RS256","typ":null})", R"({"alg":"RS256","kid":7})",
        R"({"alg":"RS256","kid":null})", R"({"alg":"RS256","crit":["b64"]})",
        R"({"alg":"RS256","crit":[]})", R"(["RS256"])", R"({"alg":"RS256")", ""}) {
    EXPECT_FALSE(split_token(with_header(header))) << header;
  }
}

TEST(Jwt, RefusesTextsThatAreNotThreePartsOfBase64url) {
  const std::string good = with_header(R"({"alg":"RS256"})");
  ASSERT_TRUE(split_token(good));
  EXPECT_FALSE(split_token(""));
  EXPECT_FALSE(split_token("a.b"));
  EXPECT_FALSE(split_token(good + "="));
  EXPECT_FALSE(split_token(good + ".e30"));
  EXPECT_FALSE(split_token(good.substr(0, good.rfind('.') + 1)));
  EXPECT_FALSE(split_token(" " + good));
  EXPECT_FALSE(split_token(good + std::string(max_token_bytes, 'A')));
}

TEST(Jwt, NumbersAreWholeAndWithinTheExactRange) {
  const auto claim = [](std::string_view number) {
    const json::value value = json::parse(R"({"n":)" + std::string{number} + "}");
    return number_claim(value.get_object(), "n");
  };
  EXPECT_EQ(claim("9007199254740992"), 9007199254740992);
  EXPECT_EQ(claim("1.7e9"), 1700000000);
  EXPECT_FALSE(claim("9007199254740993"));
  EXPECT_FALSE(claim("18446744073709551615"));
  EXPECT_FALSE(claim("1e300"));
  EXPECT_FALSE(claim("1e999"));
  EXPECT_FALSE(claim("1.5"));
  EXPECT_FALSE(claim("\"12\""));
  EXPECT_FALSE(claim("true"));
}

}  // namespace
}  // namespace wildnout::crypto
