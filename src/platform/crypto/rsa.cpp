// RSA by OpenSSL 3's EVP interface.
#include "platform/crypto/rsa.hpp"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/param_build.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

#include "platform/crypto/digest.hpp"
#include "platform/crypto/openssl.hpp"

namespace wildnout::crypto {

struct KeyState {
  OwnedKey key;
};

namespace {

using OwnedNumber = Owned<BIGNUM, BN_free>;
using OwnedBuilder = Owned<OSSL_PARAM_BLD, OSSL_PARAM_BLD_free>;
using OwnedParameters = Owned<OSSL_PARAM, OSSL_PARAM_free>;

constexpr int max_exponent_bits = 32;  // the usual one has 17; long ones only cost time

OwnedNumber number_of(std::string_view bytes) {
  const ByteView view = bytes_of(bytes);
  OwnedNumber number{BN_bin2bn(view.data(), static_cast<int>(view.size()), nullptr)};
  check(number != nullptr, "number");
  return number;
}

OwnedNumber number_of(const EVP_PKEY* key, const char* name) {
  BIGNUM* number = nullptr;
  check(EVP_PKEY_get_bn_param(key, name, &number) == 1, name);
  return OwnedNumber{number};
}

std::string text_of(const OwnedNumber& number) {
  std::string out(static_cast<std::size_t>(BN_num_bytes(number.get())), '\0');
  BN_bn2bin(number.get(), reinterpret_cast<unsigned char*>(out.data()));
  return out;
}

// Whatever way a key came in: it is RSA of a fit length, with a sane exponent.
std::shared_ptr<const KeyState> checked(OwnedKey key) {
  if (EVP_PKEY_get_base_id(key.get()) != EVP_PKEY_RSA) throw KeyFault{"the key is not RSA"};
  const int bits = EVP_PKEY_get_bits(key.get());
  if (bits < min_rsa_bits) {
    throw KeyFault{"the key has " + std::to_string(bits) + " bits, at least " +
                   std::to_string(min_rsa_bits) + " are needed"};
  }
  if (bits > max_rsa_bits) throw KeyFault{"the key has too many bits"};
  const OwnedNumber exponent = number_of(key.get(), OSSL_PKEY_PARAM_RSA_E);
  if (BN_is_odd(exponent.get()) == 0 || BN_is_one(exponent.get()) == 1 ||
      BN_num_bits(exponent.get()) > max_exponent_bits) {
    throw KeyFault{"the key's exponent is unfit"};
  }
  return std::make_shared<const KeyState>(KeyState{std::move(key)});
}

OwnedBio reader_of(std::string_view text) {
  OwnedBio bio{BIO_new_mem_buf(text.data(), static_cast<int>(text.size()))};
  check(bio != nullptr, "buffer");
  return bio;
}

// What `write` writes into a buffer.
template <class Write>
std::string pem_by(Write write) {
  const OwnedBio bio{BIO_new(BIO_s_mem())};
  check(bio != nullptr && write(bio.get()) == 1, "PEM");
  char* text = nullptr;
  const long size = BIO_get_mem_data(bio.get(), &text);
  return {text, static_cast<std::size_t>(size)};
}

// A PEM with a pass phrase is not asked for one on the terminal: it is unreadable.
int no_pass_phrase(char*, int, int, void*) { return -1; }

void use_rs256(EVP_PKEY_CTX* context) {
  static const EVP_MD* const algorithm = EVP_MD_fetch(nullptr, "SHA256", nullptr);
  check(EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PADDING) == 1 &&
            EVP_PKEY_CTX_set_signature_md(context, algorithm) == 1,
        "RS256");
}

}  // namespace

PublicKey PublicKey::from_numbers(std::string_view modulus, std::string_view exponent) {
  if (modulus.size() > max_rsa_bits / 8 + 1 || exponent.size() > max_rsa_bits / 8) {
    throw KeyFault{"the key has too many bits"};
  }
  const OwnedNumber n = number_of(modulus);
  const OwnedNumber e = number_of(exponent);
  const OwnedBuilder builder{OSSL_PARAM_BLD_new()};
  check(builder != nullptr &&
            OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_N, n.get()) == 1 &&
            OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_E, e.get()) == 1,
        "key");
  const OwnedParameters parameters{OSSL_PARAM_BLD_to_param(builder.get())};
  const OwnedKeyContext context{EVP_PKEY_CTX_new_from_name(nullptr, "RSA", nullptr)};
  check(parameters != nullptr && context != nullptr, "key");
  EVP_PKEY* key = nullptr;
  if (EVP_PKEY_fromdata_init(context.get()) != 1 ||
      EVP_PKEY_fromdata(context.get(), &key, EVP_PKEY_PUBLIC_KEY, parameters.get()) != 1) {
    ERR_clear_error();
    throw KeyFault{"the key's numbers make no RSA key"};
  }
  return PublicKey{checked(OwnedKey{key})};
}

PublicKey PublicKey::from_pem(std::string_view pem) {
  const OwnedBio bio = reader_of(pem);
  OwnedKey key{PEM_read_bio_PUBKEY(bio.get(), nullptr, no_pass_phrase, nullptr)};
  if (!key) {
    ERR_clear_error();
    throw KeyFault{"this is no PEM of a public key (BEGIN PUBLIC KEY)"};
  }
  return PublicKey{checked(std::move(key))};
}

std::string PublicKey::pem() const {
  return pem_by([&](BIO* out) { return PEM_write_bio_PUBKEY(out, state_->key.get()); });
}

int PublicKey::bits() const { return EVP_PKEY_get_bits(state_->key.get()); }

std::string PublicKey::modulus() const {
  return text_of(number_of(state_->key.get(), OSSL_PKEY_PARAM_RSA_N));
}

std::string PublicKey::exponent() const {
  return text_of(number_of(state_->key.get(), OSSL_PKEY_PARAM_RSA_E));
}

bool operator==(const PublicKey& a, const PublicKey& b) {
  return EVP_PKEY_eq(a.state_->key.get(), b.state_->key.get()) == 1;
}

struct Verifier::State {
  std::shared_ptr<const KeyState> key;  // shared with the PublicKey it was made from
  OwnedKeyContext context;
};

Verifier::Verifier(const PublicKey& key) : state_{std::make_unique<State>()} {
  state_->key = key.state_;
  state_->context.reset(EVP_PKEY_CTX_new_from_pkey(nullptr, key.state_->key.get(), nullptr));
  check(state_->context != nullptr && EVP_PKEY_verify_init(state_->context.get()) == 1, "RS256");
  use_rs256(state_->context.get());
}

Verifier::~Verifier() = default;
Verifier::Verifier(Verifier&&) noexcept = default;
Verifier& Verifier::operator=(Verifier&&) noexcept = default;

bool Verifier::accepts(std::string_view message, std::string_view signature) {
  const Sha256 digest = sha256(message);
  const ByteView given = bytes_of(signature);
  const int verdict = EVP_PKEY_verify(state_->context.get(), given.data(), given.size(),
                                      digest.data(), digest.size());
  if (verdict != 1) ERR_clear_error();
  return verdict == 1;
}

SigningKey SigningKey::make(int bits) {
  OwnedKey key{EVP_RSA_gen(static_cast<unsigned>(bits))};
  check(key != nullptr, "RSA key");
  return SigningKey{checked(std::move(key))};
}

SigningKey SigningKey::from_pem(std::string_view pem) {
  const OwnedBio bio = reader_of(pem);
  OwnedKey key{PEM_read_bio_PrivateKey(bio.get(), nullptr, no_pass_phrase, nullptr)};
  if (!key) {
    ERR_clear_error();
    throw KeyFault{"this is no PEM of a private key"};
  }
  return SigningKey{checked(std::move(key))};
}

std::string SigningKey::pem() const {
  return pem_by([&](BIO* out) {
    return PEM_write_bio_PrivateKey(out, state_->key.get(), nullptr, nullptr, 0, nullptr, nullptr);
  });
}

std::string SigningKey::sign(std::string_view message) const {
  const Sha256 digest = sha256(message);
  const OwnedKeyContext context{EVP_PKEY_CTX_new_from_pkey(nullptr, state_->key.get(), nullptr)};
  check(context != nullptr && EVP_PKEY_sign_init(context.get()) == 1, "RS256");
  use_rs256(context.get());
  std::string out(static_cast<std::size_t>(EVP_PKEY_get_size(state_->key.get())), '\0');
  std::size_t size = out.size();
  check(EVP_PKEY_sign(context.get(), reinterpret_cast<unsigned char*>(out.data()), &size,
                      digest.data(), digest.size()) == 1,
        "RS256");
  out.resize(size);
  return out;
}

PublicKey SigningKey::public_key() const {
  return PublicKey::from_numbers(text_of(number_of(state_->key.get(), OSSL_PKEY_PARAM_RSA_N)),
                                 text_of(number_of(state_->key.get(), OSSL_PKEY_PARAM_RSA_E)));
}

}  // namespace wildnout::crypto
