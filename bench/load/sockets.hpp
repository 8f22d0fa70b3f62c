// The few socket and WebSocket parts that the load programs share.
#pragma once

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <string>
#include <string_view>
#include <vector>

// The key of RFC 6455, section 1.3, and the answer that belongs to it.
inline const std::string sample_key = "dGhlIHNhbXBsZSBub25jZQ==";
inline const std::string sample_accept = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";

inline constexpr int opcode_text = 1;
inline constexpr int opcode_ping = 9;

[[noreturn]] inline void fail(const std::string& what) {
  std::fprintf(stderr, "%s\n", what.c_str());
  std::exit(2);
}

inline void raise_descriptor_limit() {
  rlimit limit;
  getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
}

// Connects to 127.0.0.1:port from the given address (host order); flags as for socket(2).
inline int dial(uint16_t port, uint32_t from, int flags) {
  const int fd = socket(AF_INET, SOCK_STREAM | flags, 0);
  const int on = 1;
  sockaddr_in source{}, target{};
  source.sin_family = target.sin_family = AF_INET;
  source.sin_addr.s_addr = htonl(from);
  target.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  target.sin_port = htons(port);
  setsockopt(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof on);
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  if (fd < 0 || bind(fd, reinterpret_cast<sockaddr*>(&source), sizeof source) < 0 ||
      (connect(fd, reinterpret_cast<sockaddr*>(&target), sizeof target) < 0 &&
       errno != EINPROGRESS)) {
    std::perror("connect");
    std::exit(2);
  }
  return fd;
}

// Sends all bytes, waiting where the socket's buffer is full; false when the peer is gone.
inline bool send_all(int fd, const char* bytes, size_t size) {
  while (size > 0) {
    const ssize_t sent = send(fd, bytes, size, MSG_NOSIGNAL);
    if (sent < 0 && errno == EAGAIN) {
      pollfd writable{fd, POLLOUT, 0};
      poll(&writable, 1, -1);
      continue;
    }
    if (sent < 0) return false;
    bytes += sent;
    size -= size_t(sent);
  }
  return true;
}

struct Frame {
  int opcode = 0;
  std::string_view payload;
  size_t whole_bytes = 0;
};

// Takes the unmasked frame at the front of bytes (RFC 6455, section 5.2); false until it is whole.
inline bool parse_frame(std::string_view bytes, Frame& frame) {
  if (bytes.size() < 2) return false;
  const auto byte = [&](size_t i) { return static_cast<unsigned char>(bytes[i]); };
  size_t length = byte(1) & 0x7f;
  const size_t extra = length == 126 ? 2 : length == 127 ? 8 : 0;
  if (bytes.size() < 2 + extra) return false;
  if (extra > 0) length = 0;
  for (size_t i = 0; i < extra; i++) length = length << 8 | byte(2 + i);
  if (bytes.size() < 2 + extra + length) return false;
  frame = {byte(0) & 15, bytes.substr(2 + extra, length), 2 + extra + length};
  return true;
}

// A pong with the ping's payload, masked by an all-zero key. Control payloads are under 126 bytes.
inline std::string masked_pong(std::string_view payload) {
  std::string frame("\x8a", 1);
  frame += char(0x80 | (payload.size() & 0x7f));
  frame.append(4, '\0');
  return frame.append(payload.substr(0, 125));
}

// The frame of an unmasked text message of under 64 KiB.
inline std::string text_frame(std::string_view payload) {
  std::string frame("\x81", 1);
  if (payload.size() < 126) {
    frame += char(payload.size());
  } else {
    frame += char(126);
    frame += char(payload.size() >> 8);
    frame += char(payload.size() & 0xff);
  }
  return frame.append(payload);
}

// The last word of each line of a file.
inline std::vector<std::string> read_last_words(const std::string& path) {
  std::ifstream file(path);
  std::vector<std::string> words;
  for (std::string line; std::getline(file, line);)
    words.push_back(line.substr(line.rfind(' ') + 1));
  if (words.empty()) fail("no lines in " + path);
  return words;
}
