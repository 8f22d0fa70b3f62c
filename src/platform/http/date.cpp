// Writing dates as HTTP does.
#include "platform/http/date.hpp"

#include <array>

namespace wildnout::http {

std::string http_date(std::time_t seconds) {
  static constexpr std::array days{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  static constexpr std::array months{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                     "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  std::tm utc{};
  gmtime_r(&seconds, &utc);
  // Not strftime for the names: those follow the process's locale.
  std::array<char, 32> rest{};
  std::strftime(rest.data(), rest.size(), " %Y %H:%M:%S GMT", &utc);
  std::string date = days[static_cast<std::size_t>(utc.tm_wday)];
  date.append(utc.tm_mday < 10 ? ", 0" : ", ").append(std::to_string(utc.tm_mday)).append(" ");
  return date.append(months[static_cast<std::size_t>(utc.tm_mon)]).append(rest.data());
}

std::string_view CommonLines::at(std::time_t seconds, bool is_page) {
  if (seconds != seconds_) {
    seconds_ = seconds;
    const std::string lines =
        "Date: " + http_date(seconds) + "\r\nAPI-Version: 1\r\n" + surroundings_.headers;
    page_lines_ = lines + surroundings_.page_headers;
    data_lines_ = lines + surroundings_.data_headers;
  }
  return is_page ? page_lines_ : data_lines_;
}

}  // namespace wildnout::http
