// What is taken for JSON and what is refused.
#include "platform/json/document.hpp"

#include <gtest/gtest.h>

#include "platform/json/text.hpp"

namespace wildnout::json {
namespace {

std::string rewritten(std::string_view text) {
  const Document document{text};
  std::string out;
  document.root().append_to(out);
  return out;
}

std::string refusal_of(std::string_view text) {
  try {
    const Document document{text};
  } catch (const Malformed& malformed) {
    return malformed.what();
  }
  return "taken";
}

std::string nested(std::size_t levels) {
  return std::string(levels, '[') + std::string(levels, ']');
}

TEST(Document, WritesBackWhatItRead) {
  for (const std::string_view text :
       {"null", "true", "false", "0", "-7", "9223372036854775807", "-9223372036854775808", "1.5",
        "\"\"", "[]", "{}", R"({"a":[1,{"b":null},[]],"c":{"d":"e"}})", R"(["\"\\\n\t\u0001é"])"}) {
    EXPECT_EQ(rewritten(text), text);
  }
}

TEST(Document, DecodesEscapesAndSurrogatePairs) {
  const Document document{R"({"a\u0062":"\u00e9\ud83c\udfa4\/"})"};
  EXPECT_EQ(document.root().find("ab").text(), "é🎤/");
}

TEST(Document, RefusesTheSameNameTwiceEvenWhenSpelledDifferently) {
  EXPECT_NE(refusal_of(R"({"a":1,"a":2})").find("same name twice"), std::string::npos);
  EXPECT_NE(refusal_of(R"({"a":1,"\u0061":2})").find("same name twice"), std::string::npos);
  std::string wide{"{"};
  for (int i = 0; i < 100; ++i) wide += "\"" + std::to_string(i) + "\":0,";
  EXPECT_NE(refusal_of(wide + R"("7":1})").find("same name twice"), std::string::npos);
  EXPECT_EQ(refusal_of(wide + R"("x":1})"), "taken");
  EXPECT_EQ(refusal_of(R"([{"a":1},{"a":2}])"), "taken");
}

TEST(Document, RefusesMoreThan32Levels) {
  EXPECT_EQ(refusal_of(nested(32)), "taken");
  EXPECT_NE(refusal_of(nested(33)).find("32 levels"), std::string::npos);
  EXPECT_NE(refusal_of(std::string(100000, '[')).find("32 levels"), std::string::npos);
}

TEST(Document, RefusesWhatIsNotStrictJson) {
  for (const std::string_view text :
       {"",     " ",        "{",        "[1,]",    "{\"a\":}",  "{a:1}",         "'a'",
        "01",   "1.",       "+1",       "NaN",     "Infinity",  "tru",           "{} x",
        "{}{}", "// c\n{}", "\"a\nb\"", "\"\\x\"", "\"\\u00\"", "\xEF\xBB\xBF{}"}) {
    EXPECT_NE(refusal_of(text), "taken") << text;
  }
}

TEST(Document, RefusesTextThatIsNoUnicode) {
  for (const std::string_view text :
       {R"("\ud800")", R"("\udc00")", R"("\ud800\u0041")", R"("\udc00\ud800")", "\"\xff\"",
        "\"\xc0\x80\"", "\"\xed\xa0\x80\"", "\"\xf5\x80\x80\x80\"", "\"\xe2\x82\""}) {
    EXPECT_NE(refusal_of(text), "taken") << text;
  }
  EXPECT_NE(refusal_of(R"("a\u0000b")").find("U+0000"), std::string::npos);
  EXPECT_NE(refusal_of(R"({"a\u0000":1})").find("U+0000"), std::string::npos);
}

TEST(Document, KeepsIntegersExactAndRefusesNumbersThatNoDoubleHolds) {
  EXPECT_EQ(Document{"9007199254740993"}.root().integer(), 9007199254740993);
  EXPECT_EQ(Document{"9223372036854775808"}.root().kind(), Kind::real);
  EXPECT_EQ(Document{"1.0"}.root().kind(), Kind::real);
  EXPECT_EQ(refusal_of("1e308"), "taken");
  EXPECT_NE(refusal_of("1e309").find("out of range"), std::string::npos);
  EXPECT_NE(refusal_of("-1e99999999999").find("out of range"), std::string::npos);
}

TEST(AppendQuoted, EscapesAtEveryPlaceOfTheSixteenByteStep) {
  for (std::size_t size = 0; size < 40; ++size) {
    for (std::size_t at = 0; at < size; ++at) {
      for (const char special : {'"', '\\', '\n', '\x01', '\x1f'}) {
        std::string text(size, 'x');
        text[at] = special;
        std::string out;
        append_quoted(text, out);
        EXPECT_EQ(Document{out}.root().text(), text);
      }
    }
  }
}

}  // namespace
}  // namespace wildnout::json
