// Owners for OpenSSL's objects and its errors as exceptions; included by this folder's .cpp alone.
#pragma once

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>

#include <array>
#include <memory>
#include <stdexcept>
#include <string>

namespace wildnout::crypto {

template <auto Free>
struct FreeWith {
  template <class T>
  void operator()(T* object) const {
    Free(object);
  }
};

template <class T, auto Free>
using Owned = std::unique_ptr<T, FreeWith<Free>>;

using OwnedKey = Owned<EVP_PKEY, EVP_PKEY_free>;
using OwnedKeyContext = Owned<EVP_PKEY_CTX, EVP_PKEY_CTX_free>;
using OwnedDigestContext = Owned<EVP_MD_CTX, EVP_MD_CTX_free>;
using OwnedBio = Owned<BIO, BIO_free_all>;

// Throws what OpenSSL last complained of; its queue of errors is emptied.
[[noreturn]] inline void fail(const char* what) {
  std::array<char, 256> text{};
  ERR_error_string_n(ERR_get_error(), text.data(), text.size());
  ERR_clear_error();
  throw std::runtime_error{std::string{what} + ": " + text.data()};
}

inline void check(bool succeeded, const char* what) {
  if (!succeeded) fail(what);
}

}  // namespace wildnout::crypto
