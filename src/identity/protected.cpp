// The normal form of addresses.
#include "identity/protected.hpp"

#include <algorithm>

namespace wildnout::identity {

std::string email_key(std::string_view email) {
  std::string key{email};
  std::ranges::transform(key, key.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c;
  });
  return key;
}

}  // namespace wildnout::identity
