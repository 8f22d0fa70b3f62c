// Digests by OpenSSL, with algorithms fetched once and contexts kept per thread.
#include "platform/crypto/digest.hpp"

#include <openssl/core_names.h>
#include <openssl/crypto.h>

#include "platform/crypto/openssl.hpp"

namespace wildnout::crypto {
namespace {

using OwnedDigest = Owned<EVP_MD, EVP_MD_free>;
using OwnedMac = Owned<EVP_MAC, EVP_MAC_free>;
using OwnedMacContext = Owned<EVP_MAC_CTX, EVP_MAC_CTX_free>;

constexpr std::string_view url_alphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
constexpr std::string_view plain_alphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

// Fetching an algorithm by name costs more than hashing a short text: done once a process.
const EVP_MD* fetched(const char* name) {
  EVP_MD* digest = EVP_MD_fetch(nullptr, name, nullptr);
  check(digest != nullptr, name);
  return digest;
}

const EVP_MD* sha256_algorithm() {
  static const EVP_MD* const algorithm = fetched("SHA256");
  return algorithm;
}

template <std::size_t Size>
std::array<std::uint8_t, Size> digest_of(const EVP_MD* algorithm, ByteView bytes) {
  thread_local const OwnedDigestContext context{EVP_MD_CTX_new()};
  std::array<std::uint8_t, Size> out;
  check(EVP_DigestInit_ex2(context.get(), algorithm, nullptr) == 1 &&
            EVP_DigestUpdate(context.get(), bytes.data(), bytes.size()) == 1 &&
            EVP_DigestFinal_ex(context.get(), out.data(), nullptr) == 1,
        "digest");
  return out;
}

OwnedMacContext make_hmac() {
  const OwnedMac mac{EVP_MAC_fetch(nullptr, "HMAC", nullptr)};
  check(mac != nullptr, "HMAC");
  OwnedMacContext context{EVP_MAC_CTX_new(mac.get())};
  check(context != nullptr, "HMAC");
  char name[] = "SHA256";
  const OSSL_PARAM parameters[] = {OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, name, 0),
                                   OSSL_PARAM_construct_end()};
  check(EVP_MAC_CTX_set_params(context.get(), parameters) == 1, "HMAC");
  return context;
}

std::string encode(ByteView bytes, std::string_view alphabet) {
  std::string out;
  out.reserve((bytes.size() + 2) / 3 * 4);
  std::uint32_t bits = 0;
  int count = 0;
  for (const std::uint8_t byte : bytes) {
    bits = bits << 8 | byte;
    for (count += 8; count >= 6; count -= 6) out += alphabet[bits >> (count - 6) & 63];
  }
  if (count > 0) out += alphabet[bits << (6 - count) & 63];
  return out;
}

consteval std::array<std::int8_t, 256> values_of(std::string_view alphabet) {
  std::array<std::int8_t, 256> values{};
  values.fill(-1);
  for (std::size_t i = 0; i < alphabet.size(); ++i) {
    values[static_cast<std::uint8_t>(alphabet[i])] = static_cast<std::int8_t>(i);
  }
  return values;
}

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

}  // namespace

Sha256 sha256(ByteView bytes) { return digest_of<32>(sha256_algorithm(), bytes); }

struct Sha256Stream::State {
  OwnedDigestContext context{EVP_MD_CTX_new()};
};

Sha256Stream::Sha256Stream() : state_{std::make_unique<State>()} {
  check(EVP_DigestInit_ex2(state_->context.get(), sha256_algorithm(), nullptr) == 1, "digest");
}

Sha256Stream::~Sha256Stream() = default;

void Sha256Stream::add(std::string_view bytes) {
  check(EVP_DigestUpdate(state_->context.get(), bytes.data(), bytes.size()) == 1, "digest");
}

Sha256 Sha256Stream::finish() {
  Sha256 out;
  check(EVP_DigestFinal_ex(state_->context.get(), out.data(), nullptr) == 1, "digest");
  return out;
}

Sha1 sha1(std::string_view text) {
  static const EVP_MD* const algorithm = fetched("SHA1");
  return digest_of<20>(algorithm, bytes_of(text));
}

Sha256 hmac_sha256(ByteView key, ByteView message) {
  if (key.empty()) throw std::runtime_error{"HMAC with an empty key"};
  thread_local const OwnedMacContext context = make_hmac();
  Sha256 out;
  std::size_t size = 0;
  check(EVP_MAC_init(context.get(), key.data(), key.size(), nullptr) == 1 &&
            EVP_MAC_update(context.get(), message.data(), message.size()) == 1 &&
            EVP_MAC_final(context.get(), out.data(), &size, out.size()) == 1 && size == out.size(),
        "HMAC");
  return out;
}

bool are_equal(ByteView a, ByteView b) {
  return a.size() == b.size() && (a.empty() || CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0);
}

std::string base64url(ByteView bytes) { return encode(bytes, url_alphabet); }

std::string base64(ByteView bytes) {
  std::string out = encode(bytes, plain_alphabet);
  while (out.size() % 4 != 0) out += '=';
  return out;
}

std::optional<std::string> parse_base64url(std::string_view text) {
  static constexpr std::array<std::int8_t, 256> values = values_of(url_alphabet);
  if (text.size() % 4 == 1) return std::nullopt;
  std::string out;
  out.reserve(text.size() / 4 * 3 + 2);
  std::uint32_t bits = 0;
  int count = 0;
  for (const char c : text) {
    const int value = values[static_cast<std::uint8_t>(c)];
    if (value < 0) return std::nullopt;
    bits = bits << 6 | static_cast<std::uint32_t>(value);
    count += 6;
    if (count >= 8) {
      count -= 8;
      out += static_cast<char>(bits >> count & 255);
    }
  }
  // Bits behind the last byte must be zero, else two texts would mean the same bytes.
  if ((bits & ((1U << count) - 1)) != 0) return std::nullopt;
  return out;
}

std::string hex(ByteView bytes) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string out;
  out.reserve(bytes.size() * 2);
  for (const std::uint8_t byte : bytes) {
    out += digits[byte >> 4];
    out += digits[byte & 15];
  }
  return out;
}

std::optional<std::string> parse_hex(std::string_view text) {
  if (text.size() % 2 != 0) return std::nullopt;
  std::string out;
  out.reserve(text.size() / 2);
  for (std::size_t i = 0; i < text.size(); i += 2) {
    const int high = hex_value(text[i]);
    const int low = hex_value(text[i + 1]);
    if (high < 0 || low < 0) return std::nullopt;
    out += static_cast<char>(high << 4 | low);
  }
  return out;
}

}  // namespace wildnout::crypto
