// Names of methods, and the metrics of a route.
#include "platform/api/route.hpp"

namespace wildnout::api {

std::string_view text_of(http::Method method) {
  switch (method) {
    case http::Method::get:
      return "GET";
    case http::Method::head:
      return "HEAD";
    case http::Method::post:
      return "POST";
    case http::Method::put:
      return "PUT";
    case http::Method::patch:
      return "PATCH";
    case http::Method::del:
      return "DELETE";
    case http::Method::options:
      return "OPTIONS";
    case http::Method::other:
      return "";
  }
  return "";
}

RouteMetrics::RouteMetrics(std::string_view method, std::string_view pattern) {
  const std::string route{pattern};
  const std::string verb{method};
  for (std::size_t i = 0; i < by_class.size(); ++i) {
    by_class[i] = &metrics::counter(
        "wildnout_http_requests_total", "Answered requests by route, method and class of status",
        {{"route", route}, {"method", verb}, {"status", std::to_string(i + 1) + "xx"}});
  }
  duration = &metrics::histogram("wildnout_http_request_duration_seconds",
                                 "From the request's arrival at the router to its answer",
                                 {{"route", route}, {"method", verb}});
}

}  // namespace wildnout::api
