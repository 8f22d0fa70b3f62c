// Reading and deriving keys.
#include "platform/crypto/key_ring.hpp"

#include <algorithm>

#include "platform/values/random.hpp"

namespace wildnout::crypto {
namespace {

constexpr std::size_t longest_id = 32;

bool is_key_id(std::string_view id) {
  return !id.empty() && id.size() <= longest_id && std::ranges::all_of(id, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '-';
  });
}

}  // namespace

const DerivedKey* DerivedKeys::find(std::string_view id) const {
  const auto at = std::ranges::find(keys_, id, &DerivedKey::id);
  return at == keys_.end() ? nullptr : &*at;
}

KeyRing KeyRing::parse(std::string_view text) {
  KeyRing ring;
  while (!text.empty()) {
    const std::size_t comma = std::min(text.find(','), text.size());
    std::string_view item = text.substr(0, comma);
    text.remove_prefix(std::min(comma + 1, text.size()));
    const std::size_t colon = item.find(':');
    const std::string_view id = item.substr(0, colon);
    const auto bytes =
        colon == std::string_view::npos ? std::nullopt : parse_hex(item.substr(colon + 1));
    DerivedKey key{std::string{id}, {}};
    if (!is_key_id(id) || !bytes || bytes->size() != key.key.size()) {
      throw BadKeys{"keys written as id:64hex, separated by commas"};
    }
    if (std::ranges::find(ring.keys_, id, &DerivedKey::id) != ring.keys_.end()) {
      throw BadKeys{"keys of different ids"};
    }
    std::ranges::copy(bytes_of(*bytes), key.key.begin());
    ring.keys_.push_back(std::move(key));
  }
  if (ring.keys_.empty()) throw BadKeys{"at least one key"};
  return ring;
}

std::string KeyRing::make(std::string_view id) {
  Sha256 bytes;
  random_bytes(bytes);
  return std::string{id} + ':' + hex(bytes);
}

DerivedKeys KeyRing::derive(std::string_view purpose) const {
  std::vector<DerivedKey> derived;
  for (const DerivedKey& key : keys_) {
    derived.push_back({key.id, hmac_sha256(ByteView{key.key}, bytes_of(purpose))});
  }
  return DerivedKeys{std::move(derived)};
}

}  // namespace wildnout::crypto
