// Which pages of other origins may read the answers (Fetch standard, section 3.3).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "platform/http/request.hpp"
#include "platform/http/response.hpp"

namespace wildnout::api {

// By exact list: an origin is allowed when it is written there character by character. Cookies and
// Authorization may be sent along (credentials), so there is no wildcard. An empty list adds
// nothing to any answer.
class Cors {
 public:
  explicit Cors(std::vector<std::string> origins) : origins_{std::move(origins)} {}

  [[nodiscard]] bool is_on() const { return !origins_.empty(); }

  // The header lines of an answer to this request. `allowed_methods`: of its path, for a preflight
  // (OPTIONS with Access-Control-Request-Method), else not looked at.
  void add_headers(const http::Request& request, std::string_view allowed_methods,
                   http::Response& response) const;

 private:
  std::vector<std::string> origins_;
};

}  // namespace wildnout::api
