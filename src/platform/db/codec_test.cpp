// Every type that queries know, to PostgreSQL and back.
#include "platform/db/codec.hpp"

#include <gtest/gtest.h>

#include <boost/describe/class.hpp>
#include <boost/describe/enum.hpp>
#include <limits>

#include "platform/db/database.hpp"
#include "support/database.hpp"
#include "support/run.hpp"

namespace wildnout::db {
namespace {

BOOST_DEFINE_ENUM_CLASS(Style, freestyle, wild_style, r_and_beef)

struct ThingTag;
using ThingId = Id<ThingTag>;

struct Everything {
  bool truth = false;
  std::int32_t small = 0;
  std::int64_t large = 0;
  double real = 0;
  std::string words;
  std::string document;
  Uuid uuid;
  ThingId thing;
  Timestamp time;
  Bytes bytes;
  Style style = Style::freestyle;
  Text<1, 20> title;
  Number<1, 9> digit;
  std::optional<std::int32_t> absent;
  std::optional<std::string> present;
  Omittable<std::string> omitted;
  std::vector<std::int64_t> numbers;
  std::vector<std::string> texts;
  std::vector<ThingId> things;
  std::vector<std::optional<Timestamp>> times;
  std::vector<Style> styles;
};
BOOST_DESCRIBE_STRUCT(Everything, (),
                      (truth, small, large, real, words, document, uuid, thing, time, bytes, style,
                       title, digit, absent, present, omitted, numbers, texts, things, times,
                       styles))

const Query<Everything(bool, std::int32_t, std::int64_t, double, std::string, std::string_view,
                       Uuid, ThingId, Timestamp, Bytes, Style, Text<1, 20>, Number<1, 9>,
                       std::optional<std::int32_t>, std::optional<std::string>,
                       Omittable<std::string>, std::vector<std::int64_t>,
                       const std::vector<std::string>&, std::span<const ThingId>,
                       std::vector<std::optional<Timestamp>>, std::vector<Style>)>
    everything{"test_everything", R"sql(
  SELECT $1::boolean AS truth, $2::integer AS small, $3::bigint AS large, $4::float8 AS real,
         $5::text AS words, $6::jsonb AS document, $7::uuid AS uuid, $8::uuid AS thing,
         $9::timestamptz AS time, $10::bytea AS bytes, $11::text AS style, $12::text AS title,
         $13::integer AS digit, $14::integer AS absent, $15::text AS present, $16::text AS omitted,
         $17::bigint[] AS numbers, $18::text[] AS texts, $19::uuid[] AS things,
         $20::timestamptz[] AS times, $21::text[] AS styles)sql"};

class CodecTest : public ::testing::Test {
 protected:
  testing::Loop loop_;
  Database database_{loop_.executor(), {.url = testing::database_url()}};
};

TEST_F(CodecTest, EveryTypeComesBackAsItWent) {
  const Everything sent{.truth = true,
                        .small = std::numeric_limits<std::int32_t>::min(),
                        .large = std::numeric_limits<std::int64_t>::max(),
                        .real = -0.1,
                        .words = "Zürich \U0001F3A4 'quoted' \\ \n",
                        .document = R"({"a": [1, null]})",
                        .uuid = Uuid::make(),
                        .thing = ThingId::make(),
                        .time = Timestamp{std::chrono::milliseconds{-1234567}},
                        .bytes = {std::string{"\0\1\xff", 3}},
                        .style = Style::r_and_beef,
                        .title = Text<1, 20>::of("a title"),
                        .digit = Number<1, 9>::of(7),
                        .absent = std::nullopt,
                        .present = "",
                        .omitted = {},
                        .numbers = {1, -2, 3},
                        .texts = {"", "a,b", "{\"}"},
                        .things = {ThingId::make(), ThingId::make()},
                        .times = {std::nullopt, system_now()},
                        .styles = {Style::wild_style}};
  const Everything got = loop_.run([&]() -> Task<Everything> {
    co_return co_await one(database_.session(), everything, sent.truth, sent.small, sent.large,
                           sent.real, sent.words, sent.document, sent.uuid, sent.thing, sent.time,
                           sent.bytes, sent.style, sent.title, sent.digit, sent.absent,
                           sent.present, sent.omitted, sent.numbers, sent.texts, sent.things,
                           sent.times, sent.styles);
  });
  EXPECT_EQ(got.truth, sent.truth);
  EXPECT_EQ(got.small, sent.small);
  EXPECT_EQ(got.large, sent.large);
  EXPECT_EQ(got.real, sent.real);
  EXPECT_EQ(got.words, sent.words);
  EXPECT_EQ(got.document, sent.document);
  EXPECT_EQ(got.uuid, sent.uuid);
  EXPECT_EQ(got.thing, sent.thing);
  EXPECT_EQ(got.time, sent.time);
  EXPECT_EQ(got.bytes, sent.bytes);
  EXPECT_EQ(got.style, sent.style);
  EXPECT_EQ(got.title.raw(), "a title");
  EXPECT_EQ(got.digit.raw(), 7);
  EXPECT_EQ(got.absent, sent.absent);
  EXPECT_EQ(got.present, sent.present);
  EXPECT_FALSE(got.omitted.has_value());
  EXPECT_EQ(got.numbers, sent.numbers);
  EXPECT_EQ(got.texts, sent.texts);
  EXPECT_EQ(got.things, sent.things);
  EXPECT_EQ(got.times, sent.times);
  EXPECT_EQ(got.styles, sent.styles);
}

TEST_F(CodecTest, AnEmptyArrayIsAnEmptyArray) {
  const Query<std::vector<std::int32_t>(std::vector<std::int32_t>)> echo{"test_empty_array",
                                                                         "SELECT $1"};
  EXPECT_TRUE(loop_.run([&] { return one(database_.session(), echo, {}); }).empty());
}

TEST_F(CodecTest, ATimeIsCutToTheMillisecondBelow) {
  const Query<Timestamp()> before{"test_before_2000",
                                  "SELECT timestamptz '1999-12-31T23:59:59.9999Z'"};
  const Timestamp time = loop_.run([&] { return one(database_.session(), before); });
  EXPECT_EQ(text_of(time), "1999-12-31T23:59:59.999Z");
}

template <class Row>
std::string mismatch(testing::Loop& loop, Database& database, const Query<Row()>& query) {
  try {
    loop.run([&] { return one(database.session(), query); });
  } catch (const Mismatch& fault) {
    return fault.what();
  }
  return "none";
}

struct Pair {
  std::int32_t left = 0;
  std::string right;
};
BOOST_DESCRIBE_STRUCT(Pair, (), (left, right))

TEST_F(CodecTest, AMismatchNamesTheQueryAndTheColumn) {
  const Query<Pair()> null{"test_null", "SELECT 1, NULL::text"};
  EXPECT_EQ(mismatch(loop_, database_, null),
            "query test_null, column 2 (right) is NULL but not optional");
  const Query<Pair()> type{"test_type", "SELECT 1::bigint, ''::text"};
  EXPECT_EQ(mismatch(loop_, database_, type),
            "query test_type, column 1 (left) is of the type with oid 20, not integer");
  const Query<Pair()> count{"test_count", "SELECT 1"};
  EXPECT_EQ(mismatch(loop_, database_, count), "query test_count gives 1 columns, not 2");
  const Query<Style()> style{"test_style", "SELECT 'polka'::text"};
  EXPECT_EQ(mismatch(loop_, database_, style),
            "query test_style, column 1 has a value that is no text of its C++ type");
  const Query<std::int32_t()> rows{"test_rows", "SELECT generate_series(1, 2)"};
  EXPECT_EQ(mismatch(loop_, database_, rows), "query test_rows gives 2 rows, not exactly one");
  const Query<Timestamp()> infinity{"test_infinity", "SELECT timestamptz 'infinity'"};
  EXPECT_NE(mismatch(loop_, database_, infinity), "none");
}

TEST_F(CodecTest, TextWithANulByteIsRefusedBeforeItIsSent) {
  const Query<std::string(std::string)> echo{"test_nul", "SELECT $1::text"};
  const std::string text{"a\0b", 3};
  EXPECT_THROW(loop_.run([&] { return one(database_.session(), echo, text); }),
               std::invalid_argument);
}

TEST_F(CodecTest, RunCountsTheRowsTouched) {
  const Query<void()> fill{"test_fill", "CREATE TABLE counted AS SELECT generate_series(1, 3) n"};
  const Query<void(std::int32_t)> cut{"test_cut", "DELETE FROM counted WHERE n > $1"};
  const Query<void()> forget{"test_forget", "DROP TABLE IF EXISTS counted"};
  const auto count = loop_.run([&]() -> Task<std::int64_t> {
    co_await run(database_.session(), forget);
    co_await run(database_.session(), fill);
    co_return co_await run(database_.session(), cut, 1);
  });
  EXPECT_EQ(count, 2);
}

}  // namespace
}  // namespace wildnout::db
