// The hub's CPU per delivered message beside a bare send() loop, and its memory per idle socket.
//
//   fanout_benchmark [sockets = 5000] [rounds = 200] [message bytes = 200]
//
// A forked process holds the other ends and reads them. Hub and loop have as many sockets each and
// are measured in turns, with the same bytes; a round ends when all of it has been read. CPU is
// user and system time of this process alone; on loopback it holds the receiver's share of TCP.
#include <arpa/inet.h>
#include <malloc.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "platform/async/shards.hpp"
#include "platform/ws/frame.hpp"
#include "platform/ws/hub.hpp"
#include "platform/ws/message.hpp"

namespace {

using namespace wildnout;

constexpr unsigned turns = 5;
constexpr std::size_t sockets_per_source = 4000;  // loopback addresses used by the readers
const std::string channel = "bench:1";

struct Options {
  std::size_t sockets = 5000;
  std::size_t rounds = 200;
  std::size_t message_bytes = 200;
};

[[noreturn]] void fail(const char* what) {
  std::perror(what);
  std::exit(1);
}

// Everyone may listen to everything; each socket is a user of its own.
class OpenGate : public ws::Gate {
 public:
  Task<Verdict> admit(const http::Upgrade&) override {
    Verdict verdict;
    verdict.holder = ws::Holder{Uuid::make(), "sess_2abcDEFghiJKLmnoPQRstuVWXyz", "A display name",
                                system_now() + std::chrono::hours{24}};
    co_return verdict;
  }
  Task<Verdict> renew(std::string) override { co_return Verdict{}; }
  Task<Access> may_subscribe(const ws::Holder&, std::string) override { co_return Access::allowed; }
  Task<std::string> snapshot(const ws::Holder&, std::string) override { co_return "null"; }
};

// The reading process: drains all sockets; told a number of bytes, answers when they have come.
class Reader {
 public:
  Reader(std::uint16_t port, std::size_t sockets, int orders, int answers)
      : epoll_{epoll_create1(0)}, orders_{orders}, answers_{answers}, buffer_(1 << 18) {
    for (std::size_t i = 0; i < sockets; ++i) connect(port, i);
  }

  [[noreturn]] void run() {
    answer();
    std::uint64_t expected = 0;
    while (::read(orders_, &expected, sizeof expected) == sizeof expected) {
      // Zero: whatever comes until it has been quiet for a while.
      if (expected == 0) {
        while (drain(500) > 0) {
        }
        seen_ = 0;
      } else {
        while (seen_ < expected) seen_ += drain(-1);
        seen_ -= expected;
      }
      answer();
    }
    std::_Exit(0);
  }

 private:
  void connect(std::uint16_t port, std::size_t number) {
    const int socket = ::socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in source{};
    source.sin_family = AF_INET;
    source.sin_addr.s_addr = htonl(INADDR_LOOPBACK + 1 + number / sockets_per_source);
    sockaddr_in target{};
    target.sin_family = AF_INET;
    target.sin_port = htons(port);
    target.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (::bind(socket, reinterpret_cast<sockaddr*>(&source), sizeof source) != 0 ||
        ::connect(socket, reinterpret_cast<sockaddr*>(&target), sizeof target) != 0) {
      fail("connect");
    }
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.fd = socket;
    ::epoll_ctl(epoll_, EPOLL_CTL_ADD, socket, &event);
  }

  std::uint64_t drain(int patience_ms) {
    std::array<epoll_event, 512> events;
    const int count =
        ::epoll_wait(epoll_, events.data(), static_cast<int>(events.size()), patience_ms);
    std::uint64_t sum = 0;
    for (int i = 0; i < count; ++i) {
      const ssize_t size = ::recv(events[static_cast<std::size_t>(i)].data.fd, buffer_.data(),
                                  buffer_.size(), MSG_DONTWAIT);
      if (size > 0) sum += static_cast<std::uint64_t>(size);
    }
    return sum;
  }

  void answer() {
    const char done = 1;
    if (::write(answers_, &done, 1) != 1) std::_Exit(1);
  }

  int epoll_;
  int orders_;
  int answers_;
  std::uint64_t seen_ = 0;
  std::vector<char> buffer_;
};

// The readers' process and the two pipes to it.
class ReaderProcess {
 public:
  ReaderProcess(std::uint16_t port, std::size_t sockets) {
    std::array<int, 2> orders{};
    std::array<int, 2> answers{};
    if (::pipe(orders.data()) != 0 || ::pipe(answers.data()) != 0) fail("pipe");
    process_ = ::fork();
    if (process_ < 0) fail("fork");
    if (process_ == 0) {
      ::close(orders[1]);
      ::close(answers[0]);
      Reader{port, sockets, orders[0], answers[1]}.run();
    }
    ::close(orders[0]);
    ::close(answers[1]);
    orders_ = orders[1];
    answers_ = answers[0];
  }
  ~ReaderProcess() {
    ::close(orders_);
    ::waitpid(process_, nullptr, 0);
  }
  ReaderProcess(const ReaderProcess&) = delete;
  ReaderProcess& operator=(const ReaderProcess&) = delete;

  void wait_ready() {
    char done = 0;
    if (::read(answers_, &done, 1) != 1) fail("reader");
  }
  void order(std::uint64_t bytes) {
    if (::write(orders_, &bytes, sizeof bytes) != sizeof bytes) fail("order");
  }

 private:
  pid_t process_ = 0;
  int orders_ = -1;
  int answers_ = -1;
};

double cpu_microseconds() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  const auto of = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) * 1e6 + static_cast<double>(time.tv_usec);
  };
  return of(usage.ru_utime) + of(usage.ru_stime);
}

std::size_t resident_bytes() {
  std::size_t total = 0;
  std::size_t resident = 0;
  std::ifstream{"/proc/self/statm"} >> total >> resident;
  return resident * 4096;
}

std::size_t allocated_bytes() {
  const auto info = ::mallinfo2();
  return info.uordblks + info.hblkhd;
}

int listen_on(std::uint16_t& port) {
  const int listener = ::socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  if (::bind(listener, reinterpret_cast<sockaddr*>(&address), size) != 0 ||
      ::listen(listener, 4096) != 0 ||
      ::getsockname(listener, reinterpret_cast<sockaddr*>(&address), &size) != 0) {
    fail("listen");
  }
  port = ntohs(address.sin_port);
  return listener;
}

// A masked client frame (mask 0) that subscribes, handed over as if it came with the head.
std::string subscription() {
  const std::string text = "{\"type\":\"subscribe\",\"channel\":\"" + channel + "\"}";
  std::string frame{"\x81"};
  frame.push_back(static_cast<char>(0x80 | text.size()));
  frame.append(4, '\0').append(text);
  return frame;
}

class Side {
 public:
  virtual ~Side() = default;
  // Sends round `number` and returns the bytes of it that all sockets get together.
  virtual std::uint64_t send(std::uint64_t number) = 0;
};

class HubSide : public Side {
 public:
  HubSide(unsigned shard_count, const Options& options, const std::string& data)
      : shards_{shard_count}, gates_(shard_count), options_{options}, data_{data} {
    ws::Limits limits;
    limits.sockets_per_address = options.sockets;
    hub_ = std::make_unique<ws::Hub>(shards_, limits);
    for (unsigned i = 0; i < shard_count; ++i) hub_->set_gate(i, gates_[i]);
    shards_.start();
  }
  ~HubSide() override {
    hub_.reset();
    shards_.stop();
  }

  void take(int socket, std::size_t number) {
    const auto shard = static_cast<unsigned>(number % shards_.size());
    shards_.post(shard, [this, shard, socket] {
      http::Upgrade upgrade{
          http::Socket{shards_[shard].executor(), boost::asio::ip::tcp::v4(), socket},
          subscription(),
          "dGhlIHNhbXBsZSBub25jZQ==",
          {},
          {},
          "/ws",
          {},
          {},
          {},
          boost::asio::ip::address_v4::loopback()};
      hub_->accept(shard, std::move(upgrade));
    });
  }

  std::uint64_t send(std::uint64_t number) override {
    hub_->publish(channel, "bench", data_, ws::Delivery::latest);
    const std::string text = ws::message_text("bench", channel, number, data_);
    return options_.sockets * ws::text_frame(text).size();
  }

 private:
  async::Shards shards_;
  std::vector<OpenGate> gates_;
  std::unique_ptr<ws::Hub> hub_;
  const Options& options_;
  const std::string& data_;
};

class LoopSide : public Side {
 public:
  LoopSide(const Options& options, const std::string& data) : options_{options}, data_{data} {}
  void take(int socket) { sockets_.push_back(socket); }

  std::uint64_t send(std::uint64_t number) override {
    const std::string frame = ws::text_frame(ws::message_text("bench", channel, number, data_));
    for (const int socket : sockets_) {
      if (::send(socket, frame.data(), frame.size(), MSG_DONTWAIT | MSG_NOSIGNAL) !=
          static_cast<ssize_t>(frame.size())) {
        fail("send");
      }
    }
    return options_.sockets * frame.size();
  }

 private:
  const Options& options_;
  const std::string& data_;
  std::vector<int> sockets_;
};

// CPU microseconds a delivered message over one turn.
double measure(Side& side, ReaderProcess& readers, const Options& options, std::uint64_t& number) {
  const double from = cpu_microseconds();
  for (std::size_t round = 0; round < options.rounds; ++round) {
    readers.order(side.send(++number));
    readers.wait_ready();
  }
  return (cpu_microseconds() - from) / static_cast<double>(options.rounds * options.sockets);
}

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

void accept_all(int listener, std::size_t count,
                const std::function<void(int, std::size_t)>& take) {
  for (std::size_t i = 0; i < count; ++i) {
    const int socket = ::accept(listener, nullptr, nullptr);
    if (socket < 0) fail("accept");
    take(socket, i);
  }
}

void run(unsigned shard_count, const Options& options) {
  // The text is as long as asked: what stands around the data is taken off.
  const std::size_t around = ws::message_text("bench", channel, 100, "\"\"").size();
  const std::string data =
      "\"" + std::string(options.message_bytes > around ? options.message_bytes - around : 1, 'x') +
      "\"";
  std::uint16_t port = 0;
  const int listener = listen_on(port);
  ReaderProcess loop_readers{port, options.sockets};
  LoopSide loop{options, data};
  accept_all(listener, options.sockets, [&loop](int socket, std::size_t) {
    const int on = 1;
    ::setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    loop.take(socket);
  });
  loop_readers.wait_ready();

  ReaderProcess hub_readers{port, options.sockets};
  HubSide hub{shard_count, options, data};
  const std::size_t resident = resident_bytes();
  const std::size_t allocated = allocated_bytes();
  accept_all(listener, options.sockets,
             [&hub](int socket, std::size_t number) { hub.take(socket, number); });
  hub_readers.wait_ready();
  hub_readers.order(0);
  hub_readers.wait_ready();
  const auto each = [&options](std::size_t now, std::size_t then) {
    return static_cast<double>(now - then) / static_cast<double>(options.sockets);
  };
  std::printf("%u shards: %.0f bytes allocated, %.0f resident an idle socket\n", shard_count,
              each(allocated_bytes(), allocated), each(resident_bytes(), resident));

  std::vector<double> loop_costs;
  std::vector<double> hub_costs;
  std::uint64_t loop_number = 0;
  std::uint64_t hub_number = 0;
  for (unsigned turn = 0; turn < turns; ++turn) {
    loop_costs.push_back(measure(loop, loop_readers, options, loop_number));
    hub_costs.push_back(measure(hub, hub_readers, options, hub_number));
    std::printf("  turn %u: loop %.2f us, hub %.2f us a message\n", turn + 1, loop_costs.back(),
                hub_costs.back());
  }
  std::printf("  median: loop %.2f us, hub %.2f us: %.2f times\n", median(loop_costs),
              median(hub_costs), median(hub_costs) / median(loop_costs));
  ::close(listener);
}

}  // namespace

int main(int count, char** arguments) {
  Options options;
  if (count > 1) options.sockets = std::strtoul(arguments[1], nullptr, 10);
  if (count > 2) options.rounds = std::strtoul(arguments[2], nullptr, 10);
  if (count > 3) options.message_bytes = std::strtoul(arguments[3], nullptr, 10);
  rlimit files{};
  ::getrlimit(RLIMIT_NOFILE, &files);
  files.rlim_cur = files.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &files);
  std::printf("%zu sockets, %zu rounds a turn, %zu bytes a message\n", options.sockets,
              options.rounds, options.message_bytes);
  run(1, options);
  run(2, options);
}
