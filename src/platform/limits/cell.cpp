// GCRA in whole microseconds.
#include "platform/limits/cell.hpp"

#include <algorithm>
#include <bit>

#include "platform/values/random.hpp"

namespace wildnout::limits {
namespace {

// The upper and lower half of a 128-bit product, folded (as in wyhash).
std::uint64_t fold(std::uint64_t a, std::uint64_t b) {
  __extension__ using Wide = unsigned __int128;
  const Wide product = static_cast<Wide>(a) * b;
  return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64);
}

}  // namespace

Cost cost_of(Rate rate, std::uint32_t units) {
  const std::uint64_t limit = std::clamp<std::uint64_t>(rate.limit, 1, 1'000'000);
  const auto window = static_cast<std::uint64_t>(Microseconds{rate.window}.count());
  const std::uint64_t interval = std::max<std::uint64_t>(window / limit, 1);
  return {interval * limit, interval * std::min<std::uint64_t>(units, limit), interval};
}

Verdict verdict_of(std::uint64_t ahead, const Cost& cost) {
  const std::uint64_t used = ahead + cost.request;
  const bool is_admitted = used <= cost.whole;
  const std::uint64_t held = is_admitted ? used : ahead;
  return {is_admitted, static_cast<std::uint32_t>((cost.whole - held) / cost.interval),
          Microseconds{held}, Microseconds{is_admitted ? 0 : used - cost.whole}};
}

KeyHash::KeyHash() {
  std::array<std::uint8_t, sizeof secret_> bytes;
  random_bytes(bytes);
  secret_ = std::bit_cast<decltype(secret_)>(bytes);
}

std::uint64_t KeyHash::of(const Key& key) const {
  const std::uint64_t first = fold(key.high ^ secret_[0], key.low ^ secret_[1]);
  return fold(first ^ secret_[2], key.kind ^ secret_[3]);
}

}  // namespace wildnout::limits
