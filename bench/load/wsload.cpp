// Opens N WebSockets, makes the server broadcast, counts what arrives; prints one JSON object.
//
//   wsload --port P --path '/ws?token=%TOKEN%' --tokens FILE -n N --post PATH
//          --phase NAME:MESSAGES:INTERVAL_MS [--phase …] [--server-pid P] [--beside-pid P]
//
// One thread, epoll, no library. Each phase posts {"size","count","intervalMs"} and ends when every
// socket has every message, or after 60 s. A message counts when it holds "t":<ns>, the sender's
// CLOCK_MONOTONIC on this host. Sockets come from several loopback addresses, one user each.
#include <fcntl.h>
#include <sys/epoll.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>

#include "processes.hpp"
#include "sockets.hpp"

namespace {

constexpr int64_t phase_limit_ns = 60'000'000'000;
constexpr int64_t connect_limit_ns = 120'000'000'000;
constexpr int64_t settle_ns = 1'500'000'000;
constexpr int64_t max_dials_in_flight = 64;
constexpr size_t sockets_per_address = 2'000;
constexpr size_t read_bytes = 1 << 18;
constexpr uint32_t post_mark = UINT32_MAX;

struct Phase {
  std::string name;
  int64_t messages = 0;
  double interval_ms = 0;
};

struct Options {
  size_t sockets = 1000;
  uint16_t port = 0;
  int server_pid = 0;
  int beside_pid = 0;
  int message_bytes = 256;
  std::string path, post;
  std::vector<std::string> tokens{""};
  std::vector<Phase> phases;
};

struct Socket {
  enum class State { connecting, handshake, open, closed };
  int fd = -1;
  State state = State::connecting;
  std::string carried;  // bytes of a frame that has not arrived whole
};

// What one phase saw.
struct Tally {
  std::vector<uint32_t> latencies_us;
  int64_t payload_bytes = 0;
  int64_t first_sent_ns = 0;
  int64_t last_read_ns = 0;
};

class Load {
 public:
  explicit Load(const Options& options)
      : options_(options),
        epoll_(epoll_create1(0)),
        sockets_(options.sockets),
        buffer_(read_bytes) {}

  int run() {
    const Group server = Group::of(options_.server_pid);
    const double rss_before = server.rss_mib();
    const int64_t start = now_ns();
    connect_all();
    const double connect_s = double(now_ns() - start) / 1e9;
    for (const int64_t until = now_ns() + settle_ns; now_ns() < until;) pump(50);
    const double rss_open = server.rss_mib();
    std::printf(
        "{\"sockets\":%zu,\"failed\":%zu,\"connectsPerSecond\":%.0f,\"rssBeforeMib\":%.2f,"
        "\"rssOpenMib\":%.2f,\"kibPerSocket\":%.2f,\"phases\":[",
        opened_, failed_, double(opened_) / connect_s, rss_before, rss_open,
        (rss_open - rss_before) * 1024 / double(std::max<size_t>(1, opened_)));
    bool whole = failed_ == 0;
    open_post();
    for (size_t i = 0; i < options_.phases.size(); i++) {
      if (i) std::printf(",");
      whole = run_phase(options_.phases[i], server) && whole;
    }
    std::printf("],\"dropped\":%zu,\"rssPeakMib\":%.2f}\n", dropped_, server.rss_mib());
    return whole ? 0 : 1;
  }

 private:
  void connect_all() {
    size_t dialed = 0;
    const int64_t limit = now_ns() + connect_limit_ns;
    while (opened_ + failed_ < sockets_.size() && now_ns() < limit) {
      while (dialed < sockets_.size() &&
             int64_t(dialed - opened_ - failed_) < max_dials_in_flight) {
        const auto from = uint32_t(INADDR_LOOPBACK + 1 + dialed / sockets_per_address);
        sockets_[dialed].fd = dial(options_.port, from, SOCK_NONBLOCK);
        watch(sockets_[dialed].fd, uint32_t(dialed), EPOLLOUT, EPOLL_CTL_ADD);
        dialed++;
      }
      pump(100);
    }
    failed_ = sockets_.size() - opened_;
  }

  void open_post() {
    post_fd_ = dial(options_.port, INADDR_LOOPBACK, 0);
    fcntl(post_fd_, F_SETFL, O_NONBLOCK);
    watch(post_fd_, post_mark, EPOLLIN, EPOLL_CTL_ADD);
  }

  bool run_phase(const Phase& phase, const Group& server) {
    const Group beside = Group::of(options_.beside_pid);
    const int64_t expected = phase.messages * int64_t(opened_);
    tally_ = Tally{};
    tally_.latencies_us.reserve(size_t(expected));
    const double server_before = server.cpu_s(), beside_before = beside.cpu_s();
    const double own_before = own_cpu_s();
    post(phase);
    const int64_t limit =
        now_ns() + phase_limit_ns + int64_t(double(phase.messages) * phase.interval_ms * 1e6);
    while (int64_t(tally_.latencies_us.size()) < expected && now_ns() < limit) pump(50);
    print(phase, expected, server.cpu_s() - server_before, beside.cpu_s() - beside_before,
          own_cpu_s() - own_before);
    return int64_t(tally_.latencies_us.size()) == expected;
  }

  void print(const Phase& phase, int64_t expected, double server_s, double beside_s, double own_s) {
    auto& all = tally_.latencies_us;
    std::sort(all.begin(), all.end());
    const auto delivered = double(all.size());
    const double each = std::max(1.0, delivered);
    const double span_s = double(tally_.last_read_ns - tally_.first_sent_ns) / 1e9;
    const auto at = [&](double share) {
      const size_t i = std::min(all.size() - 1, size_t(share * delivered));
      return all.empty() ? 0.0 : all[i] / 1000.0;
    };
    std::printf(
        "{\"name\":\"%s\",\"expected\":%lld,\"delivered\":%.0f,\"payloadBytes\":%.0f,"
        "\"spanS\":%.3f,\"perSecond\":%.0f,\"p50Ms\":%.2f,\"p99Ms\":%.2f,"
        "\"serverUs\":%.3f,\"besideUs\":%.3f,\"clientUs\":%.3f}",
        phase.name.c_str(), static_cast<long long>(expected), delivered,
        double(tally_.payload_bytes) / each, span_s, span_s > 0 ? delivered / span_s : 0.0, at(0.5),
        at(0.99), server_s * 1e6 / each, beside_s * 1e6 / each, own_s * 1e6 / each);
  }

  void post(const Phase& phase) {
    char body[128];
    std::snprintf(body, sizeof body, "{\"size\":%d,\"count\":%lld,\"intervalMs\":%g}",
                  options_.message_bytes, static_cast<long long>(phase.messages),
                  phase.interval_ms);
    const std::string request = "POST " + options_.post +
                                " HTTP/1.1\r\nHost: 127.0.0.1:" + std::to_string(options_.port) +
                                "\r\nContent-Type: application/json\r\nContent-Length: " +
                                std::to_string(std::string(body).size()) + "\r\n\r\n" + body;
    send_all(post_fd_, request.data(), request.size());
  }

  void pump(int timeout_ms) {
    epoll_event events[512];
    const int ready = epoll_wait(epoll_, events, 512, timeout_ms);
    for (int i = 0; i < ready; i++) {
      const uint32_t mark = events[i].data.u32;
      if (mark == post_mark) {
        read_post_answer();
        continue;
      }
      Socket& socket = sockets_[mark];
      if (socket.state == Socket::State::connecting)
        start_handshake(socket, mark);
      else if (socket.state != Socket::State::closed)
        receive(socket);
    }
  }

  void read_post_answer() {
    for (ssize_t got; (got = read(post_fd_, buffer_.data(), buffer_.size())) > 0;) {
      const std::string_view text(buffer_.data(), size_t(got));
      if (text.starts_with("HTTP/1.1 ") && text[9] != '2')
        std::fprintf(stderr, "broadcast refused: %.*s\n", int(text.size()), text.data());
    }
  }

  void start_handshake(Socket& socket, uint32_t index) {
    std::string path = options_.path;
    if (const size_t at = path.find("%TOKEN%"); at != std::string::npos)
      path.replace(at, 7, options_.tokens[index % options_.tokens.size()]);
    const std::string request = "GET " + path +
                                " HTTP/1.1\r\nHost: 127.0.0.1:" + std::to_string(options_.port) +
                                "\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                                "Sec-WebSocket-Key: " +
                                sample_key +
                                "\r\n"
                                "Sec-WebSocket-Version: 13\r\n\r\n";
    if (!send_all(socket.fd, request.data(), request.size())) return drop(socket);
    socket.state = Socket::State::handshake;
    watch(socket.fd, index, EPOLLIN, EPOLL_CTL_MOD);
  }

  void receive(Socket& socket) {
    const ssize_t got = read(socket.fd, buffer_.data(), buffer_.size());
    if (got < 0 && errno == EAGAIN) return;
    if (got <= 0) return drop(socket);
    std::string_view bytes(buffer_.data(), size_t(got));
    if (!socket.carried.empty()) bytes = socket.carried.append(bytes);
    size_t used = 0;
    if (socket.state == Socket::State::handshake) {
      const size_t end = bytes.find("\r\n\r\n");
      if (end != std::string_view::npos) {
        if (!bytes.starts_with("HTTP/1.1 101")) return drop(socket);
        socket.state = Socket::State::open;
        opened_++;
        used = end + 4;
      }
    }
    if (socket.state == Socket::State::open) used += take_frames(socket, bytes.substr(used));
    socket.carried = std::string(bytes.substr(used));
  }

  // Returns the bytes of whole frames.
  size_t take_frames(Socket& socket, std::string_view bytes) {
    size_t used = 0;
    for (Frame frame; parse_frame(bytes.substr(used), frame); used += frame.whole_bytes) {
      if (frame.opcode == opcode_text) count(frame.payload);
      if (frame.opcode == opcode_ping) {
        const std::string pong = masked_pong(frame.payload);
        send_all(socket.fd, pong.data(), pong.size());
      }
    }
    return used;
  }

  void count(std::string_view payload) {
    const size_t at = payload.find("\"t\":");
    if (at == std::string_view::npos) return;
    const int64_t sent = std::strtoll(std::string(payload.substr(at + 4, 20)).c_str(), nullptr, 10);
    tally_.last_read_ns = now_ns();
    if (tally_.first_sent_ns == 0 || sent < tally_.first_sent_ns) tally_.first_sent_ns = sent;
    const int64_t late_us = (tally_.last_read_ns - sent) / 1000;
    tally_.latencies_us.push_back(uint32_t(std::max<int64_t>(0, late_us)));
    tally_.payload_bytes += int64_t(payload.size());
  }

  void drop(Socket& socket) {
    if (socket.state == Socket::State::open)
      dropped_++;
    else
      failed_++;
    socket.state = Socket::State::closed;
    close(socket.fd);
  }

  void watch(int fd, uint32_t mark, uint32_t events, int operation) const {
    epoll_event event{.events = events, .data = {.u32 = mark}};
    epoll_ctl(epoll_, operation, fd, &event);
  }

  const Options& options_;
  int epoll_;
  int post_fd_ = -1;
  std::vector<Socket> sockets_;
  std::vector<char> buffer_;
  Tally tally_;
  size_t opened_ = 0, failed_ = 0, dropped_ = 0;
};

Phase parse_phase(const std::string& text) {
  const size_t first = text.find(':'), second = text.find(':', first + 1);
  if (second == std::string::npos) fail("--phase is NAME:MESSAGES:INTERVAL_MS");
  return {text.substr(0, first), std::stoll(text.substr(first + 1)),
          std::stod(text.substr(second + 1))};
}

Options parse_options(int count, char** words) {
  Options options;
  for (int i = 1; i + 1 < count; i += 2) {
    const std::string key = words[i], value = words[i + 1];
    if (key == "-n")
      options.sockets = std::stoul(value);
    else if (key == "--port")
      options.port = uint16_t(std::stoi(value));
    else if (key == "--server-pid")
      options.server_pid = std::stoi(value);
    else if (key == "--beside-pid")
      options.beside_pid = std::stoi(value);
    else if (key == "--size")
      options.message_bytes = std::stoi(value);
    else if (key == "--path")
      options.path = value;
    else if (key == "--post")
      options.post = value;
    else if (key == "--tokens")
      options.tokens = read_last_words(value);
    else if (key == "--phase")
      options.phases.push_back(parse_phase(value));
    else
      fail("unknown option " + key);
  }
  return options;
}

}  // namespace

int main(int count, char** words) {
  const Options options = parse_options(count, words);
  raise_descriptor_limit();
  return Load(options).run();
}
