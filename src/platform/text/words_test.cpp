// Whole words are found across case, form and script; parts of words are not.
#include "platform/text/words.hpp"

#include <gtest/gtest.h>

namespace wildnout::text {
namespace {

bool has(std::string_view text, const std::string& word) { return find_words(text, {word})[0]; }

}  // namespace

TEST(Words, are_found_whole_and_in_any_case) {
  EXPECT_EQ(find_words("Spit FIRE, stay wild.", {"fire", "wil", "Stay Wild", "wild fire"}),
            (std::vector<bool>{true, false, true, false}));
}

TEST(Words, are_compared_after_case_folding_and_normalisation) {
  EXPECT_EQ(find_words("STRASSE cafe\u0301 ｆｌｏｗ", {"straße", "café", "flow"}),
            (std::vector<bool>{true, true, true}));
  EXPECT_TRUE(has("ΟΔΟΣ", "οδος"));  // the final sigma has a form of its own: οδός ends in ς
  EXPECT_TRUE(has("ο δος", "ΔΟΣ"));
  EXPECT_TRUE(has("the ﬁre burns", "fire"));
  EXPECT_TRUE(has("𝐅𝐈𝐑𝐄 in the hole", "fire"));
}

TEST(Words, with_an_apostrophe_are_one_word_however_it_is_written) {
  EXPECT_TRUE(has("I don\u2019t care", "don't"));
  EXPECT_TRUE(has("I DON'T care", "don\u2019t"));
  EXPECT_FALSE(has("I don't care", "don"));
  EXPECT_FALSE(has("the fire's out", "fire"));
}

TEST(Words, of_several_are_found_as_a_sequence) {
  EXPECT_TRUE(has("they stay -- wild!", "Stay Wild"));
  EXPECT_FALSE(has("stay and wild", "stay wild"));
  EXPECT_FALSE(has("staywild", "stay wild"));
  EXPECT_FALSE(has("stay wild", "staywild"));
  EXPECT_FALSE(has("wild stay", "stay wild"));
  EXPECT_FALSE(has("stay", "stay wild"));
  EXPECT_TRUE(has("a a a b", "a b"));
}

TEST(Words, with_dotted_and_dotless_i_are_found_as_english_or_turkish_fold_them) {
  EXPECT_TRUE(has("istanbul geceleri", "İSTANBUL"));
  EXPECT_TRUE(has("İstanbul", "istanbul"));
  EXPECT_TRUE(has("ılık su", "ILIK"));
  EXPECT_TRUE(has("WILD", "wild"));
  EXPECT_FALSE(has("sık", "sik"));  // two different words
}

TEST(Words, may_be_emoji) {
  EXPECT_TRUE(has("that verse 🔥🔥 burns", "🔥"));
  EXPECT_TRUE(has("❤\uFE0F you", "❤"));
  EXPECT_TRUE(has("drop the 🎤 now", "the 🎤"));
  EXPECT_FALSE(has("a 👨\u200D👩\u200D👧 here", "👩"));
  EXPECT_TRUE(has("a 👨\u200D👩\u200D👧 here", "👨\u200D👩\u200D👧"));
  EXPECT_FALSE(has("thumbs 👍🏽", "👍"));
  EXPECT_TRUE(has("for 🇹🇷🇩🇪", "🇩🇪"));
}

TEST(Words, are_found_in_scripts_without_spaces) {
  EXPECT_TRUE(has("今日は天気がいいです", "天気"));
  EXPECT_FALSE(has("東京都", "京"));
  EXPECT_TRUE(has("ภาษาไทยสวยงาม", "ภาษา"));
  EXPECT_TRUE(has("ผมทำงานทุกวัน", "ทำงาน"));
  EXPECT_TRUE(has("我喜欢机器学习和音乐", "机器学习"));
}

TEST(Words, are_not_hidden_by_what_cannot_be_seen) {
  EXPECT_TRUE(has("bad\u200Bword", "badword"));
  EXPECT_TRUE(has("bad\u00ADword", "badword"));
  EXPECT_TRUE(has("bad\u200Dword", "badword"));
  EXPECT_TRUE(has("bad\u2060word", "badword"));
}

TEST(Words, of_punctuation_alone_are_never_found) {
  EXPECT_EQ(find_words("one - two", {"-"}), (std::vector<bool>{false}));
  EXPECT_FALSE(has_words("-"));
  EXPECT_FALSE(has_words(" \u200B "));
  EXPECT_TRUE(has_words("$WNO"));
  EXPECT_TRUE(has_words("🔥"));
  EXPECT_TRUE(has_words("7"));
}

TEST(Words, of_a_long_text_are_found_quickly_enough_to_hold_a_lock) {
  std::string text;
  for (int i = 0; i < 4000; ++i) text += "word" + std::to_string(i % 977) + ' ';
  std::vector<std::string> words;
  for (int i = 0; i < 500; ++i) words.push_back("word" + std::to_string(i) + " missing");
  words.emplace_back("word976 word0");
  EXPECT_TRUE(find_words(text, words).back());
}

TEST(Length, counts_code_points_after_composition) {
  EXPECT_EQ(length("cafe\u0301"), 4u);
  EXPECT_EQ(length("🎤🎤"), 2u);
}

}  // namespace wildnout::text
