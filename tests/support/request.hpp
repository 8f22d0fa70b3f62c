// A request made by hand, for tests of what stands behind the server.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "platform/http/request.hpp"

namespace wildnout::testing {

class HandMadeRequest final : public http::Request {
 public:
  using Headers = std::vector<std::pair<std::string, std::string>>;  // names in lower case

  HandMadeRequest(http::Method m, std::string sent_target, std::string sent_body = {},
                  Headers headers = {})
      : target_{std::move(sent_target)}, body_{std::move(sent_body)}, headers_{std::move(headers)} {
    method = m;
    target = target_;
    path = target.substr(0, target.find('?'));
    query = path.size() < target.size() ? target.substr(path.size() + 1) : std::string_view{};
    body = body_;
    request_id = "request-1";
    remote = boost::asio::ip::address_v4::loopback();
    if (!body_.empty()) set("content-type", "application/json");
  }
  HandMadeRequest(const HandMadeRequest&) = delete;
  HandMadeRequest& operator=(const HandMadeRequest&) = delete;

  // `name` in lower case.
  HandMadeRequest& set(std::string name, std::string value) {
    for (auto& [known, text] : headers_) {
      if (known != name) continue;
      text = std::move(value);
      return *this;
    }
    headers_.emplace_back(std::move(name), std::move(value));
    return *this;
  }

  [[nodiscard]] std::optional<std::string_view> header(std::string_view name) const override {
    for (const auto& [known, value] : headers_) {
      if (is_same(known, name)) return value;
    }
    return std::nullopt;
  }

 private:
  static bool is_same(std::string_view lower, std::string_view name) {
    if (lower.size() != name.size()) return false;
    for (std::size_t i = 0; i < name.size(); ++i) {
      const char c = name[i];
      if (lower[i] != (c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c)) return false;
    }
    return true;
  }

  std::string target_;
  std::string body_;
  Headers headers_;
};

}  // namespace wildnout::testing
