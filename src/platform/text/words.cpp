// Word search by ICU's folding and break iterator.
#include "platform/text/words.hpp"

#include <unicode/brkiter.h>
#include <unicode/normalizer2.h>
#include <unicode/ubrk.h>
#include <unicode/unistr.h>

#include <algorithm>
#include <memory>
#include <stdexcept>

namespace wildnout::text {
namespace {

void check(UErrorCode status) {
  if (U_FAILURE(status)) throw std::runtime_error{std::string{"ICU: "} + u_errorName(status)};
}

icu::UnicodeString unicode(std::string_view text) {
  return icu::UnicodeString::fromUTF8({text.data(), static_cast<std::int32_t>(text.size())});
}

icu::UnicodeString folded(std::string_view text) {
  UErrorCode status = U_ZERO_ERROR;
  const icu::Normalizer2* fold = icu::Normalizer2::getNFKCCasefoldInstance(status);
  check(status);
  icu::UnicodeString out = fold->normalize(unicode(text), status);
  check(status);
  return out;
}

using Words = std::vector<icu::UnicodeString>;

// The words of a folded text, without the spaces and punctuation between them.
Words words_of(const icu::UnicodeString& text) {
  UErrorCode status = U_ZERO_ERROR;
  const std::unique_ptr<icu::BreakIterator> breaks{
      icu::BreakIterator::createWordInstance(icu::Locale::getRoot(), status)};
  check(status);
  breaks->setText(text);
  Words words;
  std::int32_t start = breaks->first();
  for (std::int32_t end = breaks->next(); end != icu::BreakIterator::DONE; end = breaks->next()) {
    if (breaks->getRuleStatus() >= UBRK_WORD_NONE_LIMIT) {
      words.emplace_back(text, start, end - start);
    }
    start = end;
  }
  return words;
}

}  // namespace

std::size_t length(std::string_view text) {
  UErrorCode status = U_ZERO_ERROR;
  const icu::Normalizer2* nfc = icu::Normalizer2::getNFCInstance(status);
  check(status);
  const icu::UnicodeString normal = nfc->normalize(unicode(text), status);
  check(status);
  return static_cast<std::size_t>(normal.countChar32());
}

std::vector<bool> find_words(std::string_view text, const std::vector<std::string>& words) {
  std::vector<bool> found(words.size());
  if (words.empty()) return found;
  const Words there = words_of(folded(text));
  for (std::size_t i = 0; i < words.size(); ++i) {
    const Words wanted = words_of(folded(words[i]));
    found[i] = !wanted.empty() &&
               std::search(there.begin(), there.end(), wanted.begin(), wanted.end()) != there.end();
  }
  return found;
}

}  // namespace wildnout::text
