// Printing and reading RFC 3339 times.
#include "platform/values/time.hpp"

namespace wildnout {
namespace {

using namespace std::chrono;

void put(char* at, int width, unsigned value) {
  for (int i = width - 1; i >= 0; --i, value /= 10) at[i] = static_cast<char>('0' + value % 10);
}

// Takes exactly `width` digits off the front.
std::optional<unsigned> take_digits(std::string_view& text, std::size_t width) {
  if (text.size() < width) return std::nullopt;
  unsigned value = 0;
  for (std::size_t i = 0; i < width; ++i) {
    if (text[i] < '0' || text[i] > '9') return std::nullopt;
    value = value * 10 + static_cast<unsigned>(text[i] - '0');
  }
  text.remove_prefix(width);
  return value;
}

bool take(std::string_view& text, std::string_view any_of) {
  if (text.empty() || any_of.find(text.front()) == std::string_view::npos) return false;
  text.remove_prefix(1);
  return true;
}

// ".123456" to milliseconds; no fraction is zero.
std::optional<milliseconds> take_fraction(std::string_view& text) {
  if (!take(text, ".")) return milliseconds{0};
  int ms = 0;
  int digits = 0;
  while (!text.empty() && text.front() >= '0' && text.front() <= '9') {
    if (digits < 3) ms = ms * 10 + (text.front() - '0');
    ++digits;
    text.remove_prefix(1);
  }
  if (digits == 0 || digits > 9) return std::nullopt;
  for (; digits < 3; ++digits) ms *= 10;
  return milliseconds{ms};
}

std::optional<minutes> take_offset(std::string_view& text) {
  if (take(text, "Zz")) return minutes{0};
  if (text.empty()) return std::nullopt;
  const char sign = text.front();
  if (!take(text, "+-")) return std::nullopt;
  const auto hour = take_digits(text, 2);
  if (!hour || !take(text, ":")) return std::nullopt;
  const auto minute = take_digits(text, 2);
  if (!minute || *hour > 23 || *minute > 59) return std::nullopt;
  const minutes offset{static_cast<int>(*hour * 60 + *minute)};
  return sign == '-' ? -offset : offset;
}

}  // namespace

void append_text_of(Timestamp time, std::string& out) {
  const auto day = floor<days>(time);
  const year_month_day date{day};
  const hh_mm_ss clock{time - day};
  char text[] = "0000-00-00T00:00:00.000Z";
  put(text, 4, static_cast<unsigned>(static_cast<int>(date.year())));
  put(text + 5, 2, static_cast<unsigned>(date.month()));
  put(text + 8, 2, static_cast<unsigned>(date.day()));
  put(text + 11, 2, static_cast<unsigned>(clock.hours().count()));
  put(text + 14, 2, static_cast<unsigned>(clock.minutes().count()));
  put(text + 17, 2, static_cast<unsigned>(clock.seconds().count()));
  put(text + 20, 3, static_cast<unsigned>(clock.subseconds().count()));
  out.append(text, 24);
}

std::string text_of(Timestamp time) {
  std::string out;
  append_text_of(time, out);
  return out;
}

std::optional<Timestamp> parse_timestamp(std::string_view text) {
  const auto y = take_digits(text, 4);
  if (!y || !take(text, "-")) return std::nullopt;
  const auto mo = take_digits(text, 2);
  if (!mo || !take(text, "-")) return std::nullopt;
  const auto d = take_digits(text, 2);
  if (!d || !take(text, "Tt ")) return std::nullopt;
  const auto h = take_digits(text, 2);
  if (!h || !take(text, ":")) return std::nullopt;
  const auto mi = take_digits(text, 2);
  if (!mi || !take(text, ":")) return std::nullopt;
  const auto s = take_digits(text, 2);
  if (!s) return std::nullopt;
  const auto fraction = take_fraction(text);
  if (!fraction) return std::nullopt;
  const auto offset = take_offset(text);
  const year_month_day date{year{static_cast<int>(*y)}, month{*mo}, day{*d}};
  if (!offset || !text.empty() || !date.ok() || *y < 1970 || *h > 23 || *mi > 59 || *s > 59) {
    return std::nullopt;
  }
  return sys_days{date} + hours{*h} + minutes{*mi} + seconds{*s} + *fraction - *offset;
}

Timestamp system_now() { return floor<milliseconds>(system_clock::now()); }

}  // namespace wildnout
