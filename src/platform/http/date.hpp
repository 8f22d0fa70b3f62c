// The Date header, written once a second.
#pragma once

#include <ctime>
#include <string>
#include <string_view>

#include "platform/http/server.hpp"

namespace wildnout::http {

// "Sun, 06 Nov 1994 08:49:37 GMT" (IMF-fixdate of RFC 9110 section 5.6.7).
[[nodiscard]] std::string http_date(std::time_t seconds);

// The header lines that are equal on all answers of one second: two texts, made once a second.
class CommonLines {
 public:
  // `surroundings` outlives this.
  explicit CommonLines(const Surroundings& surroundings) : surroundings_{surroundings} {}

  // "Date: ...\r\nAPI-Version: 1\r\n" and the surroundings' lines, valid until the next call.
  [[nodiscard]] std::string_view at(std::time_t seconds, bool is_page);

 private:
  const Surroundings& surroundings_;
  std::time_t seconds_ = -1;
  std::string page_lines_;
  std::string data_lines_;
};

}  // namespace wildnout::http
