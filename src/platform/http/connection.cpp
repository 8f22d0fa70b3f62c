// Reading, refusing, handing to the handler, writing.
#include "platform/http/connection.hpp"

#include <array>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/write.hpp>
#include <ctime>
#include <exception>

#include "platform/http/answer.hpp"
#include "platform/http/client_address.hpp"
#include "platform/http/core.hpp"
#include "platform/log/log.hpp"
#include "platform/values/uuid.hpp"

namespace wildnout::http {

namespace asio = boost::asio;
using boost::system::error_code;

namespace {

// What is read away from a refused client, at most.
constexpr std::size_t most_lingering_bytes = 64 * 1024 * 1024;
constexpr std::size_t write_bytes_per_second = 16 * 1024;

const Fault* judge_upgrade(const Request& request) {
  const auto version = request.header("Sec-WebSocket-Version");
  if (!version || *version != "13") return &websocket_version_refused;
  const auto key = request.header("Sec-WebSocket-Key");
  return key && is_websocket_key(*key) ? nullptr : &bad_websocket_key;
}

}  // namespace

// The parser's findings as handlers see them.
class ReceivedRequest final : public Request {
 public:
  explicit ReceivedRequest(const RequestParser& parser) : parser_{parser} {}

  const char* base = nullptr;

  [[nodiscard]] std::optional<std::string_view> header(std::string_view name) const override {
    return parser_.header(base, name);
  }

 private:
  const RequestParser& parser_;
};

Connection::Connection(std::shared_ptr<Core> core, Socket socket, asio::ip::address remote)
    : core_{std::move(core)}, socket_{std::move(socket)}, peer_{unmapped(remote)} {
  enter(Phase::idle, core_->limits.head_time);
  core_->connections.push_back(*this);
}

Connection::~Connection() {
  if (is_linked()) core_->connections.erase(core_->connections.iterator_to(*this));
}

Task<> Connection::serve(std::unique_ptr<Connection> connection) {
  co_await connection->serve_all();
}

void Connection::check_time() {
  bool is_late = core_->now >= deadline_;
  if (phase_ == Phase::body && core_->now - body_since_ >= core_->limits.body_grace) {
    const std::chrono::duration<double> spent = core_->now - body_since_;
    is_late |= static_cast<double>(body_received_) <
               spent.count() * static_cast<double>(core_->limits.body_bytes_per_second);
  }
  if (is_late) end();
}

void Connection::end_if_idle() {
  if (is_at_rest()) end();
}

// Idle, with no request that the kernel has received and we have not yet read.
bool Connection::is_at_rest() const {
  error_code ignored;
  return phase_ == Phase::idle && socket_.available(ignored) == 0;
}

void Connection::end() {
  // The wait ends with operation_aborted, and its coroutine knows by the phase what to do. Only
  // that: a wait that has just succeeded goes on and meets the next sweep.
  error_code ignored;
  socket_.cancel(ignored);
}

void Connection::enter(Phase phase, std::chrono::milliseconds limit) {
  phase_ = phase;
  deadline_ = core_->now + limit;
}

// The way of a usual request has no coroutine of ours but this one and the handler's: each frame
// and resumption costs about 40 ns.
Task<> Connection::serve_all() {
  for (;;) {
    while (!advance_head()) {
      if (core_->is_draining && is_at_rest()) co_return;
      if (!co_await receive_more(buffer_.size() + ReadBuffer::resident_bytes)) co_return;
    }
    if (const Fault* fault = judge_head()) {
      co_await refuse(*fault);
      co_return;
    }
    if (!has_whole_body() && !co_await receive_body()) co_return;

    ReceivedRequest request{exchange_->parser};
    fill(request);
    if (asks_for_websocket(request)) {
      if (const Fault* fault = judge_upgrade(request)) {
        co_await refuse(*fault);
      } else {
        hand_over(request);
      }
      co_return;
    }
    // A read may succeed just before the server is destroyed: then nobody is left to answer.
    if (core_->handler == nullptr) co_return;
    phase_ = Phase::handler;
    deadline_ = TimePoint::max();
    Response response;
    try {
      response = co_await core_->handler->answer(request);
    } catch (const std::exception& fault) {
      response = answer_to_fault(fault);
    }
    if (core_->handler == nullptr) co_return;
    const bool keeps_alive =
        exchange_->parser.keeps_alive() && !response.close && !core_->is_draining;
    const std::string_view rest = write(response, keeps_alive);
    error_code error;
    if (rest.empty()) {
      co_await asio::async_write(socket_, asio::buffer(exchange_->out),
                                 asio::redirect_error(use_task, error));
    } else {
      const std::array<asio::const_buffer, 2> buffers{asio::buffer(exchange_->out),
                                                      asio::buffer(rest)};
      co_await asio::async_write(socket_, buffers, asio::redirect_error(use_task, error));
    }
    if (error) co_return;
    buffer_.consume(exchange_->parser.head_size() + body_in_buffer_);
    finish_exchange();
    if (!keeps_alive) {
      if (buffer_.size() > 0) co_await linger();
      co_return;
    }
  }
}

// True: the head is there, or refused (judge_head tells). False: more bytes are needed.
bool Connection::advance_head() {
  // An empty line or two before a request is tolerated (RFC 9112 section 2.2).
  while (buffer_.size() >= 2 && buffer_.data()[0] == '\r' && buffer_.data()[1] == '\n') {
    buffer_.consume(2);
  }
  if (buffer_.size() == 0) {
    buffer_.shrink();
    return false;
  }
  if (!exchange_) exchange_ = core_->take_exchange();
  const auto verdict = exchange_->parser.parse_head(buffer_.data(), buffer_.size());
  has_head_ = verdict == RequestParser::Verdict::complete;
  if (verdict == RequestParser::Verdict::more && phase_ == Phase::idle) {
    enter(Phase::head, core_->limits.head_time);
  }
  return verdict != RequestParser::Verdict::more;
}

const Fault* Connection::judge_head() {
  if (!has_head_) return &exchange_->parser.fault();
  choose_request_id();
  is_head_request_ = exchange_->parser.method() == Method::head;
  target_ = split_target(exchange_->parser.method(), exchange_->parser.target().in(buffer_.data()));
  return target_ ? nullptr : &malformed_target;
}

bool Connection::has_whole_body() {
  const RequestParser& parser = exchange_->parser;
  body_in_buffer_ = 0;
  if (parser.is_chunked()) return false;
  const std::uint64_t length = parser.content_length().value_or(0);
  if (length > core_->limits.body_bytes || parser.head_size() + length > buffer_.size()) {
    return false;
  }
  body_in_buffer_ = static_cast<std::size_t>(length);
  return true;
}

bool Connection::asks_for_websocket(const ReceivedRequest& request) const {
  const RequestParser& parser = exchange_->parser;
  if (!parser.asks_for_upgrade() || !parser.is_http11() || parser.method() != Method::get) {
    return false;
  }
  const auto upgrade = request.header("Upgrade");
  return upgrade && lists_token(*upgrade, "websocket");
}

Task<bool> Connection::receive_more(std::size_t wanted) {
  const std::span<char> room = buffer_.room(wanted);
  error_code error;
  const std::size_t read = co_await socket_.async_read_some(asio::buffer(room.data(), room.size()),
                                                            asio::redirect_error(use_task, error));
  if (error) {
    const bool is_waited_for = phase_ == Phase::head || phase_ == Phase::body;
    if (error == asio::error::operation_aborted && is_waited_for && core_->handler != nullptr) {
      co_await refuse(head_too_slow);
    }
    co_return false;
  }
  buffer_.commit(read);
  core_->counts.received_bytes += static_cast<double>(read);
  co_return true;
}

// Answers a fault and ends the connection: always false, so that callers can return it.
Task<bool> Connection::refuse(const Fault& fault) {
  ++core_->counts.refused;
  if (!has_head_) {
    choose_request_id();
    is_head_request_ = false;
    target_.reset();
  }
  Response response;
  response.status = fault.status;
  response.body = error_body(fault, exchange_->request_id);
  if (&fault == &websocket_version_refused) {
    response.headers = "Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n";
  } else if (&fault == &connect_refused) {
    response.headers = "Allow: GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS\r\n";
  }
  log::debug(
      "request refused",
      {{"status", fault.status}, {"reason", fault.message}, {"requestId", exchange_->request_id}});
  write(response, false);
  error_code error;
  co_await asio::async_write(socket_, asio::buffer(exchange_->out),
                             asio::redirect_error(use_task, error));
  if (!error) co_await linger();
  co_return false;
}

// Writes the answer into the exchange, returns what is to be sent behind it; begins the time that
// the client has to take it.
std::string_view Connection::write(Response& response, bool keeps_alive) {
  Envelope envelope;
  const bool is_page = response.content_type.starts_with("text/html");
  envelope.common_lines = core_->common_lines.at(std::time(nullptr), is_page);
  envelope.request_id = exchange_->request_id;
  envelope.has_no_body = is_head_request_;
  envelope.keeps_alive = keeps_alive;
  std::string traceparent;
  if (has_head_) {
    envelope.is_http11 = exchange_->parser.is_http11();
    if (const auto received = header("traceparent")) traceparent = answer_traceparent(*received);
    envelope.accept_encoding = header("Accept-Encoding").value_or("");
  }
  envelope.traceparent = traceparent;
  exchange_->out.clear();
  const std::string_view rest = write_answer(response, envelope, core_->compressor, exchange_->out);
  const std::size_t size = exchange_->out.size() + rest.size();
  enter(Phase::writing, core_->limits.write_time);
  deadline_ += std::chrono::seconds{size / write_bytes_per_second};
  core_->counts.sent_bytes += static_cast<double>(size);
  if (log::is_on(log::Level::debug)) {
    const std::string client = has_head_ ? client_address().to_string() : peer_.to_string();
    log::debug("answered", {{"path", target_ ? target_->path : std::string_view{}},
                            {"status", response.status},
                            {"client", client},
                            {"requestId", exchange_->request_id}});
  }
  return rest;
}

Response Connection::answer_to_fault(const std::exception& fault) const {
  log::error(
      "handler threw",
      {{"path", target_->path}, {"what", fault.what()}, {"requestId", exchange_->request_id}});
  Response response;
  response.status = internal_fault.status;
  response.body = error_body(internal_fault, exchange_->request_id);
  return response;
}

// A close with unread bytes would reset the connection, and the client would lose our answer.
Task<> Connection::linger() {
  enter(Phase::lingering, core_->limits.linger_time);
  error_code error;
  socket_.shutdown(asio::socket_base::shutdown_send, error);
  std::size_t total = 0;
  while (!error && total < most_lingering_bytes) {
    buffer_.consume(buffer_.size());
    const std::span<char> room = buffer_.room(1);
    total += co_await socket_.async_read_some(asio::buffer(room.data(), room.size()),
                                              asio::redirect_error(use_task, error));
  }
}

void Connection::hand_over(const ReceivedRequest& request) {
  const std::size_t used = exchange_->parser.head_size() + body_in_buffer_;
  const auto text_of = [&](std::string_view name) {
    return std::string{request.header(name).value_or("")};
  };
  Upgrade upgrade{std::move(socket_),
                  std::string{buffer_.data() + used, buffer_.size() - used},
                  text_of("Sec-WebSocket-Key"),
                  text_of("Sec-WebSocket-Protocol"),
                  text_of("Sec-WebSocket-Extensions"),
                  std::string{request.target},
                  text_of("Origin"),
                  std::move(exchange_->request_id),
                  text_of("User-Agent"),
                  request.remote};
  core_->connections.erase(core_->connections.iterator_to(*this));
  finish_exchange();
  core_->handler->upgrade(std::move(upgrade));
}

void Connection::fill(ReceivedRequest& request) {
  const RequestParser& parser = exchange_->parser;
  request.base = buffer_.data();
  request.method = parser.method();
  request.target = parser.target().in(request.base);
  // Again: reading the body may have moved the buffer.
  target_ = split_target(request.method, request.target);
  request.path = target_->path;
  request.query = target_->query;
  request.body = parser.is_chunked()
                     ? std::string_view{exchange_->decoded_body}
                     : std::string_view{request.base + parser.head_size(), body_in_buffer_};
  request.request_id = exchange_->request_id;
  request.remote = client_address();
}

// Of the request whose head is there.
asio::ip::address Connection::client_address() const {
  const auto& proxies = core_->surroundings.trusted_proxies;
  if (proxies.empty()) return peer_;
  ClientWalk walk{peer_, proxies};
  const auto& fields = exchange_->parser.fields();
  for (auto field = fields.rbegin(); field != fields.rend() && !walk.is_over(); ++field) {
    if (!same_word(field->name.in(buffer_.data()), "X-Forwarded-For")) continue;
    walk.read(field->value.in(buffer_.data()));
  }
  return walk.client();
}

void Connection::choose_request_id() {
  if (!exchange_) exchange_ = core_->take_exchange();
  exchange_->request_id.clear();
  if (has_head_) {
    const auto sent = header("X-Request-Id");
    if (sent && is_sane_request_id(*sent)) {
      exchange_->request_id = *sent;
      return;
    }
  }
  Uuid::make().append_to(exchange_->request_id);
}

void Connection::finish_exchange() {
  has_head_ = false;
  if (exchange_) core_->give_back(std::move(exchange_));
  exchange_.reset();
  enter(Phase::idle, core_->limits.idle_time);
}

std::optional<std::string_view> Connection::header(std::string_view name) const {
  return exchange_->parser.header(buffer_.data(), name);
}

}  // namespace wildnout::http
