// A thread's stock of random bytes, so that one system call serves many ids.
#include "platform/values/random.hpp"

#include <sys/random.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <system_error>

namespace wildnout {
namespace {

// 256: the most that getrandom(2) gives in one call without being interrupted by a signal.
struct Stock {
  std::array<std::uint8_t, 256> bytes{};
  std::size_t used = 256;

  void refill() {
    if (getrandom(bytes.data(), bytes.size(), 0) != static_cast<ssize_t>(bytes.size())) {
      throw std::system_error{errno, std::generic_category(), "getrandom"};
    }
    used = 0;
  }
};

}  // namespace

void random_bytes(std::span<std::uint8_t> out) {
  thread_local Stock stock;
  while (!out.empty()) {
    if (stock.used == stock.bytes.size()) stock.refill();
    const std::size_t take = std::min(out.size(), stock.bytes.size() - stock.used);
    std::memcpy(out.data(), stock.bytes.data() + stock.used, take);
    // What was handed out is not kept: a later read of this memory must not give a token away.
    std::memset(stock.bytes.data() + stock.used, 0, take);
    stock.used += take;
    out = out.subspan(take);
  }
}

}  // namespace wildnout
