// What the connections of one server share, and what they borrow while a request is under way.
#pragma once

#include <boost/intrusive/list.hpp>
#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "platform/http/compression.hpp"
#include "platform/http/connection.hpp"
#include "platform/http/date.hpp"
#include "platform/http/parser.hpp"
#include "platform/http/server.hpp"
#include "platform/metrics/metrics.hpp"

namespace wildnout::http {

// What is needed while a request is under way, and not by an idle connection. Pooled.
struct Exchange {
  explicit Exchange(const Limits& limits)
      : parser{{limits.head_bytes, limits.target_bytes, limits.header_fields, limits.body_bytes}} {}

  RequestParser parser;
  std::string decoded_body;  // of chunks
  std::string out;
  std::string request_id;
};

// What the connections of one server share. Held by the server and by each connection's coroutine,
// which may outlive the server while a handler is still at work.
struct Core {
  Core(Executor executor_, Handler& handler_, Limits limits_, Surroundings surroundings_);

  [[nodiscard]] std::unique_ptr<Exchange> take_exchange();
  void give_back(std::unique_ptr<Exchange> exchange);
  // Ends what is past its time and brings the metrics up to date. Every `sweep_interval`.
  void sweep();

  static constexpr std::chrono::milliseconds sweep_interval{250};

  Executor executor;
  Handler* handler;  // null once the server is gone
  const Limits limits;
  const Surroundings surroundings;
  boost::intrusive::list<Connection> connections;
  // As of the last sweep: deadlines need no better clock, and no system call.
  std::chrono::steady_clock::time_point now = std::chrono::steady_clock::now();
  bool is_draining = false;
  std::vector<std::unique_ptr<Exchange>> spare;
  Compressor compressor{on_its_way};
  CommonLines common_lines{surroundings};

  // Counted here and added to the process's metrics by the sweep: those are atomics.
  struct Counts {
    double received_bytes = 0;
    double sent_bytes = 0;
    double accepted = 0;
    double refused = 0;
  } counts;

 private:
  metrics::Gauge& open_gauge_;
  metrics::Counter& accepted_counter_;
  metrics::Counter& received_counter_;
  metrics::Counter& sent_counter_;
  metrics::Counter& refused_counter_;
  double shown_open_ = 0;
};

}  // namespace wildnout::http
