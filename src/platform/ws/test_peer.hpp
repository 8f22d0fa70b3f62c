// A WebSocket client for tests: blocking, speaks frames as they are, also wrong ones.
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>
#include <zlib.h>

#include <boost/json.hpp>
#include <chrono>
#include <cstdint>
#include <cstring>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

namespace wildnout::ws::test {

namespace json = boost::json;
using Clock = std::chrono::steady_clock;

// What has not come by then will not come.
constexpr std::chrono::milliseconds longest_wait = std::chrono::seconds{30};

struct Frame {
  unsigned opcode = 0;
  bool is_deflated = false;
  std::string payload;
};

struct Closed {
  unsigned code = 0;  // 0: the connection ended without a close frame
  std::string reason;
};

inline std::string inflated(std::string payload) {
  payload.append("\x00\x00\xff\xff", 4);
  z_stream stream{};
  if (inflateInit2(&stream, -15) != Z_OK) throw std::runtime_error{"inflateInit2"};
  std::string out(4 * 1024 * 1024, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(payload.data());
  stream.avail_in = static_cast<uInt>(payload.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  const int result = ::inflate(&stream, Z_SYNC_FLUSH);
  out.resize(out.size() - stream.avail_out);
  inflateEnd(&stream);
  if (result != Z_OK) throw std::runtime_error{"not deflated data"};
  return out;
}

inline std::string deflated(std::string_view text) {
  z_stream stream{};
  if (deflateInit2(&stream, 6, Z_DEFLATED, -15, 8, Z_DEFAULT_STRATEGY) != Z_OK) {
    throw std::runtime_error{"deflateInit2"};
  }
  std::string out(text.size() + 1024, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  ::deflate(&stream, Z_SYNC_FLUSH);
  out.resize(out.size() - stream.avail_out - 4);
  deflateEnd(&stream);
  return out;
}

// A client frame: masked unless asked otherwise.
inline std::string client_frame(unsigned opcode, std::string_view payload, bool is_final = true,
                                bool is_deflated = false, bool is_masked = true) {
  std::string out;
  out.push_back(static_cast<char>((is_final ? 0x80u : 0u) | (is_deflated ? 0x40u : 0u) | opcode));
  const unsigned mask_bit = is_masked ? 0x80u : 0u;
  const auto put = [&out](std::uint64_t value, int bytes) {
    for (int i = bytes - 1; i >= 0; --i) out.push_back(static_cast<char>(value >> (8 * i)));
  };
  if (payload.size() < 126) {
    out.push_back(static_cast<char>(mask_bit | payload.size()));
  } else if (payload.size() <= 0xFFFF) {
    out.push_back(static_cast<char>(mask_bit | 126u));
    put(payload.size(), 2);
  } else {
    out.push_back(static_cast<char>(mask_bit | 127u));
    put(payload.size(), 8);
  }
  if (!is_masked) return out.append(payload);
  constexpr std::string_view mask = "\x11\x22\x33\x44";
  out += mask;
  for (std::size_t i = 0; i < payload.size(); ++i) {
    out.push_back(static_cast<char>(payload[i] ^ mask[i % 4]));
  }
  return out;
}

class Peer {
 public:
  explicit Peer(int socket) : socket_{socket} {}
  Peer(Peer&& other) noexcept
      : socket_{std::exchange(other.socket_, -1)},
        buffer_{std::move(other.buffer_)},
        answers_pings_{other.answers_pings_},
        pings_{other.pings_} {}
  Peer& operator=(Peer&&) = delete;
  ~Peer() { hang_up(); }

  void hang_up() {
    if (socket_ >= 0) ::close(std::exchange(socket_, -1));
  }
  void ignore_pings() { answers_pings_ = false; }
  [[nodiscard]] int pings() const { return pings_; }
  [[nodiscard]] int socket() const { return socket_; }

  void send_bytes(std::string_view bytes) {
    while (!bytes.empty()) {
      const ssize_t count = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (count <= 0) return;  // closed by the server; what it says is still read
      bytes.remove_prefix(static_cast<std::size_t>(count));
    }
  }
  void say(std::string_view text) { send_bytes(client_frame(1, text)); }

  // The head of the handshake's answer.
  std::string read_head() {
    while (buffer_.find("\r\n\r\n") == std::string::npos) {
      if (!fill()) throw std::runtime_error{"no handshake: " + buffer_};
    }
    const std::size_t end = buffer_.find("\r\n\r\n") + 4;
    std::string head = buffer_.substr(0, end);
    buffer_.erase(0, end);
    return head;
  }

  // The next frame, pings answered and left out; nothing at the end or when none comes in time.
  std::optional<Frame> next_frame(std::chrono::milliseconds patience = longest_wait) {
    const auto until = Clock::now() + patience;
    while (true) {
      if (auto frame = take_frame()) {
        if (frame->opcode != 9) return frame;
        ++pings_;
        if (answers_pings_) send_bytes(client_frame(10, frame->payload));
        continue;
      }
      if (!fill(std::chrono::ceil<std::chrono::milliseconds>(until - Clock::now()))) {
        return std::nullopt;
      }
    }
  }

  // The text of the next message, which must come.
  std::string next_text(std::chrono::milliseconds patience = longest_wait) {
    auto frame = next_frame(patience);
    if (!frame) throw std::runtime_error{"no message came"};
    if (frame->opcode != 1) {
      throw std::runtime_error{"not a text frame but " + std::to_string(frame->opcode) + " " +
                               frame->payload};
    }
    return frame->is_deflated ? inflated(std::move(frame->payload)) : std::move(frame->payload);
  }
  json::object next(std::chrono::milliseconds patience = longest_wait) {
    return json::parse(next_text(patience)).as_object();
  }
  // Skips messages until one of that type.
  json::object next_of(std::string_view type) {
    while (true) {
      auto message = next();
      if (message.at("type").as_string() == json::string_view{type.data(), type.size()}) {
        return message;
      }
    }
  }
  bool is_quiet(std::chrono::milliseconds patience = std::chrono::milliseconds{100}) {
    return !next_frame(patience);
  }

  // Reads until the close frame and the end behind it.
  Closed wait_for_close(std::chrono::milliseconds patience = longest_wait) {
    Closed closed;
    while (auto frame = next_frame(patience)) {
      if (frame->opcode != 8 || frame->payload.size() < 2) continue;
      closed.code = static_cast<unsigned>(static_cast<std::uint8_t>(frame->payload[0])) << 8 |
                    static_cast<std::uint8_t>(frame->payload[1]);
      closed.reason = frame->payload.substr(2);
    }
    if (!is_ended_) throw std::runtime_error{"the connection is still open"};
    return closed;
  }

 private:
  bool fill(std::chrono::milliseconds patience = longest_wait) {
    if (is_ended_) return false;
    pollfd waited{socket_, POLLIN, 0};
    if (::poll(&waited, 1, static_cast<int>(std::max<std::int64_t>(patience.count(), 0))) <= 0) {
      return false;
    }
    char bytes[16 * 1024];
    const ssize_t count = ::recv(socket_, bytes, sizeof bytes, 0);
    if (count <= 0) is_ended_ = true;
    if (count > 0) buffer_.append(bytes, static_cast<std::size_t>(count));
    return count > 0;
  }

  std::optional<Frame> take_frame() {
    const auto byte = [this](std::size_t at) { return static_cast<std::uint8_t>(buffer_[at]); };
    if (buffer_.size() < 2) return std::nullopt;
    std::size_t header = 2;
    std::uint64_t length = byte(1) & 0x7F;
    if ((byte(1) & 0x80) != 0) throw std::runtime_error{"the server masked a frame"};
    const std::size_t extra = length == 126 ? 2 : (length == 127 ? 8 : 0);
    if (extra > 0) {
      header += extra;
      if (buffer_.size() < header) return std::nullopt;
      length = 0;
      for (std::size_t i = 2; i < header; ++i) length = length << 8 | byte(i);
    }
    if (buffer_.size() < header + length) return std::nullopt;
    Frame frame{byte(0) & 0x0Fu, (byte(0) & 0x40) != 0, buffer_.substr(header, length)};
    buffer_.erase(0, header + length);
    return frame;
  }

  int socket_;
  std::string buffer_;
  bool answers_pings_ = true;
  bool is_ended_ = false;
  int pings_ = 0;
};

}  // namespace wildnout::ws::test
