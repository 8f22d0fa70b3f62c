// The table of permissions, and the judgement of claims.
#include "identity/rules.hpp"

#include <algorithm>
#include <array>

#include "platform/crypto/jwt.hpp"

namespace wildnout::identity {
namespace {

using crypto::number_claim;
using crypto::text_claim;

struct Grant {
  std::string_view permission;
  Role least;  // roles from here on upwards hold it
};

// Sorted by permission. Ownership is checked beside these, in the services.
constexpr std::array grants{
    Grant{"anomaly:resolve", Role::admin},       Grant{"audit:read", Role::admin},
    Grant{"battle:administer", Role::admin},  // change others' battles, force a step
    Grant{"battle:create", Role::user},          Grant{"battle:enter", Role::user},
    Grant{"battle:feature", Role::admin},        Grant{"battle:vote", Role::user},
    Grant{"fairplay:review", Role::moderator},    // findings, voids, certificates
    Grant{"moderation:decide", Role::moderator},  // see what is not yet approved
    Grant{"user:administer", Role::admin},        // roles and suspensions
    Grant{"user:read-personal", Role::admin},     // addresses and sessions
};

constexpr std::array<std::string_view, role_count> role_names{"user", "creator", "moderator",
                                                              "admin", "service"};
constexpr std::size_t rank_count = 4;  // roles of people, before those of machines

// Later than any clock's now, and still four digits of year when printed.
constexpr std::int64_t last_second = 253'402'300'799;  // 9999-12-31T23:59:59Z
constexpr std::int64_t claims_version = 2;

// Clerk's ids are short words of ASCII; anything else could not be stored, or not be read in a log.
bool is_id(std::optional<std::string_view> text) {
  return text && !text->empty() && text->size() <= max_subject_bytes &&
         std::ranges::all_of(*text, [](char c) { return c > ' ' && c < '\x7F'; });
}

Timestamp time_of(std::int64_t seconds) {
  return Timestamp{std::chrono::seconds{std::clamp<std::int64_t>(seconds, 0, last_second)}};
}

// `nbf` and `iat`: absent, or a number that is not in the future.
bool has_begun(const boost::json::object& claims, std::string_view name, Timestamp now) {
  if (!claims.contains(name)) return true;
  const auto seconds = number_claim(claims, name);
  return seconds && time_of(*seconds) <= now + token_skew;
}

bool is_party_allowed(const boost::json::object& claims, const std::vector<std::string>& allowed) {
  if (allowed.empty()) return true;
  const auto party = text_claim(claims, "azp");
  return party && std::ranges::find(allowed, *party) != allowed.end();
}

// `act` (RFC 8693 section 4.1): empty when it is absent, nothing when it names nobody.
std::optional<std::string_view> actor_of(const boost::json::object& claims) {
  const boost::json::value* actor = claims.if_contains("act");
  if (actor == nullptr) return "";
  const boost::json::object* named = actor->if_object();
  if (named == nullptr) return std::nullopt;
  const auto subject = text_claim(*named, "sub");
  return is_id(subject) ? subject : std::nullopt;
}

bool is_status_active(const boost::json::object& claims) {
  if (!claims.contains("sts")) return true;
  const auto status = text_claim(claims, "sts");
  return status && *status != "pending";
}

}  // namespace

void RoleSet::add(std::string_view name) {
  const auto at = std::ranges::find(role_names, name);
  if (at != role_names.end()) add(static_cast<Role>(at - role_names.begin()));
}

std::string_view RoleSet::name_of(Role role) { return role_names[static_cast<std::size_t>(role)]; }

std::span<const std::string_view> RoleSet::names() const {
  using Lists = std::array<std::vector<std::string_view>, 1U << role_count>;
  static const Lists lists = [] {
    Lists made;
    for (std::size_t bits = 0; bits < made.size(); ++bits) {
      for (std::size_t i = 0; i < role_count; ++i) {
        if ((bits & bit(static_cast<Role>(i))) != 0) made[bits].push_back(role_names[i]);
      }
    }
    return made;
  }();
  return lists[bits_];
}

std::span<const std::string_view> RoleSet::permissions() const {
  using Lists = std::array<std::vector<std::string_view>, rank_count>;
  static const Lists lists = [] {
    Lists made;
    for (std::size_t i = 0; i < rank_count; ++i) {
      for (const Grant& grant : grants) {
        if (static_cast<Role>(i) >= grant.least) made[i].push_back(grant.permission);
      }
    }
    return made;
  }();
  // Each role holds what the ones below it hold, so the highest alone decides.
  for (std::size_t i = rank_count; i-- > 0;) {
    if (has(static_cast<Role>(i))) return lists[i];
  }
  return lists[0];
}

std::variant<Proof, TokenFault> judge(const boost::json::object& claims, const IssuerPolicy& policy,
                                      Timestamp now) {
  const auto subject = text_claim(claims, "sub");
  const auto session = text_claim(claims, "sid");
  const auto expiry = number_claim(claims, "exp");
  const bool is_version_known =
      !claims.contains("v") || number_claim(claims, "v") == claims_version;
  const auto actor = actor_of(claims);
  if (!is_id(subject) || !is_id(session) || !actor || !expiry || !is_version_known ||
      text_claim(claims, "iss") != std::string_view{policy.issuer} ||
      !has_begun(claims, "nbf", now) || !has_begun(claims, "iat", now) ||
      !is_party_allowed(claims, policy.authorized_parties) || !is_status_active(claims)) {
    return TokenFault::bad;
  }
  Proof proof{std::string{*subject}, std::string{*session}, time_of(*expiry), std::string{*actor}};
  if (proof.is_over(now)) return TokenFault::expired;
  return proof;
}

std::optional<std::string_view> bearer_token(std::string_view header) {
  constexpr std::string_view scheme = "bearer ";
  if (header.size() <= scheme.size()) return std::nullopt;
  const bool is_bearer = std::ranges::equal(header.substr(0, scheme.size()), scheme,
                                            [](char a, char b) { return (a | 0x20) == b; });
  if (!is_bearer) return std::nullopt;
  header.remove_prefix(scheme.size());
  header.remove_prefix(std::min(header.find_first_not_of(' '), header.size()));
  if (header.empty()) return std::nullopt;
  return header;
}

std::optional<std::string_view> cookie_of(std::string_view header, std::string_view name) {
  while (!header.empty()) {
    std::string_view pair = header.substr(0, header.find(';'));
    header.remove_prefix(std::min(header.size(), pair.size() + 1));
    pair.remove_prefix(std::min(pair.find_first_not_of(" \t"), pair.size()));
    const std::size_t equals = pair.find('=');
    if (equals == std::string_view::npos || pair.substr(0, equals) != name) continue;
    std::string_view value = pair.substr(equals + 1);
    while (value.ends_with(' ') || value.ends_with('\t')) value.remove_suffix(1);
    if (value.empty()) return std::nullopt;
    return value;
  }
  return std::nullopt;
}

}  // namespace wildnout::identity
