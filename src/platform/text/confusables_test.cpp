// Names that look alike have one look, and no others.
#include "platform/text/confusables.hpp"

#include <gtest/gtest.h>

namespace wildnout::text {
namespace {

TEST(Looks, AreTheSameWhateverCaseScriptAndDigits) {
  for (const char* name : {"MC-Lyric", "mc-lyric", "mc-1yric", "mс-lyriс" /* Cyrillic */,
                           "ｍｃ-ｌｙｒｉｃ" /* wide */, "mc-Iyric", "mc-lyrıc" /* dotless */}) {
    EXPECT_EQ(look_of(name), look_of("mc-lyric")) << name;
  }
  EXPECT_EQ(look_of("r0b0"), look_of("Robo"));
  EXPECT_EQ(look_of("ADMIN"), look_of("adm1n"));
  EXPECT_EQ(look_of("admln"), look_of("admin"));
  EXPECT_EQ(look_of("straße"), look_of("STRASSE"));
}

TEST(Looks, OfDifferentNamesDiffer) {
  EXPECT_NE(look_of("lyric"), look_of("lyrics"));
  EXPECT_NE(look_of("rhyme"), look_of("rhythm"));
  EXPECT_NE(look_of("abc"), look_of("abd"));
}

TEST(Looks, StayTheSameWhenTakenAgain) {
  for (const char* name : {"MC-Lyric", "Wörter", "РУССКИЙ", "日本語", "r0b0"}) {
    EXPECT_EQ(look_of(look_of(name)), look_of(name)) << name;
  }
}

TEST(Names, OfMixedScriptsAreSuspicious) {
  EXPECT_TRUE(is_suspicious("pаypal"));  // a Cyrillic а
  EXPECT_FALSE(is_suspicious("paypal"));
  EXPECT_FALSE(is_suspicious("русский"));
  EXPECT_FALSE(is_suspicious("日本語かな"));
}

TEST(Names, ArePlainWhenMadeOfLettersAndDigits) {
  for (const char* name : {"mc", "MC_1", "a.b-c", "é", "日本", "русский1"}) {
    EXPECT_TRUE(is_plain_name(name)) << name;
  }
  for (const char* name : {"", "-mc", ".mc", "a b", "a/b", "a@b", "a\u200Bb", "😀"}) {
    EXPECT_FALSE(is_plain_name(name)) << name;
  }
}

}  // namespace
}  // namespace wildnout::text
