// The checks behind the constrained types: Unicode text, slugs, addresses, ranges.
#include "platform/values/constraints.hpp"

#include <unicode/bytestream.h>
#include <unicode/normalizer2.h>
#include <unicode/utf8.h>

#include <algorithm>
#include <boost/url/parse.hpp>

namespace wildnout::checks {
namespace {

std::string between(std::uint64_t min, std::uint64_t max, std::string_view unit) {
  const std::string upper = std::to_string(max);
  const std::string units = std::string{unit} + (max == 1 ? "" : "s");
  if (min == max) return "must have exactly " + upper + " " + units;
  if (min == 0) return "must have at most " + upper + " " + units;
  return "must have " + std::to_string(min) + " to " + upper + " " + units;
}

bool is_refused_control(std::uint32_t code_point) {
  if (code_point == '\n' || code_point == '\t') return false;
  return code_point < 0x20 || (code_point >= 0x7F && code_point < 0xA0);
}

// Every byte is its own code point then, and the text is in NFC already.
bool is_printable_ascii(std::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return (c >= 0x20 && c < 0x7F) || c == '\n' || c == '\t'; });
}

std::string to_nfc(std::string& text) {
  UErrorCode status = U_ZERO_ERROR;
  const icu::Normalizer2* nfc = icu::Normalizer2::getNFCInstance(status);
  if (U_FAILURE(status)) throw std::runtime_error{u_errorName(status)};
  std::string normal;
  normal.reserve(text.size());
  icu::StringByteSink<std::string> sink{&normal};
  nfc->normalizeUTF8(0, icu::StringPiece{text}, sink, nullptr, status);
  if (U_FAILURE(status)) throw std::runtime_error{u_errorName(status)};
  return normal;
}

// The number of code points; nothing when the text is not UTF-8 or has a control character.
std::optional<std::size_t> code_points(std::string_view text, std::string& fault) {
  const auto* bytes = reinterpret_cast<const std::uint8_t*>(text.data());
  const auto size = static_cast<std::int32_t>(text.size());
  std::size_t count = 0;
  for (std::int32_t at = 0; at < size; ++count) {
    UChar32 code_point = 0;
    U8_NEXT(bytes, at, size, code_point);
    if (code_point < 0) {
      fault = "must be UTF-8 text";
      return std::nullopt;
    }
    if (is_refused_control(static_cast<std::uint32_t>(code_point))) {
      fault = "must not contain control characters";
      return std::nullopt;
    }
  }
  return count;
}

// No text that is checked comes near this; it keeps lengths within what ICU's int32 can say.
constexpr std::size_t max_text_bytes = 64 * 1024 * 1024;

}  // namespace

std::string text(std::string& text, std::size_t min, std::size_t max) {
  if (is_printable_ascii(text)) {
    if (text.size() >= min && text.size() <= max) return {};
    return between(min, max, "character");
  }
  if (text.size() > max_text_bytes) return between(min, max, "character");
  std::string fault;
  if (!code_points(text, fault)) return fault;
  std::string normal = to_nfc(text);
  const std::optional<std::size_t> count = code_points(normal, fault);
  if (!count) return fault;
  if (*count < min || *count > max) return between(min, max, "character");
  text = std::move(normal);
  return {};
}

std::string slug(std::string_view text) {
  bool may_be_hyphen = false;
  bool is_well_formed = !text.empty() && text.size() <= max_slug_characters && text.back() != '-';
  for (const char c : text) {
    const bool is_word = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
    if (!is_word && !(c == '-' && may_be_hyphen)) is_well_formed = false;
    may_be_hyphen = is_word;
  }
  if (is_well_formed) return {};
  return "must be lower case letters, digits and single hyphens, at most " +
         std::to_string(max_slug_characters);
}

std::string url(std::string_view text) {
  if (text.size() > max_url_bytes) {
    return "must have at most " + std::to_string(max_url_bytes) + " bytes";
  }
  const auto parsed = boost::urls::parse_uri(text);
  const bool is_web = parsed && (parsed->scheme_id() == boost::urls::scheme::http ||
                                 parsed->scheme_id() == boost::urls::scheme::https);
  if (!is_web || parsed->host().empty() || parsed->has_userinfo()) {
    return "must be an absolute http or https address";
  }
  return {};
}

std::string number(std::int64_t value, std::int64_t min, std::int64_t max) {
  if (value >= min && value <= max) return {};
  return "must be between " + std::to_string(min) + " and " + std::to_string(max);
}

std::string count(std::size_t items, std::size_t min, std::size_t max) {
  if (items >= min && items <= max) return {};
  return between(min, max, "item");
}

}  // namespace wildnout::checks
