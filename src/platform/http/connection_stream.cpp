// Sending a body that is made while it is sent.
#include <array>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/write.hpp>
#include <charconv>

#include "platform/http/connection.hpp"
#include "platform/http/core.hpp"
#include "platform/log/log.hpp"

namespace wildnout::http {

namespace asio = boost::asio;
using boost::system::error_code;

namespace {

constexpr std::size_t slowest_taking_bytes_per_second = 16 * 1024;

// "3e8\r\n" (RFC 9112 section 7.1).
std::string chunk_head(std::size_t size) {
  std::array<char, 2 * sizeof size> digits{};
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), size, 16).ptr;
  return std::string{digits.data(), end}.append("\r\n");
}

}  // namespace

Task<bool> Connection::stream(BodySource& source) {
  const bool is_chunked = exchange_->parser.is_http11();
  std::string piece;
  for (bool has_more = true; has_more;) {
    phase_ = Phase::handler;
    deadline_ = TimePoint::max();
    piece.clear();
    try {
      has_more = co_await source.next(piece);
    } catch (const std::exception& fault) {
      log::warn("an answer was cut off",
                {{"what", fault.what()}, {"requestId", exchange_->request_id}});
      // A reset, for HTTP/1.0, where a plain end would look like the end of the body.
      error_code ignored;
      if (!is_chunked) socket_.set_option(asio::socket_base::linger{true, 0}, ignored);
      co_return false;
    }
    if (core_->handler == nullptr) co_return false;
    std::string head;
    std::string tail;
    if (is_chunked && !piece.empty()) head = chunk_head(piece.size());
    if (is_chunked && !piece.empty()) tail = "\r\n";
    if (is_chunked && !has_more) tail.append("0\r\n\r\n");
    enter(Phase::writing, core_->limits.write_time);
    deadline_ += std::chrono::seconds{piece.size() / slowest_taking_bytes_per_second};
    const std::array<asio::const_buffer, 3> buffers{asio::buffer(head), asio::buffer(piece),
                                                    asio::buffer(tail)};
    error_code error;
    const std::size_t sent =
        co_await asio::async_write(socket_, buffers, asio::redirect_error(use_task, error));
    core_->counts.sent_bytes += static_cast<double>(sent);
    if (error) co_return false;
  }
  co_return true;
}

}  // namespace wildnout::http
