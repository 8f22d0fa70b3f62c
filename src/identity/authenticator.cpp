// Verifying tokens and admitting their holders.
#include "identity/authenticator.hpp"

#include <algorithm>

#include "platform/api/refusal.hpp"
#include "platform/api/route.hpp"
#include "platform/crypto/jwt.hpp"

namespace wildnout::identity {
namespace {

constexpr std::string_view csrf_header = "x-csrf-token";

struct Credentials {
  std::string_view token;
  bool is_cookie;
};

// The bearer token, also when it is a bad one; else the cookie.
std::optional<Credentials> credentials_of(const http::Request& request) {
  if (const auto header = request.header("authorization")) {
    const auto token = bearer_token(*header);
    api::require(token.has_value(), api::unauthorized);
    return Credentials{*token, false};
  }
  const auto cookies = request.header("cookie");
  const auto token = cookies ? cookie_of(*cookies, session_cookie) : std::nullopt;
  if (!token) return std::nullopt;
  return Credentials{*token, true};
}

api::Caller make_caller(const KnownUser& user, std::string session_id, Timestamp expires_at) {
  api::Caller caller;
  caller.user_id = user.id.value;
  caller.session_id = std::move(session_id);
  caller.roles = user.roles.names();
  caller.permissions = user.roles.permissions();
  caller.expires_at = expires_at;
  return caller;
}

}  // namespace

Authenticator::Whence Authenticator::whence_of(const http::Request& request) {
  const std::string_view agent = request.header("user-agent").value_or("");
  return {request.remote, request.remote.to_string(),
          std::string{agent.substr(0, SessionBook::max_agent_bytes)}};
}

Task<std::optional<api::Caller>> Authenticator::authenticate(const http::Request& request) {
  const auto credentials = credentials_of(request);
  if (!credentials) co_return std::nullopt;
  const Known* known = find_fresh(credentials->token);
  api::Caller caller = known != nullptr
                           ? caller_of(*known)
                           : caller_of(co_await know(credentials->token, whence_of(request)));
  if (!credentials->is_cookie) co_return caller;
  caller.is_by_cookie = true;
  // Browsers send the cookie along with what other sites ask for.
  if (api::is_unsafe(request.method)) {
    const auto proof = request.header(csrf_header);
    api::require(proof && csrf_.accepts(*proof, caller.session_id), api::invalid_csrf_token);
  }
  co_return caller;
}

Task<Admission> Authenticator::by_token(std::string token) {
  Admission admission;
  try {
    const Known known = co_await know(token, {});
    admission.caller = caller_of(known);
    admission.display_name = known.user.display_name;
  } catch (const api::Refused& refused) {
    if (refused.refusal().status >= 500) throw;
    if (&refused.refusal() == &api::unauthorized) admission.reason = Closed::wrong;
    if (&refused.refusal() == &api::account_suspended) admission.reason = Closed::suspended;
  }
  co_return admission;
}

Task<Admission> Authenticator::by_ticket(std::string ticket) {
  Admission admission;
  auto opened = co_await service_.open_ticket(std::move(ticket));
  if (!opened || standing_.has_ended(opened->session_id)) co_return admission;
  if (opened->user.is_suspended) {
    admission.reason = Closed::suspended;
    co_return admission;
  }
  admission.caller =
      make_caller(opened->user, std::move(opened->session_id), opened->token_expires_at);
  admission.display_name = std::move(opened->user.display_name);
  co_return admission;
}

// A change of keys forgets every verified token: one signed by a key that is gone must not live on.
void Authenticator::follow_keys() {
  if (slot_.version == keys_version_) return;
  issuers_.clear();
  are_keys_available_ = true;
  for (const IssuerKeys& issuer : *slot_.issuers) {
    are_keys_available_ &= issuer.is_available;
    Issuer& ready = issuers_.emplace_back();
    ready.policy = issuer.policy;
    for (const crypto::NamedKey& key : issuer.keys.keys) {
      ready.keys.emplace_back(key.id, crypto::Verifier{key.key});
    }
  }
  cache_.clear();
  keys_version_ = slot_.version;
}

const Authenticator::Known* Authenticator::find_fresh(std::string_view token) {
  follow_keys();
  Known* known = cache_.find(token);
  if (known == nullptr) return nullptr;
  const Timestamp now = system_now();
  if (known->proof.is_over(now)) {
    cache_.erase(token);
    throw api::Refused{api::token_expired};
  }
  if (known->checked_at != standing_.version()) {
    if (standing_.has_ended(known->proof.session_id)) {
      cache_.erase(token);
      throw api::Refused{api::session_revoked};
    }
    if (standing_.is_outdated(known->user.id, known->read_at)) return nullptr;
    known->checked_at = standing_.version();
  }
  return now < known->read_again_at ? known : nullptr;
}

Task<Authenticator::Known> Authenticator::know(std::string_view token, Whence whence) {
  if (const Known* fresh = find_fresh(token)) co_return *fresh;
  Verified verified;
  Timestamp note_again_at{};
  if (const Known* old = cache_.find(token)) {
    verified = {old->proof, old->is_development};
    note_again_at = old->note_again_at;
  } else {
    verified = co_await verify(token);
  }
  const std::uint64_t version = keys_version_;
  std::uint64_t read_at = 0;
  KnownUser user = co_await read_user(verified, read_at);
  if (user.is_session_over || standing_.has_ended(verified.proof.session_id)) {
    cache_.erase(token);
    throw api::Refused{api::session_revoked};
  }
  if (user.is_suspended) {
    cache_.erase(token);
    throw api::Refused{api::account_suspended};
  }
  const Timestamp now = system_now();
  if (now >= note_again_at) {
    book_.note({verified.proof.session_id, user.id, now, verified.proof.expires_at,
                std::move(whence.ip_address), std::move(whence.user_agent)});
    note_again_at = now + SessionBook::note_every;
    if (sign_ins_ != nullptr && whence.address) sign_ins_->seen(user.id, *whence.address);
  }
  Known known{std::move(verified.proof),
              verified.is_development,
              std::move(user),
              now + roles_life,
              note_again_at,
              read_at,
              read_at};
  follow_keys();
  if (version == keys_version_) cache_.put(token, known);
  co_return known;
}

Task<KnownUser> Authenticator::read_user(const Verified& verified, std::uint64_t& read_at) {
  constexpr int most_readings = 5;
  for (int reading = 1;; ++reading) {
    read_at = standing_.version();
    auto user = co_await service_.user_of(verified.proof.subject, verified.proof.session_id,
                                          verified.is_development);
    api::require(user.has_value(), api::unauthorized);
    if (!standing_.is_outdated(user->id, read_at)) co_return std::move(*user);
    if (reading == most_readings) throw api::Refused{api::unavailable};
  }
}

// The signature first, and by the keys of one issuer alone: a key id means nothing without whose it
// is. `alg` is fixed by the keys, never taken from the token.
Task<Authenticator::Verified> Authenticator::verify(std::string_view token) {
  const auto parts = crypto::split_token(token);
  api::require(parts.has_value(), api::unauthorized);
  for (bool is_first = true;; is_first = false) {
    follow_keys();
    bool has_key = false;
    for (Issuer& issuer : issuers_) {
      for (auto& [id, verifier] : issuer.keys) {
        if (!id.empty() && id != parts->key_id) continue;
        has_key |= !id.empty();
        if (!verifier.accepts(parts->signed_text, parts->signature)) continue;
        const auto claims = crypto::claims_of(*parts);
        api::require(claims.has_value(), api::unauthorized);
        auto verdict = judge(*claims, issuer.policy, system_now());
        if (auto* proof = std::get_if<Proof>(&verdict)) {
          co_return Verified{std::move(*proof), issuer.policy.is_development};
        }
        const bool is_expired = std::get<TokenFault>(verdict) == TokenFault::expired;
        throw api::Refused{is_expired ? api::token_expired : api::unauthorized};
      }
    }
    api::require(!has_key, api::unauthorized);
    if (!is_first) break;
    co_await keys_.refetch();
  }
  // While an issuer's keys are not there, nobody can tell a good token from a bad one.
  api::require(are_keys_available_, api::unavailable);
  throw api::Refused{api::unauthorized};
}

api::Caller Authenticator::caller_of(const Known& known) {
  api::Caller caller = make_caller(known.user, known.proof.session_id, known.proof.expires_at);
  caller.actor = known.proof.actor;
  return caller;
}

}  // namespace wildnout::identity
