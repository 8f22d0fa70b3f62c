// Reading a request's body: of a known length, or in chunks.
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/write.hpp>

#include "platform/http/connection.hpp"
#include "platform/http/core.hpp"

namespace wildnout::http {

namespace asio = boost::asio;
using boost::system::error_code;

Task<bool> Connection::receive_body() {
  const RequestParser& parser = exchange_->parser;
  body_received_ = 0;
  enter(Phase::body, core_->limits.body_time);
  body_since_ = core_->now;
  if (parser.is_chunked()) return receive_chunks();
  return receive_sized_body(parser.content_length().value_or(0));
}

Task<bool> Connection::receive_sized_body(std::uint64_t length) {
  if (length > core_->limits.body_bytes) co_return co_await refuse(body_too_large);
  const std::size_t total = exchange_->parser.head_size() + static_cast<std::size_t>(length);
  if (exchange_->parser.expects_continue() && !co_await send_continue()) co_return false;
  while (buffer_.size() < total) {
    body_received_ = buffer_.size() - exchange_->parser.head_size();
    if (!co_await receive_more(total)) co_return false;
  }
  body_in_buffer_ = static_cast<std::size_t>(length);
  co_return true;
}

Task<bool> Connection::receive_chunks() {
  RequestParser& parser = exchange_->parser;
  bool may_expect = parser.expects_continue();
  for (;;) {
    std::size_t taken = 0;
    const std::string_view bytes{buffer_.data() + parser.head_size(),
                                 buffer_.size() - parser.head_size()};
    const auto verdict = parser.parse_chunks(bytes, taken, exchange_->decoded_body);
    buffer_.erase(parser.head_size(), taken);
    body_received_ += taken;
    if (verdict == RequestParser::Verdict::complete) co_return true;
    if (verdict == RequestParser::Verdict::fault) co_return co_await refuse(parser.fault());
    if (may_expect && body_received_ == 0 && !co_await send_continue()) co_return false;
    may_expect = false;
    if (!co_await receive_more(buffer_.size() + core_->limits.head_bytes)) co_return false;
  }
}

Task<bool> Connection::send_continue() {
  static constexpr std::string_view line = "HTTP/1.1 100 Continue\r\n\r\n";
  error_code error;
  co_await asio::async_write(socket_, asio::buffer(line), asio::redirect_error(use_task, error));
  co_return !error;
}

}  // namespace wildnout::http
