// Finding whole words in text, whatever the language and the case.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace wildnout::text {

// Code points of valid UTF-8 after NFC.
[[nodiscard]] std::size_t length(std::string_view text);

// Whether there is anything in `text` that find_words could find: a word, a number or an emoji.
[[nodiscard]] bool has_words(std::string_view text);

// Which of `words` stand in `text` as whole words, in the order of `words`.
// - Words end at ICU's word boundaries (UAX #29): "don't" is one word, "fire" is none of
//   "fireplace" or "fire's". Scripts without spaces are cut by ICU's dictionaries. Emoji are words.
// - A "word" of several is found as that sequence, whatever spaces and punctuation lie between.
// - Both sides are compared in NFKC with case folded (UAX #44 NFKC_Casefold: ß is ss, full width is
//   plain), apostrophes of any shape alike. I and i, ı and İ are compared as English folds them,
//   and as Turkish does: either will do.
[[nodiscard]] std::vector<bool> find_words(std::string_view text,
                                           const std::vector<std::string>& words);

}  // namespace wildnout::text
