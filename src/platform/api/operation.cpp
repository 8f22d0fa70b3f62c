// Names of operations, and the refusals that follow from a handler's types.
#include "platform/api/operation.hpp"

#include "platform/api/parameters.hpp"
#include "platform/api/router.hpp"

namespace wildnout::api {
namespace {

bool has_cursor(const Signature& signature) {
  return signature.query != nullptr && signature.query->shape->find(cursor_member) != nullptr;
}

}  // namespace

std::string path_of(const Route& route) {
  return (route.is_root ? "" : std::string{versioned_prefix}) + route.pattern;
}

bool takes_idempotency_key(const Route& route) {
  const Signature& signature = route.signature;
  return route.method == http::Method::post && signature.access != Access::anyone &&
         signature.answer != Form::plain;
}

std::string operation_id(const Route& route) {
  std::string id;
  for (const char c : text_of(route.method)) id.push_back(static_cast<char>(c - 'A' + 'a'));
  bool lift = true;
  for (const char c : path_of(route).substr(route.is_root ? 0 : versioned_prefix.size())) {
    const bool is_lower = c >= 'a' && c <= 'z';
    const bool is_word = is_lower || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    if (c == '{') id.append("By");
    if (is_word) id.push_back(lift && is_lower ? static_cast<char>(c - 'a' + 'A') : c);
    lift = !is_word;
  }
  return id;
}

std::map<std::uint16_t, std::set<std::string_view>> refusals_of(const Route& route) {
  const Signature& signature = route.signature;
  std::map<std::uint16_t, std::set<std::string_view>> codes;
  const auto add = [&](const Refusal& refusal) { codes[refusal.status].insert(refusal.code); };
  for (const Refusal* refusal : route.about.refusals) add(*refusal);
  if (signature.access != Access::anyone) {
    add(unauthorized);
    add(token_expired);
    add(session_revoked);
    add(account_suspended);
    if (is_unsafe(route.method)) add(invalid_csrf_token);
    if (is_destructive(route)) add(forbidden);
  }
  if (signature.access == Access::permitted) add(forbidden);
  if (!signature.path.empty()) add(not_found);
  if (signature.query != nullptr) add(validation_error);
  if (has_cursor(signature)) add(invalid_cursor);
  if (signature.body != nullptr) {
    for (const Refusal* refusal :
         {&validation_error, &malformed_json, &unsupported_media_type, &payload_too_large}) {
      add(*refusal);
    }
  }
  if (signature.has_conditions && route.method != http::Method::get) add(precondition_failed);
  if (takes_idempotency_key(route)) {
    for (const Refusal* refusal : {&validation_error, &conflict, &idempotency_key_reused}) {
      add(*refusal);
    }
  }
  if (route.about.tier != Tier::unlimited) add(rate_limit_exceeded);
  add(internal_error);
  add(unavailable);
  return codes;
}

}  // namespace wildnout::api
