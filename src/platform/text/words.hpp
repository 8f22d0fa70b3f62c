// Finding whole words in text, whatever the language and the case.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace wildnout::text {

// Code points of valid UTF-8 after NFC.
[[nodiscard]] std::size_t length(std::string_view text);

// Which of `words` stand in `text` as whole words: both sides in NFKC with case folded, words of
// the text cut at ICU's word boundaries (UAX #29). A "word" of several words is found as that
// sequence. In the order of `words`.
[[nodiscard]] std::vector<bool> find_words(std::string_view text,
                                           const std::vector<std::string>& words);

}  // namespace wildnout::text
