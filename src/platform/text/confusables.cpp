// Look-alikes by ICU's spoof checker.
#include "platform/text/confusables.hpp"

#include <unicode/normalizer2.h>
#include <unicode/uchar.h>
#include <unicode/unistr.h>
#include <unicode/uspoof.h>

#include <stdexcept>

namespace wildnout::text {
namespace {

void check(UErrorCode status) {
  if (U_FAILURE(status)) throw std::runtime_error{std::string{"ICU: "} + u_errorName(status)};
}

icu::UnicodeString unicode(std::string_view text) {
  return icu::UnicodeString::fromUTF8({text.data(), static_cast<std::int32_t>(text.size())});
}

// Made once and never changed: safe on any thread.
const USpoofChecker& checker() {
  static const USpoofChecker* const made = [] {
    UErrorCode status = U_ZERO_ERROR;
    USpoofChecker* opened = uspoof_open(&status);
    check(status);
    uspoof_setRestrictionLevel(opened, USPOOF_HIGHLY_RESTRICTIVE);
    uspoof_setChecks(opened, USPOOF_RESTRICTION_LEVEL | USPOOF_INVISIBLE, &status);
    check(status);
    return opened;
  }();
  return *made;
}

icu::UnicodeString folded(const icu::UnicodeString& text) {
  UErrorCode status = U_ZERO_ERROR;
  const icu::Normalizer2* fold = icu::Normalizer2::getNFKCCasefoldInstance(status);
  check(status);
  icu::UnicodeString out = fold->normalize(text, status);
  check(status);
  return out;
}

icu::UnicodeString skeleton(const icu::UnicodeString& text) {
  UErrorCode status = U_ZERO_ERROR;
  icu::UnicodeString out;
  uspoof_getSkeletonUnicodeString(&checker(), 0, text, out, &status);
  check(status);
  return out;
}

}  // namespace

// Folding case undoes what the skeleton made of a capital, so both are done twice. The skeleton
// keeps i and l apart, but folding has made one of I and i before.
std::string look_of(std::string_view text) {
  icu::UnicodeString look = folded(skeleton(folded(unicode(text))));
  look = folded(skeleton(look));
  look.findAndReplace(icu::UnicodeString{u'i'}, icu::UnicodeString{u'l'});
  std::string out;
  look.toUTF8String(out);
  return out;
}

bool is_suspicious(std::string_view name) {
  UErrorCode status = U_ZERO_ERROR;
  const std::int32_t failed =
      uspoof_check2UnicodeString(&checker(), unicode(name), nullptr, &status);
  check(status);
  return failed != 0;
}

bool is_plain_name(std::string_view name) {
  const icu::UnicodeString text = unicode(name);
  for (std::int32_t at = 0; at < text.length(); at = text.moveIndex32(at, 1)) {
    const UChar32 c = text.char32At(at);
    const bool is_mark = U_GET_GC_MASK(c) & U_GC_M_MASK;
    const bool is_inner = c == '_' || c == '-' || c == '.' || is_mark;
    if (!u_isalnum(c) && !(at > 0 && is_inner)) return false;
  }
  return !text.isEmpty();
}

}  // namespace wildnout::text
