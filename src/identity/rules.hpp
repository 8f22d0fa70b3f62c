// Who may do what, and which tokens are believed: pure functions.
#pragma once

#include <boost/describe/enum.hpp>
#include <boost/json/object.hpp>
#include <chrono>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "platform/values/time.hpp"

namespace wildnout::identity {

// Of people in the order of what they may do; `service` marks a machine, which may do what a user
// may, only oftener (its limit of requests).
enum class Role : std::uint8_t { user, creator, moderator, admin, service };
BOOST_DESCRIBE_ENUM(Role, user, creator, moderator, admin, service)

inline constexpr std::size_t role_count = 5;

// A set of roles; `user` is always in it.
class RoleSet {
 public:
  RoleSet() = default;
  RoleSet(std::initializer_list<Role> roles) {
    for (const Role role : roles) add(role);
  }

  void add(Role role) { bits_ |= bit(role); }
  // By its name in SQL and JSON; one that is not known is passed over.
  void add(std::string_view name);
  [[nodiscard]] bool has(Role role) const { return (bits_ & bit(role)) != 0; }

  [[nodiscard]] static std::string_view name_of(Role role);
  // Of static life time, in the order of the enum.
  [[nodiscard]] std::span<const std::string_view> names() const;
  // Sorted, of static life time.
  [[nodiscard]] std::span<const std::string_view> permissions() const;

 private:
  static constexpr std::uint8_t bit(Role role) {
    return static_cast<std::uint8_t>(1U << static_cast<unsigned>(role));
  }
  std::uint8_t bits_ = bit(Role::user);
};

// How far the clocks of issuer and verifier may be apart.
inline constexpr std::chrono::seconds token_skew{5};
inline constexpr std::size_t max_subject_bytes = 255;

// What an issuer's tokens must hold beside a good signature.
struct IssuerPolicy {
  std::string issuer;                           // `iss`, exactly
  std::vector<std::string> authorized_parties;  // `azp` is one of them; empty: not looked at
  bool is_development = false;                  // its `sub` is a user's id here, not Clerk's
};

// What a token proves.
struct Proof {
  std::string subject;
  std::string session_id;
  Timestamp expires_at;  // at most the end of the year 9999
  std::string actor;     // who acts in the subject's name; empty: the subject

  // Exactly when the token stops being taken.
  [[nodiscard]] bool is_over(Timestamp now) const { return expires_at <= now - token_skew; }
};

enum class TokenFault : std::uint8_t { bad, expired };

// Judges the claims of a token whose signature by this issuer's key was accepted; the rules are
// those of Clerk's own SDK, and beyond them: `iss` must be the issuer, `sid` must be there, `sts`
// must not be pending, `v` is absent or 2, `act` names somebody where it is there. A token that is
// expired and bad is bad.
[[nodiscard]] std::variant<Proof, TokenFault> judge(const boost::json::object& claims,
                                                    const IssuerPolicy& policy, Timestamp now);

// The token of an Authorization header (RFC 6750 section 2.1); nothing when it is no bearer's.
[[nodiscard]] std::optional<std::string_view> bearer_token(std::string_view header);

// Where Clerk's page keeps the token for its own origin.
inline constexpr std::string_view session_cookie = "__session";
// The first cookie of that name in a Cookie header (RFC 6265 section 5.4); nothing when it is not
// there or empty.
[[nodiscard]] std::optional<std::string_view> cookie_of(std::string_view header,
                                                        std::string_view name);

}  // namespace wildnout::identity
