// Reading and printing key sets.
#include "platform/crypto/jwks.hpp"

#include <algorithm>
#include <boost/json.hpp>

#include "platform/crypto/digest.hpp"

namespace wildnout::crypto {
namespace {

namespace json = boost::json;

// Nothing when the member is absent or no string.
const json::string* text_member(const json::object& object, std::string_view name) {
  const json::value* value = object.if_contains(name);
  return value == nullptr ? nullptr : value->if_string();
}

void require_member(const json::object& jwk, std::string_view name, std::string_view wanted,
                    bool may_be_absent) {
  if (may_be_absent && !jwk.contains(name)) return;
  const json::string* found = text_member(jwk, name);
  if (found == nullptr || std::string_view{*found} != wanted) {
    throw KeyFault{std::string{name} + " is not " + std::string{wanted}};
  }
}

std::string number_member(const json::object& jwk, std::string_view name) {
  const json::string* text = text_member(jwk, name);
  auto bytes = text == nullptr ? std::nullopt : parse_base64url(*text);
  if (!bytes || bytes->empty()) throw KeyFault{std::string{name} + " is no base64url number"};
  return std::move(*bytes);
}

NamedKey parse_jwk(const json::value& value) {
  const json::object* jwk = value.if_object();
  if (jwk == nullptr) throw KeyFault{"it is no object"};
  require_member(*jwk, "kty", "RSA", false);
  require_member(*jwk, "use", "sig", true);
  require_member(*jwk, "alg", "RS256", true);
  const json::string* id = text_member(*jwk, "kid");
  if (id == nullptr || id->empty() || id->size() > max_key_id_bytes) {
    throw KeyFault{"it has no usable kid"};
  }
  return {std::string{*id},
          PublicKey::from_numbers(number_member(*jwk, "n"), number_member(*jwk, "e"))};
}

}  // namespace

KeySet parse_jwks(std::string_view text) {
  if (text.size() > max_jwks_bytes) throw KeyFault{"the key set is too large"};
  boost::system::error_code error;
  const json::value document = json::parse({text.data(), text.size()}, error);
  if (error) throw KeyFault{"the key set is not JSON: " + error.message()};
  const json::object* object = document.if_object();
  const json::value* members = object == nullptr ? nullptr : object->if_contains("keys");
  const json::array* list = members == nullptr ? nullptr : members->if_array();
  if (list == nullptr) throw KeyFault{"the key set has no list named keys"};
  if (list->size() > max_jwks_keys) throw KeyFault{"the key set has too many keys"};
  KeySet set;
  for (std::size_t i = 0; i < list->size(); ++i) {
    try {
      NamedKey key = parse_jwk((*list)[i]);
      if (std::ranges::find(set.keys, key.id, &NamedKey::id) != set.keys.end()) {
        throw KeyFault{"its kid was there before"};
      }
      set.keys.push_back(std::move(key));
    } catch (const KeyFault& fault) {
      set.passed_over.push_back("key " + std::to_string(i) + ": " + fault.what());
    }
  }
  return set;
}

std::string jwk_of(const PublicKey& key, std::string_view id) {
  return json::serialize(json::object{{"use", "sig"},
                                      {"kty", "RSA"},
                                      {"kid", id},
                                      {"alg", "RS256"},
                                      {"n", base64url(key.modulus())},
                                      {"e", base64url(key.exponent())}});
}

}  // namespace wildnout::crypto
