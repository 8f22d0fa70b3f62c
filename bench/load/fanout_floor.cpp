// The least that fan-out can cost: a loop of plain send() of ready bytes to every socket.
//
//   fanout_floor PORT THREADS PAYLOAD_BYTES
//
// Takes the sockets of wsload (answering its handshake and nothing else), deals them to THREADS
// threads, and on POST {"count","intervalMs"} sends that many text frames of exactly PAYLOAD_BYTES
// to each: frame once for a message and thread, then one blocking send() for a socket.
#include <thread>

#include "processes.hpp"
#include "sockets.hpp"

namespace {

constexpr size_t max_request_bytes = 16 * 1024;
constexpr int listen_backlog = 4096;

struct Order {
  long count = 0;
  double interval_ms = 0;
};

std::string message(long sequence, size_t payload_bytes) {
  std::string text = "{\"type\":\"floor\",\"data\":{\"seq\":" + std::to_string(sequence) +
                     ",\"t\":" + std::to_string(now_ns()) + ",\"pad\":\"";
  if (text.size() + 3 < payload_bytes) text.append(payload_bytes - text.size() - 3, 'x');
  return text + "\"}}";
}

void send_to_all(const std::vector<int>& sockets, Order order, size_t payload_bytes) {
  const int64_t start = now_ns();
  for (long i = 0; i < order.count; i++) {
    const int64_t wait = start + int64_t(double(i) * order.interval_ms * 1e6) - now_ns();
    if (wait > 0) {
      const timespec time{wait / 1'000'000'000, wait % 1'000'000'000};
      nanosleep(&time, nullptr);
    }
    const std::string frame = text_frame(message(i, payload_bytes));
    for (const int fd : sockets) (void)send(fd, frame.data(), frame.size(), MSG_NOSIGNAL);
  }
}

// The head and what has come of the body; empty when the peer left.
std::string read_request(int fd) {
  std::string request;
  char bytes[4096];
  while (request.find("\r\n\r\n") == std::string::npos && request.size() < max_request_bytes) {
    const ssize_t got = read(fd, bytes, sizeof bytes);
    if (got <= 0) return "";
    request.append(bytes, size_t(got));
  }
  return request;
}

double number_after(const std::string& text, const std::string& name) {
  const size_t at = text.find(name);
  return at == std::string::npos ? 0 : std::strtod(text.c_str() + at + name.size(), nullptr);
}

// Serves the connection that posts orders until it closes.
void serve_orders(int fd, std::string request, const std::vector<std::vector<int>>& shares,
                  size_t payload_bytes) {
  for (; !request.empty(); request = read_request(fd)) {
    const Order order{long(number_after(request, "\"count\":")),
                      number_after(request, "\"intervalMs\":")};
    std::vector<std::thread> threads;
    for (const auto& share : shares)
      threads.emplace_back(send_to_all, std::cref(share), order, payload_bytes);
    for (auto& thread : threads) thread.join();
    const std::string answer = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}";
    send_all(fd, answer.data(), answer.size());
  }
}

int listen_on(uint16_t port) {
  const int fd = socket(AF_INET, SOCK_STREAM, 0), on = 1;
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (bind(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) < 0 ||
      listen(fd, listen_backlog) < 0)
    fail("cannot listen");
  return fd;
}

}  // namespace

int main(int count, char** words) {
  if (count != 4) fail("usage: fanout_floor PORT THREADS PAYLOAD_BYTES");
  raise_descriptor_limit();
  const int listener = listen_on(uint16_t(std::atoi(words[1])));
  std::vector<std::vector<int>> shares(size_t(std::max(1, std::atoi(words[2]))));
  const auto payload_bytes = size_t(std::atoi(words[3]));
  const std::string upgrade =
      "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"
      "Connection: Upgrade\r\nSec-WebSocket-Accept: " +
      sample_accept + "\r\n\r\n";
  for (size_t accepted = 0;;) {
    const int fd = accept(listener, nullptr, nullptr), on = 1;
    if (fd < 0) continue;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    const std::string request = read_request(fd);
    if (request.starts_with("POST ")) {
      serve_orders(fd, request, shares, payload_bytes);
    } else if (request.starts_with("GET /ws")) {
      send_all(fd, upgrade.data(), upgrade.size());
      shares[accepted++ % shares.size()].push_back(fd);
      continue;
    } else if (!request.empty()) {
      const std::string answer = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
      send_all(fd, answer.data(), answer.size());
    }
    close(fd);
  }
}
