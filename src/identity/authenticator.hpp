// From a request's token to its caller: verified once, remembered, checked on every use.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "contracts/sessions.hpp"
#include "contracts/sign_ins.hpp"
#include "identity/csrf.hpp"
#include "identity/keys.hpp"
#include "identity/service.hpp"
#include "identity/session_book.hpp"
#include "identity/standing.hpp"
#include "identity/token_cache.hpp"
#include "platform/api/access.hpp"

namespace wildnout::identity {

// How long what was read of a caller is believed although no change was told of: a safety net,
// since changes come by themselves (standing.hpp).
inline constexpr std::chrono::seconds roles_life{60};

// What all shards of the process believe in.
struct Trust {
  KeyStore& keys;
  const CsrfTokens& csrf;
  const Standing& standing;
};

// One a shard.
class Authenticator final : public api::Authenticator, public Sessions {
 public:
  Authenticator(const Trust& trust, unsigned shard, Service& service, SessionBook& book)
      : keys_{trust.keys},
        slot_{trust.keys.slot(shard)},
        csrf_{trust.csrf},
        standing_{trust.standing.slot(shard)},
        service_{service},
        book_{book} {}

  // By the bearer token, or else by the cookie `__session`. Throws Refused: token_expired,
  // unauthorized, session_revoked, account_suspended; invalid_csrf_token when a cookie alone would
  // change something; unavailable when the keys of an issuer could not be read.
  [[nodiscard]] Task<std::optional<api::Caller>> authenticate(
      const http::Request& request) override;

  // Has who comes with a token of whom told to this, from now on. It outlives the authenticator.
  void set_sign_ins(SignIns& sign_ins) { sign_ins_ = &sign_ins; }

  [[nodiscard]] Task<Admission> by_token(std::string token) override;
  [[nodiscard]] Task<Admission> by_ticket(std::string ticket) override;

 private:
  struct Known {
    Proof proof;
    bool is_development;
    KnownUser user;
    Timestamp read_again_at;
    Timestamp note_again_at;   // in the book of sessions
    std::uint64_t read_at;     // the standing's version when the user was read
    std::uint64_t checked_at;  // and when it was last looked at
  };
  struct Verified {
    Proof proof;
    bool is_development;
  };
  // The keys of one issuer, each with a context of this thread.
  struct Issuer {
    IssuerPolicy policy;
    std::vector<std::pair<std::string, crypto::Verifier>> keys;  // id (empty: any) and verifier
  };

  void follow_keys();
  // Who holds a token, where from: for the book of sessions.
  struct Whence {
    std::optional<Address> address{};
    std::string ip_address{};
    std::string user_agent{};
  };

  [[nodiscard]] static Whence whence_of(const http::Request& request);
  [[nodiscard]] const Known* find_fresh(std::string_view token);
  [[nodiscard]] Task<Known> know(std::string_view token, Whence whence);
  // As they are now: not as they were before a change that became known meanwhile.
  [[nodiscard]] Task<KnownUser> read_user(const Verified& verified, std::uint64_t& read_at);
  [[nodiscard]] Task<Verified> verify(std::string_view token);
  [[nodiscard]] static api::Caller caller_of(const Known& known);

  KeyStore& keys_;
  const KeySlot& slot_;
  const CsrfTokens& csrf_;
  const StandingSlot& standing_;
  Service& service_;
  SessionBook& book_;
  SignIns* sign_ins_ = nullptr;
  std::uint64_t keys_version_ = 0;
  bool are_keys_available_ = false;
  std::vector<Issuer> issuers_;
  TokenCache<Known> cache_;
};

}  // namespace wildnout::identity
