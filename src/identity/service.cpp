// The rules of users, tickets and development tokens.
#include "identity/service.hpp"

#include <algorithm>
#include <array>

#include "identity/preferences.hpp"
#include "identity/repository.hpp"
#include "platform/bus/outbox.hpp"
#include "platform/crypto/digest.hpp"
#include "platform/json/json.hpp"
#include "platform/protection/reading.hpp"
#include "platform/values/random.hpp"

namespace wildnout::identity {

// What the audit trail keeps of a development token that came with roles.
struct RolesGranted {
  std::vector<std::string> roles;
};
BOOST_DESCRIBE_STRUCT(RolesGranted, (), (roles))

namespace {

constexpr std::size_t suffix_characters = 8;

// The end of a version 7 id is random, so it sets people apart at a glance.
std::string suffix_of(UserId id) {
  const std::string text = id.text();
  return text.substr(text.size() - suffix_characters);
}

// Clerk's session tokens carry no name.
std::string unnamed(UserId id) { return "user-" + suffix_of(id); }

db::Bytes hash_of(std::string_view ticket) { return db::Bytes::of(crypto::sha256(ticket)); }

template <class Shown>
void show(const ProfileRow& row, const BattleRecord& record, Shown& profile) {
  profile.id = row.id;
  profile.username = row.username;
  profile.display_name = row.display_name;
  profile.avatar_url = row.avatar_url;
  profile.bio = row.bio;
  profile.stats.battles = record.battles;
  profile.stats.wins = record.wins;
  profile.stats.followers = row.follower_count;
  profile.stats.following = row.following_count;
  profile.created_at = row.created_at;
}

bool is_loopback(const boost::asio::ip::address& address) {
  if (address.is_v6() && address.to_v6().is_v4_mapped()) {
    return boost::asio::ip::make_address_v4(boost::asio::ip::v4_mapped, address.to_v6())
        .is_loopback();
  }
  return address.is_loopback();
}

}  // namespace

KnownUser Service::known(UserRow row) const {
  KnownUser user{row.id, std::move(row.display_name), {}, row.is_suspended, row.is_session_over};
  for (const std::string& role : row.roles) user.roles.add(std::string_view{role});
  const auto& admins = settings_.admin_user_ids;
  const auto is_named = [&](const std::string& id) {
    return std::ranges::find(admins, id) != admins.end();
  };
  // Not written down: an admin by configuration is one no longer when the configuration says so.
  if (!admins.empty() && ((row.clerk_id && is_named(*row.clerk_id)) || is_named(row.id.text()))) {
    user.roles.add(Role::admin);
  }
  return user;
}

Task<std::optional<KnownUser>> Service::user_of(std::string subject, std::string session_id,
                                                bool is_development) {
  const auto id = is_development ? Uuid::parse(subject) : std::nullopt;
  if (is_development && !id) co_return std::nullopt;
  for (bool is_first = true;; is_first = false) {
    db::Session& session = database_.session();
    auto row = is_development ? co_await find_user(session, UserId{*id}, session_id)
                              : co_await find_user_of_clerk(session, subject, session_id);
    if (row && row->is_deleted) co_return std::nullopt;
    if (row) co_return known(std::move(*row));
    if (!is_first) throw std::runtime_error{"a user vanished while it was made"};
    NewUser user;
    user.id = is_development ? UserId{*id} : UserId::make();
    if (!is_development) user.clerk_id = subject;
    user.display_name = unnamed(user.id);
    // Whether this request made the row or another one did at the same moment, it is there now.
    (void)co_await try_user(db::Scope{database_}, std::move(user), {});
  }
}

Task<std::optional<UserId>> Service::insert_first_seen(db::Session& db, std::string clerk_id,
                                                       std::optional<std::string> display_name) {
  NewUser user;
  user.id = UserId::make();
  user.clerk_id = std::move(clerk_id);
  user.display_name = display_name.value_or(unnamed(user.id));
  const UserId id = user.id;
  const bool is_made = co_await try_user(db::Scope{database_, db}, std::move(user), {});
  co_return is_made ? std::optional{id} : std::nullopt;
}

Task<bool> Service::try_user(db::Scope scope, NewUser user, std::vector<Role> roles) {
  co_return co_await scope.transact([&](db::Session& session) -> Task<bool> {
    if (!co_await insert_user(session, user)) co_return false;
    for (const Role role : roles) co_await insert_role(session, user.id, role);
    co_await bus::publish(session, user.id.value,
                          UserRegistered{user.id, user.display_name, user.is_demo});
    co_return true;
  });
}

Session Service::session(const api::Caller& caller) {
  Session session{UserId{caller.user_id},
                  caller.session_id,
                  {caller.roles.begin(), caller.roles.end()},
                  {caller.permissions.begin(), caller.permissions.end()},
                  caller.expires_at,
                  caller.is_by_cookie ? Method::cookie : Method::bearer,
                  {}};
  if (caller.is_impersonated()) session.impersonated_by = caller.actor;
  return session;
}

Task<Profile> Service::profile(UserId id, Viewer viewer) {
  api::require(co_await may_see_profile(database_.session(), id, viewer), api::not_found);
  const auto row = co_await find_profile(database_.session(), id);
  api::require(row.has_value(), api::not_found);
  Profile profile;
  show(*row, co_await facts_.battle_record(id), profile);
  co_return profile;
}

Task<OwnProfile> Service::own_profile(api::Caller caller) {
  const UserId id{caller.user_id};
  const auto row = co_await find_profile(database_.session(), id);
  api::require(row.has_value(), api::not_found);
  OwnProfile profile;
  show(*row, co_await facts_.battle_record(id), profile);
  profile.location = row->location;
  profile.links = row->links;
  profile.email = protection::reveal(settings_.vault, row->email, id.text());
  profile.preferences = preferences_of(row->preferences);
  profile.deletion_scheduled_at = row->deletion_due_at;
  profile.roles.assign(caller.roles.begin(), caller.roles.end());
  co_return profile;
}

Task<Ticket> Service::make_ticket(db::Scope scope, api::Caller caller) {
  std::array<std::uint8_t, ticket_bytes> bytes;
  random_bytes(bytes);
  Ticket ticket{crypto::base64url(bytes), {}};
  ticket.expires_at =
      co_await insert_ticket(scope.session(), hash_of(ticket.ticket), UserId{caller.user_id},
                             caller.session_id, caller.expires_at, ticket_life);
  co_return ticket;
}

Task<std::optional<Service::Opened>> Service::open_ticket(std::string ticket) {
  // As many characters as base64url needs: whatever is longer need not be hashed.
  if (ticket.size() != (ticket_bytes * 4 + 2) / 3) co_return std::nullopt;
  const auto used = co_await take_ticket(database_.session(), hash_of(ticket));
  if (!used || !used->is_fresh) co_return std::nullopt;
  auto row = co_await find_user(database_.session(), used->user_id, used->session_id);
  if (!row || row->is_deleted || row->is_session_over) co_return std::nullopt;
  co_return Opened{known(std::move(*row)), used->session_id, used->token_expires_at};
}

Task<UserId> Service::make_user(db::Scope scope, std::optional<std::string> username,
                                std::vector<Role> roles, bool is_demo) {
  NewUser user;
  user.id = UserId::make();
  if (username) user.take_name(*username);
  user.display_name = username.value_or(unnamed(user.id));
  user.is_demo = is_demo;
  if (co_await try_user(scope, user, roles)) co_return user.id;
  if (username) user.take_name(*username + '-' + suffix_of(user.id));
  if (!co_await try_user(scope, user, roles)) throw std::runtime_error{"no user could be made"};
  co_return user.id;
}

void Service::require_dev_issuer(const boost::asio::ip::address& remote) const {
  const bool answers =
      dev_issuer_ != nullptr && (settings_.is_dev_issuer_public || is_loopback(remote));
  api::require(answers, api::not_found);
}

Task<UserId> Service::find_or_make(db::Scope scope, const DevTokenRequest& request,
                                   const std::vector<Role>& roles) {
  if (!request.user_id) {
    std::optional<std::string> username;
    if (request.username) username = request.username->raw();
    co_return co_await make_user(scope, std::move(username), roles, false);
  }
  const auto row = co_await find_user(scope.session(), *request.user_id, "");
  api::require(row && !row->is_deleted, api::not_found);
  for (const Role role : roles) co_await insert_role(scope.session(), *request.user_id, role);
  co_return *request.user_id;
}

Task<DevToken> Service::issue(db::Scope scope, DevTokenRequest request, audit::Author author) {
  api::require(dev_issuer_ != nullptr, api::not_found);
  const std::vector<Role> roles = request.roles ? request.roles->raw() : std::vector<Role>{};
  UserId user;
  if (roles.empty()) {
    user = co_await find_or_make(scope, request, roles);
  } else {
    RolesGranted granted;
    for (const Role role : roles) granted.roles.emplace_back(RoleSet::name_of(role));
    user = co_await scope.transact([&](db::Session& session) -> Task<UserId> {
      const UserId id = co_await find_or_make(db::Scope{database_, session}, request, roles);
      co_await trail_.record(session, author,
                             {.action = "user.rolesGranted",
                              .subject_type = "user",
                              .subject_id = id.text(),
                              .severity = audit::Severity::warning,
                              .metadata = json::text_of(granted)});
      co_return id;
    });
  }
  const std::int32_t seconds = request.ttl_seconds ? request.ttl_seconds->raw() : dev_token_seconds;
  const Timestamp now = std::chrono::floor<std::chrono::seconds>(system_now());
  const Timestamp expires_at = now + std::chrono::seconds{seconds};
  std::string session_id = "sess_" + Uuid::make().text();
  std::string token = dev_issuer_->sign(user, session_id, now, expires_at);
  co_return DevToken{std::move(token), user, std::move(session_id), expires_at};
}

Task<std::vector<UserId>> Service::demo_users(std::int32_t limit) {
  return find_demo_users(database_.session(), limit);
}

}  // namespace wildnout::identity
