// The statements that read what identity holds about one person.
#pragma once

#include <boost/describe/class.hpp>
#include <optional>
#include <string>
#include <vector>

#include "contracts/ids.hpp"
#include "identity/protected.hpp"
#include "platform/db/session.hpp"
#include "platform/values/time.hpp"

namespace wildnout::identity {

// What the profile does not show.
struct KeptAccount {
  UserId id;
  std::optional<std::string> clerk_id;
  std::vector<std::string> roles;  // beside `user`
  bool is_profile_own;             // edited here: Clerk's changes are not taken any more
  std::optional<Timestamp> clerk_updated_at;
  std::optional<Timestamp> suspended_at;
  std::optional<Timestamp> suspended_until;
  std::optional<std::string> suspension_reason;
  std::optional<Timestamp> banned_at;
  std::optional<Timestamp> locked_until;
  Timestamp created_at;
  Timestamp updated_at;
};
BOOST_DESCRIBE_STRUCT(KeptAccount, (),
                      (id, clerk_id, roles, is_profile_own, clerk_updated_at, suspended_at,
                       suspended_until, suspension_reason, banned_at, locked_until, created_at,
                       updated_at))
[[nodiscard]] Task<std::optional<KeptAccount>> find_account(db::Session& db, UserId user);

// Ended ones too.
struct KeptSessionRow {
  std::string id;
  Timestamp created_at;
  Timestamp last_active_at;
  std::optional<ProtectedOrigin> origin;
  std::optional<Timestamp> ended_at;
  std::optional<std::string> end_cause;
};
BOOST_DESCRIBE_STRUCT(KeptSessionRow, (),
                      (id, created_at, last_active_at, origin, ended_at, end_cause))
[[nodiscard]] Task<std::vector<KeptSessionRow>> find_kept_sessions(db::Session& db, UserId user,
                                                                   std::string after,
                                                                   std::int32_t limit);

// By the other person's id.
struct KeptTie {
  UserId user_id;
  Timestamp since;
};
BOOST_DESCRIBE_STRUCT(KeptTie, (), (user_id, since))
using FindTies = Task<std::vector<KeptTie>>(db::Session& db, UserId user,
                                            std::optional<UserId> after, std::int32_t limit);
[[nodiscard]] FindTies find_kept_following;
[[nodiscard]] FindTies find_kept_followers;
[[nodiscard]] FindTies find_kept_blocks;
[[nodiscard]] FindTies find_kept_mutes;

// Requests that were sent with an Idempotency-Key within the last day; what was answered is a copy
// of what the other files have.
struct KeptRequest {
  std::string key;
  std::int32_t status;
  Timestamp created_at;
};
BOOST_DESCRIBE_STRUCT(KeptRequest, (), (key, status, created_at))
[[nodiscard]] Task<std::vector<KeptRequest>> find_kept_requests(db::Session& db, UserId user,
                                                                std::string after,
                                                                std::int32_t limit);

}  // namespace wildnout::identity
