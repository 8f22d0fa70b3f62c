// Described types to JSON and back, with every fault named.
#include "platform/json/json.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <boost/describe/class.hpp>
#include <boost/describe/enum.hpp>
#include <limits>

namespace wildnout::json {
namespace {

BOOST_DEFINE_ENUM_CLASS(Style, wild_style, r_and_beef, public_)

struct Rules {
  Number<1, 10000> max_entries;
  List<Text<1, 10>, 3> banned_words;
};
BOOST_DESCRIBE_STRUCT(Rules, (), (max_entries, banned_words))

struct Show {
  Text<3, 12> title;
  Style style = Style::wild_style;
  Rules rules;
  std::optional<Timestamp> ends_at;
};
BOOST_DESCRIBE_STRUCT(Show, (), (title, style, rules, ends_at))

struct Change {
  Omittable<Text<3, 12>> title;
  Patch<Text<0, 5>> note;
};
BOOST_DESCRIBE_STRUCT(Change, (), (title, note))

struct Credentials {
  Secret<std::string> password;
};
BOOST_DESCRIBE_STRUCT(Credentials, (), (password))

struct Scalars {
  bool truth = false;
  std::int32_t small = 0;
  std::int64_t large = 0;
  double real = 0;
  std::string text;
  Uuid id;
  Timestamp time;
  Style style = Style::wild_style;
  std::vector<std::string> texts;
  std::optional<std::int64_t> maybe;
  std::map<std::string, std::int32_t> counts;

  bool operator==(const Scalars&) const = default;
};
BOOST_DESCRIBE_STRUCT(Scalars, (),
                      (truth, small, large, real, text, id, time, style, texts, maybe, counts))

template <class T>
std::vector<Fault> faults_of(std::string_view text) {
  try {
    (void)read<T>(text);
  } catch (const Invalid& invalid) {
    return invalid.faults();
  }
  return {};
}

template <class T>
std::string fault_of(std::string_view text) {
  const std::vector<Fault> faults = faults_of<T>(text);
  return faults.size() == 1 ? faults[0].path + " " + faults[0].message : "not one fault";
}

TEST(Read, NamesEveryFaultAtOnceWithItsPointer) {
  const std::vector<Fault> expected{
      {"/a~1b~0", "is not a known field"},
      {"/style", "must be one of wildStyle, rAndBeef, public"},
      {"/rules/bannedWords/0", "must have 1 to 10 characters"},
      {"/rules/bannedWords/2", "must be a string"},
      {"/rules/maxEntries", "is required"},
      {"/endsAt", "must be an RFC 3339 time"},
      {"/title", "is required"},
  };
  EXPECT_EQ(faults_of<Show>(R"({"a/b~":1,"style":"wild_style",
      "rules":{"bannedWords":["","ok",3]},"endsAt":"tomorrow"})"),
            expected);
}

TEST(Read, TellsOfAtMostAHundredFaults) {
  std::string text{"{"};
  for (int i = 0; i < 5000; ++i) text += "\"x" + std::to_string(i) + "\":0,";
  text.back() = '}';
  EXPECT_EQ(faults_of<Show>(text).size(), max_faults);
}

TEST(Read, TakesNumbersOnlyAsTheyAreMeant) {
  EXPECT_EQ(read<std::int64_t>("9007199254740993"), 9007199254740993);
  EXPECT_EQ(read<double>("3"), 3.0);
  EXPECT_EQ(fault_of<std::int64_t>("1.0"),
            " must be a whole number between -9223372036854775808 and 9223372036854775807");
  EXPECT_EQ(fault_of<std::int32_t>("2147483648"),
            " must be a whole number between -2147483648 and 2147483647");
  EXPECT_EQ(fault_of<std::int64_t>("9223372036854775808"),
            " must be a whole number between -9223372036854775808 and 9223372036854775807");
  EXPECT_EQ(fault_of<std::int32_t>("\"1\""), " must be a whole number");
  EXPECT_EQ(fault_of<double>("true"), " must be a number");
  EXPECT_EQ(fault_of<bool>("0"), " must be true or false");
  using Percent = Number<1, 100>;
  EXPECT_EQ(fault_of<Percent>("0"), " must be between 1 and 100");
}

TEST(Read, CountsCodePointsOfTheNormalForm) {
  using Short = Text<1, 2>;
  EXPECT_EQ(read<Short>("\"e\xCC\x81x\"").raw(), "éx");  // e, combining acute, x
  EXPECT_EQ(read<Short>("\"🎤🎤\"").raw(), "🎤🎤");
  EXPECT_EQ(fault_of<Short>("\"🎤🎤🎤\""), " must have 1 to 2 characters");
  EXPECT_EQ(read<Short>("\"\\n\\t\"").raw(), "\n\t");
  for (const char* control : {R"("\u0001")", R"("\r")", R"("\u007f")", R"("\u0085")"}) {
    EXPECT_EQ(fault_of<Short>(control), " must not contain control characters") << control;
  }
}

TEST(Read, ChecksSlugsAndAddresses) {
  for (const char* good : {"\"a\"", "\"rap-battle-9\""}) EXPECT_TRUE(faults_of<Slug>(good).empty());
  for (const char* bad : {"\"\"", "\"-a\"", "\"a-\"", "\"a--b\"", "\"A\"", "\"a b\"", "\"é\""}) {
    EXPECT_FALSE(faults_of<Slug>(bad).empty()) << bad;
  }
  for (const char* good :
       {"\"https://example.com\"", "\"http://a/b?c=d#e\"", "\"https://[::1]:1\""}) {
    EXPECT_TRUE(faults_of<Url>(good).empty()) << good;
  }
  for (const char* bad : {"\"\"", "\"example.com\"", "\"ftp://a\"", "\"javascript:alert(1)\"",
                          "\"https://\"", "\"https://u:p@a\"", "\"https://a b\"", "\"//a\""}) {
    EXPECT_FALSE(faults_of<Url>(bad).empty()) << bad;
  }
  EXPECT_FALSE(faults_of<Url>("\"https://a/" + std::string(2048, 'x') + "\"").empty());
}

TEST(Read, TellsAbsentFromNullInAMergePatch) {
  const Change nothing = read<Change>("{}");
  EXPECT_FALSE(nothing.title.has_value());
  EXPECT_FALSE(nothing.note.is_present());
  EXPECT_TRUE(read<Change>(R"({"note":null})").note.is_removal());
  EXPECT_EQ(read<Change>(R"({"note":"hi"})").note.value()->raw(), "hi");
  EXPECT_EQ(fault_of<Change>(R"({"title":null})"), "/title must be a string");
}

TEST(Write, LeavesOutWhatIsOmittedAndWritesNullForWhatIsEmpty) {
  EXPECT_EQ(text_of(Change{}), "{}");
  Show show{.title = Text<3, 12>::of("Tiefe \"Töne\"")};
  EXPECT_EQ(text_of(show), R"({"title":"Tiefe \"Töne\"","style":"wildStyle",)"
                           R"("rules":{"maxEntries":1,"bannedWords":[]},"endsAt":null})");
}

TEST(Write, PassesRawJsonOnAndTakesAnyValueForIt) {
  const auto raw = read<std::vector<Raw>>(R"([{"a":[1,2.5,"x"]},null])");
  EXPECT_EQ(text_of(raw), R"([{"a":[1,2.5,"x"]},null])");
}

TEST(Secret, IsReadButHasNoWrittenForm) {
  EXPECT_EQ(read<Credentials>(R"({"password":"p"})").password.reveal(), "p");
  static_assert(!is_writable<Credentials>);
  static_assert(!is_writable<std::vector<Secret<std::string>>>);
}

TEST(SchemaOfAStruct, NamesItsParts) {
  EXPECT_EQ(
      schema<Show>(Direction::in),
      R"({"$schema":"https://json-schema.org/draft/2020-12/schema","$ref":"#/$defs/Show","$defs":{)"
      R"("Rules":{"type":"object","properties":{)"
      R"("maxEntries":{"type":"integer","minimum":1,"maximum":10000},)"
      R"("bannedWords":{"type":"array","items":{"type":"string","minLength":1,"maxLength":10},)"
      R"("minItems":0,"maxItems":3}},"required":["maxEntries","bannedWords"],)"
      R"("additionalProperties":false},)"
      R"("Show":{"type":"object","properties":{)"
      R"("title":{"type":"string","minLength":3,"maxLength":12},)"
      R"("style":{"$ref":"#/$defs/Style"},"rules":{"$ref":"#/$defs/Rules"},)"
      R"("endsAt":{"anyOf":[{"type":"string","format":"date-time"},{"type":"null"}]}},)"
      R"("required":["title","style","rules"],"additionalProperties":false},)"
      R"("Style":{"type":"string","enum":["wildStyle","rAndBeef","public"]}}})");
}

TEST(SchemaOfAStruct, PromisesEveryMemberOfWhatGoesOut) {
  const std::string text = schema<Show>(Direction::out);
  EXPECT_NE(text.find(R"("required":["title","style","rules","endsAt"]})"), std::string::npos);
  EXPECT_EQ(text.find("additionalProperties"), std::string::npos);
}

// Any Unicode text without U+0000.
std::string any_text() {
  std::string text;
  for (const std::uint32_t any : *rc::gen::arbitrary<std::vector<std::uint32_t>>()) {
    const std::uint32_t point = 1 + any % 0x10FFFE;
    if (point >= 0xD800 && point < 0xE000) continue;
    if (point < 0x80) {
      text.push_back(static_cast<char>(point));
    } else if (point < 0x800) {
      text.push_back(static_cast<char>(0xC0 | point >> 6));
    } else if (point < 0x10000) {
      text.push_back(static_cast<char>(0xE0 | point >> 12));
      text.push_back(static_cast<char>(0x80 | (point >> 6 & 0x3F)));
    } else {
      text.push_back(static_cast<char>(0xF0 | point >> 18));
      text.push_back(static_cast<char>(0x80 | (point >> 12 & 0x3F)));
      text.push_back(static_cast<char>(0x80 | (point >> 6 & 0x3F)));
    }
    if (point >= 0x80) text.push_back(static_cast<char>(0x80 | (point & 0x3F)));
  }
  return text;
}

RC_GTEST_PROP(Properties, WhatIsWrittenReadsBackTheSame, ()) {
  Scalars value;
  value.truth = *rc::gen::arbitrary<bool>();
  value.small = *rc::gen::arbitrary<std::int32_t>();
  value.large = *rc::gen::arbitrary<std::int64_t>();
  value.real = *rc::gen::arbitrary<double>();
  value.text = any_text();
  for (std::uint8_t& byte : value.id.bytes) byte = *rc::gen::arbitrary<std::uint8_t>();
  value.time = Timestamp{std::chrono::milliseconds{
      *rc::gen::inRange<std::int64_t>(0, 253402300799999)}};  // to the end of 9999
  value.style = *rc::gen::element(Style::wild_style, Style::r_and_beef, Style::public_);
  const int length = *rc::gen::inRange(0, 4);
  for (int i = 0; i < length; ++i) value.texts.push_back(any_text());
  if (*rc::gen::arbitrary<bool>()) value.maybe = *rc::gen::arbitrary<std::int64_t>();
  value.counts[any_text()] = 1;
  const Scalars back = read<Scalars>(text_of(value));
  RC_ASSERT(back == value);
}

RC_GTEST_PROP(Properties, AnyBytesAreReadOrRefusedAsOneOfTwoFaults, ()) {
  const auto bytes = *rc::gen::container<std::string>(
      rc::gen::element('{', '}', '[', ']', '"', ':', ',', '1', 'e', '-', '.', 'u', '\\', 'd', '8',
                       '\xC3', '\xA9', ' ', 't', 'n'));
  try {
    (void)read<Show>(bytes);
  } catch (const Malformed&) {
  } catch (const Invalid& invalid) {
    RC_ASSERT(!invalid.faults().empty());
  }
}

}  // namespace
}  // namespace wildnout::json
