// Word search by ICU's break iterator and folding.
#include "platform/text/words.hpp"

#include <unicode/brkiter.h>
#include <unicode/normalizer2.h>
#include <unicode/ubrk.h>
#include <unicode/uchar.h>
#include <unicode/unistr.h>

#include <algorithm>
#include <map>
#include <memory>
#include <stdexcept>

namespace wildnout::text {
namespace {

constexpr UChar32 zero_width_non_joiner = 0x200C;
constexpr UChar32 zero_width_joiner = 0x200D;
constexpr char16_t space = u' ';

void check(UErrorCode status) {
  if (U_FAILURE(status)) throw std::runtime_error{std::string{"ICU: "} + u_errorName(status)};
}

icu::UnicodeString unicode(std::string_view text) {
  return icu::UnicodeString::fromUTF8({text.data(), static_cast<std::int32_t>(text.size())});
}

icu::UnicodeString normalized(const icu::Normalizer2* form, const icu::UnicodeString& text) {
  UErrorCode status = U_ZERO_ERROR;
  icu::UnicodeString out = form->normalize(text, status);
  check(status);
  return out;
}

const icu::Normalizer2* nfc() {
  UErrorCode status = U_ZERO_ERROR;
  const icu::Normalizer2* form = icu::Normalizer2::getNFCInstance(status);
  check(status);
  return form;
}

const icu::Normalizer2* nfkc_casefold() {
  UErrorCode status = U_ZERO_ERROR;
  const icu::Normalizer2* form = icu::Normalizer2::getNFKCCasefoldInstance(status);
  check(status);
  return form;
}

// Keyboards write an apostrophe in several ways; UAX #29 suggests to treat them alike.
bool is_apostrophe(UChar32 c) {
  return c == 0x2018 || c == 0x2019 || c == 0x201B || c == 0x02BC || c == 0xFF07;
}

// What cannot be seen would split words (a zero-width space in a banned one). The joiners stay:
// they hold emoji together, split nothing, and fall to the folding.
bool is_unseen(UChar32 c) {
  return c != zero_width_joiner && c != zero_width_non_joiner &&
         u_hasBinaryProperty(c, UCHAR_DEFAULT_IGNORABLE_CODE_POINT);
}

// NFC, and not NFKC, which takes Thai and Lao vowels apart that the dictionaries of words need.
icu::UnicodeString readable(std::string_view text) {
  const icu::UnicodeString normal = normalized(nfc(), unicode(text));
  icu::UnicodeString out;
  for (std::int32_t i = 0; i < normal.length(); i = normal.moveIndex32(i, 1)) {
    const UChar32 c = normal.char32At(i);
    if (is_apostrophe(c)) {
      out.append(UChar32{'\''});
    } else if (!is_unseen(c)) {
      out.append(c);
    }
  }
  return out;
}

enum class Folding : std::uint8_t { common, turkic };

// Turkic: I folds to the dotless ı and İ to i, as writers of Turkish and Azerbaijani mean them.
icu::UnicodeString folded(icu::UnicodeString word, Folding folding) {
  if (folding == Folding::turkic) word.foldCase(U_FOLD_CASE_EXCLUDE_SPECIAL_I);
  return normalized(nfkc_casefold(), word);
}

bool has_emoji(const icu::UnicodeString& text) {
  for (std::int32_t i = 0; i < text.length(); i = text.moveIndex32(i, 1)) {
    const UChar32 c = text.char32At(i);
    if (u_hasBinaryProperty(c, UCHAR_EXTENDED_PICTOGRAPHIC) ||
        u_hasBinaryProperty(c, UCHAR_REGIONAL_INDICATOR)) {
      return true;
    }
  }
  return false;
}

bool is_written_without_spaces(const icu::UnicodeString& text) {
  for (std::int32_t i = 0; i < text.length(); i = text.moveIndex32(i, 1)) {
    const auto kind = u_getIntPropertyValue(text.char32At(i), UCHAR_LINE_BREAK);
    if (kind == U_LB_COMPLEX_CONTEXT || kind == U_LB_IDEOGRAPHIC) return true;
  }
  return false;
}

// The words of a text in one folding. `line` is all of them, those that were apart by a space:
// scripts without spaces are cut differently in a phrase and alone, so in them a phrase is also
// looked for as a piece of the line that begins and ends where words do.
struct Words {
  std::vector<icu::UnicodeString> words;
  icu::UnicodeString line;
  std::vector<std::int32_t> starts;  // in `line`, of each word; ends follow from the lengths
};

// ICU's words, and emoji, which are none to it.
class Cutter {
 public:
  Cutter() {
    UErrorCode status = U_ZERO_ERROR;
    breaks_.reset(icu::BreakIterator::createWordInstance(icu::Locale::getRoot(), status));
    check(status);
  }

  [[nodiscard]] Words cut(const icu::UnicodeString& text, Folding folding) {
    breaks_->setText(text);
    Words found;
    bool is_apart = false;
    std::int32_t start = breaks_->first();
    for (auto end = breaks_->next(); end != icu::BreakIterator::DONE; end = breaks_->next()) {
      const icu::UnicodeString piece{text, start, end - start};
      const bool is_word = breaks_->getRuleStatus() >= UBRK_WORD_NONE_LIMIT || has_emoji(piece);
      start = end;
      if (!is_word) {
        is_apart = true;
        continue;
      }
      if (is_apart && !found.words.empty()) found.line.append(space);
      is_apart = false;
      found.words.push_back(folded(piece, folding));
      found.starts.push_back(found.line.length());
      found.line.append(found.words.back());
    }
    return found;
  }

 private:
  std::unique_ptr<icu::BreakIterator> breaks_;
};

// A text ready to be searched: its words' places by what they are.
class Searched {
 public:
  explicit Searched(Words words) : words_{std::move(words)} {
    for (std::size_t i = 0; i < words_.words.size(); ++i) {
      places_[words_.words[i]].push_back(i);
      ends_.push_back(words_.starts[i] + words_.words[i].length());
    }
  }

  [[nodiscard]] bool has(const Words& wanted) const {
    if (wanted.words.empty()) return false;
    return has_sequence(wanted.words) ||
           (is_written_without_spaces(wanted.line) && has_piece(wanted.line));
  }

 private:
  [[nodiscard]] bool has_sequence(const std::vector<icu::UnicodeString>& wanted) const {
    const auto found = places_.find(wanted.front());
    if (found == places_.end()) return false;
    return std::any_of(found->second.begin(), found->second.end(), [&](std::size_t at) {
      return wanted.size() <= words_.words.size() - at &&
             std::equal(wanted.begin(), wanted.end(),
                        words_.words.begin() + static_cast<std::ptrdiff_t>(at));
    });
  }

  [[nodiscard]] bool has_piece(const icu::UnicodeString& wanted) const {
    for (std::int32_t at = words_.line.indexOf(wanted); at >= 0;
         at = words_.line.indexOf(wanted, at + 1)) {
      const bool begins = std::binary_search(words_.starts.begin(), words_.starts.end(), at);
      if (begins && std::binary_search(ends_.begin(), ends_.end(), at + wanted.length())) {
        return true;
      }
    }
    return false;
  }

  Words words_;
  std::vector<std::int32_t> ends_;
  std::map<icu::UnicodeString, std::vector<std::size_t>> places_;
};

}  // namespace

std::size_t length(std::string_view text) {
  return static_cast<std::size_t>(normalized(nfc(), unicode(text)).countChar32());
}

bool has_words(std::string_view text) {
  return !Cutter{}.cut(readable(text), Folding::common).words.empty();
}

std::vector<bool> find_words(std::string_view text, const std::vector<std::string>& words) {
  std::vector<bool> found(words.size());
  if (words.empty()) return found;
  Cutter cutter;
  const icu::UnicodeString there = readable(text);
  for (const Folding folding : {Folding::common, Folding::turkic}) {
    const Searched searched{cutter.cut(there, folding)};
    for (std::size_t i = 0; i < words.size(); ++i) {
      if (!found[i]) found[i] = searched.has(cutter.cut(readable(words[i]), folding));
    }
  }
  return found;
}

}  // namespace wildnout::text
