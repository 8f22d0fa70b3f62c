// Digests and encodings against the vectors of their standards.
#include "platform/crypto/digest.hpp"

#include <gtest/gtest.h>

#include <thread>
#include <vector>

namespace wildnout::crypto {
namespace {

TEST(Digest, Sha256IsThatOfFips180) {
  EXPECT_EQ(hex(sha256("abc")), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(hex(sha256("")), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

TEST(Digest, Sha1GivesTheAcceptKeyOfRfc6455) {
  const Sha1 digest = sha1("dGhlIHNhbXBsZSBub25jZQ==258EAFA5-E914-47DA-95CA-C5AB0DC85B11");
  EXPECT_EQ(base64(digest), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
}

TEST(Digest, HmacIsThatOfRfc4231) {
  EXPECT_EQ(hex(hmac_sha256("Jefe", "what do ya want for nothing?")),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
  EXPECT_EQ(hex(hmac_sha256(std::string(20, '\x0b'), "Hi There")),
            "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
}

TEST(Digest, HmacRefusesAnEmptyKey) {
  EXPECT_THROW((void)hmac_sha256("", "message"), std::runtime_error);
}

TEST(Digest, ManyThreadsHashAtOnce) {
  std::vector<std::jthread> threads;
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([] {
      for (int round = 0; round < 1000; ++round) {
        ASSERT_EQ(hex(sha256("abc")).substr(0, 8), "ba7816bf");
        ASSERT_EQ(hex(hmac_sha256("Jefe", "what do ya want for nothing?")).substr(0, 8),
                  "5bdcc146");
      }
    });
  }
}

TEST(Base64url, GivesBackWhatItWasGiven) {
  std::string bytes;
  for (int size = 0; size < 70; ++size) {
    const auto parsed = parse_base64url(base64url(bytes));
    ASSERT_TRUE(parsed.has_value());
    EXPECT_EQ(*parsed, bytes);
    bytes += static_cast<char>(251 * size + 255);
  }
}

TEST(Base64url, RefusesPaddingForeignCharactersAndStrayBits) {
  EXPECT_EQ(parse_base64url("Zg").value_or("-"), "f");
  EXPECT_FALSE(parse_base64url("Zg=="));
  EXPECT_FALSE(parse_base64url("Zh"));  // the same byte with stray bits
  EXPECT_FALSE(parse_base64url("Z"));
  EXPECT_FALSE(parse_base64url("Zg\n"));
  EXPECT_FALSE(parse_base64url("+/8A"));
  EXPECT_FALSE(parse_base64url(std::string_view{"Zm9\0", 4}));
}

TEST(Base64, PadsAsRfc4648Says) {
  EXPECT_EQ(base64(bytes_of("f")), "Zg==");
  EXPECT_EQ(base64(bytes_of("fo")), "Zm8=");
  EXPECT_EQ(base64(bytes_of("foo")), "Zm9v");
}

TEST(Hex, TakesEitherCaseAndNothingElse) {
  EXPECT_EQ(parse_hex("4a4B").value_or("-"), "JK");
  EXPECT_FALSE(parse_hex("4a4"));
  EXPECT_FALSE(parse_hex("4g"));
}

TEST(Equality, ComparesWholeTexts) {
  EXPECT_TRUE(are_equal("secret", "secret"));
  EXPECT_FALSE(are_equal("secret", "secreT"));
  EXPECT_FALSE(are_equal("secret", "secret2"));
  EXPECT_TRUE(are_equal("", ""));
}

}  // namespace
}  // namespace wildnout::crypto
