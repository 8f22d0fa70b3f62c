// Users as the house knows them: first sight, profiles, tickets, development tokens.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "contracts/users.hpp"
#include "identity/model.hpp"
#include "identity/people_repository.hpp"
#include "identity/settings.hpp"
#include "platform/api/access.hpp"
#include "platform/api/refusal.hpp"
#include "platform/audit/trail.hpp"
#include "platform/db/database.hpp"

namespace wildnout::identity {

// A ticket opens one socket, within this time by the database's clock.
inline constexpr std::chrono::seconds ticket_life{30};
inline constexpr std::size_t ticket_bytes = 32;  // random

// A user with the roles in force.
struct KnownUser {
  UserId id;
  std::string display_name;
  RoleSet roles;
  bool is_suspended = false;     // also banned or locked by Clerk
  bool is_session_over = false;  // of the session that was asked for
};

// One a shard.
class Service {
 public:
  // `dev_issuer` is null where there is none.
  Service(db::Database& database, const Settings& settings, const DevIssuer* dev_issuer,
          ProfileFacts& facts, const audit::Trail& trail)
      : database_{database},
        settings_{settings},
        dev_issuer_{dev_issuer},
        facts_{facts},
        trail_{trail} {}

  // Whom a proved subject is, and whether that session is over. The user comes into being here,
  // once under any race, with one `user.registered`. Nothing when the user was deleted, or a
  // development subject is no id.
  [[nodiscard]] Task<std::optional<KnownUser>> user_of(std::string subject, std::string session_id,
                                                       bool is_development);

  // In a transaction of somebody else's: makes the user of a Clerk id, with `user.registered`.
  // Nothing when there is one, also one that was made just now.
  [[nodiscard]] Task<std::optional<UserId>> insert_first_seen(
      db::Session& db, std::string clerk_id, std::optional<std::string> display_name);

  [[nodiscard]] static Session session(const api::Caller& caller);

  // Refuses: not_found.
  [[nodiscard]] Task<Profile> profile(UserId id, Viewer viewer);
  [[nodiscard]] Task<OwnProfile> own_profile(api::Caller caller);

  [[nodiscard]] Task<Ticket> make_ticket(db::Scope scope, api::Caller caller);

  // What a ticket stood for; used up whatever comes of it.
  struct Opened {
    KnownUser user;
    std::string session_id;
    Timestamp token_expires_at;
  };
  [[nodiscard]] Task<std::optional<Opened>> open_ticket(std::string ticket);

  // A user who came in by no token: of the demonstration, or asked of the development issuer. The
  // wish for a username that is taken is met with a suffix; the display name stays as wished.
  [[nodiscard]] Task<UserId> make_user(db::Scope scope, std::optional<std::string> username,
                                       std::vector<Role> roles, bool is_demo);

  // People of the demonstration made before, at most `limit`.
  [[nodiscard]] Task<std::vector<UserId>> demo_users(std::int32_t limit);

  // In development; roles that are granted are in the audit trail. Refuses: not_found (no such
  // user, or no issuer).
  [[nodiscard]] Task<DevToken> issue(db::Scope scope, DevTokenRequest request,
                                     audit::Author author = {});
  // Throws not_found where the issuer does not answer to this address.
  void require_dev_issuer(const boost::asio::ip::address& remote) const;
  [[nodiscard]] std::string dev_jwks() const { return dev_issuer_->jwks(); }

 private:
  // Whom a development token is for, with the roles that are asked for.
  [[nodiscard]] Task<UserId> find_or_make(db::Scope scope, const DevTokenRequest& request,
                                          const std::vector<Role>& roles);
  [[nodiscard]] Task<bool> try_user(db::Scope scope, NewUser user, std::vector<Role> roles);
  [[nodiscard]] KnownUser known(UserRow row) const;

  db::Database& database_;
  const Settings& settings_;
  const DevIssuer* dev_issuer_;
  ProfileFacts& facts_;
  const audit::Trail& trail_;
};

}  // namespace wildnout::identity
