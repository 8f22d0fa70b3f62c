// The Date header, written once a second.
#pragma once

#include <ctime>
#include <string>
#include <string_view>

namespace wildnout::http {

// "Sun, 06 Nov 1994 08:49:37 GMT" (IMF-fixdate of RFC 9110 section 5.6.7).
[[nodiscard]] std::string http_date(std::time_t seconds);

// The header lines that are equal on all answers of one second.
class CommonLines {
 public:
  // "Date: ...\r\nAPI-Version: 1\r\n", valid until the next call.
  [[nodiscard]] std::string_view at(std::time_t seconds);

 private:
  std::time_t seconds_ = -1;
  std::string lines_;
};

}  // namespace wildnout::http
