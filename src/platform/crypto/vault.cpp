// Sealed values by OpenSSL's AES-256-GCM.
#include "platform/crypto/vault.hpp"

#include <openssl/crypto.h>
#include <openssl/evp.h>

#include "platform/crypto/openssl.hpp"
#include "platform/values/random.hpp"

namespace wildnout::crypto {
namespace {

using OwnedCipherContext = Owned<EVP_CIPHER_CTX, EVP_CIPHER_CTX_free>;

constexpr char version = 1;
constexpr std::size_t key_id_at = 2;  // behind the version and the id's length
constexpr std::size_t nonce_bytes = 12;
constexpr std::size_t tag_bytes = 16;
constexpr std::string_view sealing_purpose = "wildnout protected values";
constexpr std::string_view indexing_purpose = "wildnout blind indexes";

void append_part(std::string_view part, std::string& out) {
  const auto size = static_cast<std::uint32_t>(part.size());
  for (int shift = 24; shift >= 0; shift -= 8) out += static_cast<char>(size >> shift & 0xFF);
  out.append(part);
}

// Each part with its length, so that no two places are the same bytes.
std::string bytes_of_place(const Place& place) {
  std::string out;
  append_part(place.table, out);
  append_part(place.column, out);
  append_part(place.row, out);
  return out;
}

const EVP_CIPHER* algorithm() {
  static const EVP_CIPHER* const fetched = [] {
    EVP_CIPHER* cipher = EVP_CIPHER_fetch(nullptr, "AES-256-GCM", nullptr);
    check(cipher != nullptr, "AES-256-GCM");
    return cipher;
  }();
  return fetched;
}

EVP_CIPHER_CTX* context_of_thread() {
  thread_local const OwnedCipherContext context{EVP_CIPHER_CTX_new()};
  check(context != nullptr, "AES-256-GCM");
  return context.get();
}

std::uint8_t* bytes_at(std::string& text, std::size_t at) {
  return reinterpret_cast<std::uint8_t*>(text.data() + at);
}

// What stands in clear in a sealed value, and is covered by its tag.
struct Head {
  std::string_view key_id;
  std::string_view nonce;
  std::size_t size;  // of all that stands before the ciphertext
};

std::optional<Head> head_of(std::string_view sealed) {
  if (sealed.size() < key_id_at || sealed[0] != version) return std::nullopt;
  const auto id_size = static_cast<std::uint8_t>(sealed[1]);
  const std::size_t size = key_id_at + id_size + nonce_bytes;
  if (id_size == 0 || sealed.size() < size + tag_bytes) return std::nullopt;
  return Head{sealed.substr(key_id_at, id_size), sealed.substr(key_id_at + id_size, nonce_bytes),
              size};
}

// The cipher with key and nonce, and the head and the place taken into the tag.
EVP_CIPHER_CTX* begin(const DerivedKey& key, std::string_view head, std::string_view nonce,
                      const Place& place, bool is_sealing) {
  const std::string where = bytes_of_place(place);
  const Sha256 own = hmac_sha256(ByteView{key.key}, bytes_of(where));
  EVP_CIPHER_CTX* const context = context_of_thread();
  int size = 0;
  check(EVP_CipherInit_ex2(context, algorithm(), own.data(), bytes_of(nonce).data(),
                           is_sealing ? 1 : 0, nullptr) == 1,
        "AES-256-GCM");
  for (const std::string_view part : {head, std::string_view{where}}) {
    check(EVP_CipherUpdate(context, nullptr, &size, bytes_of(part).data(),
                           static_cast<int>(part.size())) == 1,
          "AES-256-GCM");
  }
  return context;
}

Sha256 index_of(const DerivedKey& key, std::string_view text, std::string_view table,
                std::string_view column) {
  std::string message = bytes_of_place({table, column, {}});
  message.append(text);
  return hmac_sha256(ByteView{key.key}, bytes_of(message));
}

}  // namespace

Vault::Vault(const KeyRing& ring)
    : sealing_{ring.derive(sealing_purpose)}, indexing_{ring.derive(indexing_purpose)} {}

Vault Vault::with_random_key() { return Vault{KeyRing::parse(KeyRing::make("r"))}; }

std::string Vault::seal(std::string_view clear, const Place& place) const {
  const DerivedKey& key = sealing_.newest();
  std::string sealed{version, static_cast<char>(key.id.size())};
  sealed.append(key.id);
  Sha256 random;
  random_bytes({random.data(), nonce_bytes});
  sealed.append(text_of(ByteView{random}.first(nonce_bytes)));
  const std::string head = sealed;
  EVP_CIPHER_CTX* const context =
      begin(key, head, std::string_view{head}.substr(head.size() - nonce_bytes), place, true);
  sealed.resize(head.size() + clear.size() + tag_bytes);
  int size = 0;
  check(EVP_CipherUpdate(context, bytes_at(sealed, head.size()), &size, bytes_of(clear).data(),
                         static_cast<int>(clear.size())) == 1 &&
            EVP_CipherFinal_ex(context, bytes_at(sealed, head.size() + clear.size()), &size) == 1 &&
            EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_GCM_GET_TAG, tag_bytes,
                                bytes_at(sealed, head.size() + clear.size())) == 1,
        "AES-256-GCM");
  return sealed;
}

std::string Vault::open(std::string_view sealed, const Place& place) const {
  const auto head = head_of(sealed);
  if (!head) throw Unopenable{"no sealed value"};
  const DerivedKey* const key = sealing_.find(head->key_id);
  if (key == nullptr) throw Unopenable{"sealed by a key that is not in the ring"};
  EVP_CIPHER_CTX* const context =
      begin(*key, sealed.substr(0, head->size), head->nonce, place, false);
  const std::string_view body = sealed.substr(head->size, sealed.size() - head->size - tag_bytes);
  std::string tag{sealed.substr(sealed.size() - tag_bytes)};
  std::string clear(body.size(), '\0');
  int size = 0;
  check(EVP_CipherUpdate(context, bytes_at(clear, 0), &size, bytes_of(body).data(),
                         static_cast<int>(body.size())) == 1 &&
            EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_GCM_SET_TAG, tag_bytes, tag.data()) == 1,
        "AES-256-GCM");
  if (EVP_CipherFinal_ex(context, bytes_at(tag, 0), &size) == 1) return clear;
  OPENSSL_cleanse(clear.data(), clear.size());
  throw Unopenable{"not what was sealed at this place"};
}

Sha256 Vault::index(std::string_view text, std::string_view table, std::string_view column) const {
  return index_of(indexing_.newest(), text, table, column);
}

std::vector<Sha256> Vault::indexes(std::string_view text, std::string_view table,
                                   std::string_view column) const {
  std::vector<Sha256> made;
  for (const DerivedKey& key : indexing_.all()) made.push_back(index_of(key, text, table, column));
  return made;
}

std::vector<std::string> Vault::older_keys() const {
  std::vector<std::string> ids;
  for (const DerivedKey& key : sealing_.all().subspan(1)) ids.push_back(key.id);
  return ids;
}

std::optional<std::string_view> sealing_key(std::string_view sealed) {
  const auto head = head_of(sealed);
  return head ? std::optional{head->key_id} : std::nullopt;
}

}  // namespace wildnout::crypto
