// The pool of exchanges, the sweep and the metrics of a server.
#include "platform/http/core.hpp"

#include <utility>

namespace wildnout::http {
namespace {

// The idle pool is 3 MB at most: an exchange has 2 KB of fields and two strings.
constexpr std::size_t most_spare_exchanges = 256;
// Strings beyond this are given back instead of being kept for the next request.
constexpr std::size_t largest_kept_string_bytes = 4 * 1024;

void recycle(std::string& text) {
  if (text.capacity() > largest_kept_string_bytes) {
    text = {};
  } else {
    text.clear();
  }
}

}  // namespace

Core::Core(Executor executor_, Handler& handler_, Limits limits_, Surroundings surroundings_)
    : executor{executor_},
      handler{&handler_},
      limits{limits_},
      surroundings{std::move(surroundings_)},
      open_gauge_{metrics::gauge("wildnout_http_connections", "Open HTTP connections")},
      accepted_counter_{
          metrics::counter("wildnout_http_connections_total", "HTTP connections accepted")},
      received_counter_{
          metrics::counter("wildnout_http_received_bytes_total", "Bytes read from HTTP clients")},
      sent_counter_{
          metrics::counter("wildnout_http_sent_bytes_total", "Bytes written to HTTP clients")},
      refused_counter_{metrics::counter("wildnout_http_refused_requests_total",
                                        "Requests refused before any handler saw them")} {}

std::unique_ptr<Exchange> Core::take_exchange() {
  if (spare.empty()) return std::make_unique<Exchange>(limits);
  auto exchange = std::move(spare.back());
  spare.pop_back();
  return exchange;
}

void Core::give_back(std::unique_ptr<Exchange> exchange) {
  if (spare.size() >= most_spare_exchanges) return;
  exchange->parser.reset();
  recycle(exchange->decoded_body);
  recycle(exchange->out);
  spare.push_back(std::move(exchange));
}

void Core::sweep() {
  now = std::chrono::steady_clock::now();
  for (Connection& connection : connections) connection.check_time();
  const auto open = static_cast<double>(connections.size());
  open_gauge_.add(open - shown_open_);
  shown_open_ = open;
  accepted_counter_.add(counts.accepted);
  received_counter_.add(counts.received_bytes);
  sent_counter_.add(counts.sent_bytes);
  refused_counter_.add(counts.refused);
  counts = {};
}

}  // namespace wildnout::http
