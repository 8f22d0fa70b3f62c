// Whole words are found across case, form and script; parts of words are not.
#include "platform/text/words.hpp"

#include <gtest/gtest.h>

namespace wildnout::text {

TEST(Words, are_found_whole_and_in_any_case) {
  EXPECT_EQ(find_words("Spit FIRE, stay wild.", {"fire", "wil", "Stay Wild", "wild fire"}),
            (std::vector<bool>{true, false, true, false}));
}

TEST(Words, are_compared_after_case_folding_and_normalisation) {
  EXPECT_EQ(find_words("STRASSE cafe\u0301 ｆｌｏｗ", {"straße", "café", "flow"}),
            (std::vector<bool>{true, true, true}));
}

TEST(Words, of_punctuation_alone_are_never_found) {
  EXPECT_EQ(find_words("one - two", {"-"}), (std::vector<bool>{false}));
}

TEST(Length, counts_code_points_after_composition) {
  EXPECT_EQ(length("cafe\u0301"), 4u);
  EXPECT_EQ(length("🎤🎤"), 2u);
}

}  // namespace wildnout::text
