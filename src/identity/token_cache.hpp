// Tokens that were verified before, so that the next request with one costs a comparison.
#pragma once

#include <boost/unordered/unordered_flat_map.hpp>
#include <cstdint>
#include <cstring>
#include <functional>
#include <string>
#include <string_view>
#include <utility>

namespace wildnout::identity {

// Keyed by the whole token. In two generations: what is asked for lives in the young one, and when
// that is full it takes the place of the old one, which is forgotten.
template <class Value>
class TokenCache {
 public:
  static constexpr std::size_t generation_tokens = 32768;  // about 1 KiB each with its token

  // Valid until the next call.
  [[nodiscard]] Value* find(std::string_view token) {
    if (const auto at = young_.find(token); at != young_.end()) return &at->second;
    const auto at = old_.find(token);
    if (at == old_.end()) return nullptr;
    auto known = std::move(*at);
    old_.erase(at);
    make_room();
    return &young_.emplace(std::move(known)).first->second;
  }

  void put(std::string_view token, Value value) {
    erase(token);
    make_room();
    young_.emplace(token, std::move(value));
  }

  void erase(std::string_view token) {
    if (const auto at = young_.find(token); at != young_.end()) young_.erase(at);
    if (const auto at = old_.find(token); at != old_.end()) old_.erase(at);
  }

  void clear() {
    young_.clear();
    old_.clear();
  }

  [[nodiscard]] std::size_t size() const { return young_.size() + old_.size(); }

 private:
  // The end of a token is its signature, as good as random; only verified tokens are ever kept, so
  // nobody can fill a bucket with made-up ones.
  struct TailHash {
    using is_transparent = void;
    std::size_t operator()(std::string_view token) const {
      std::uint64_t words[2] = {0, 0};
      const std::size_t size = token.size() < sizeof words ? token.size() : sizeof words;
      std::memcpy(words, token.data() + token.size() - size, size);
      return (words[0] ^ (words[1] >> 29)) * 0x9E3779B97F4A7C15ULL ^ words[1];
    }
  };
  using Generation = boost::unordered_flat_map<std::string, Value, TailHash, std::equal_to<>>;

  void make_room() {
    if (young_.size() < generation_tokens) return;
    old_ = std::exchange(young_, {});
  }

  Generation young_;
  Generation old_;
};

}  // namespace wildnout::identity
