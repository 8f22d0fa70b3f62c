// The statements on users, roles and tickets.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "identity/model.hpp"
#include "platform/db/codec.hpp"
#include "platform/db/session.hpp"

namespace wildnout::identity {

// With a word on one session, which may be empty.
[[nodiscard]] Task<std::optional<UserRow>> find_user(db::Session& db, UserId id,
                                                     std::string session_id);
[[nodiscard]] Task<std::optional<UserRow>> find_user_of_clerk(db::Session& db, std::string clerk_id,
                                                              std::string session_id);

// False, and nothing done, when the id, the Clerk id or the username is somebody's already.
[[nodiscard]] Task<bool> insert_user(db::Session& db, NewUser user);
// Does nothing when the user has the role.
[[nodiscard]] Task<> insert_role(db::Session& db, UserId user, Role role);

[[nodiscard]] Task<std::optional<ProfileRow>> find_profile(db::Session& db, UserId id);

// People of the demonstration, the oldest first.
[[nodiscard]] Task<std::vector<UserId>> find_demo_users(db::Session& db, std::int32_t limit);

// Keeps a ticket and takes a few that are over away. Gives its expiry.
[[nodiscard]] Task<Timestamp> insert_ticket(db::Session& db, db::Bytes hash, UserId user,
                                            std::string session_id, Timestamp token_expires_at,
                                            std::chrono::milliseconds life);
// Uses a ticket up: of many who try at once, one gets the row.
[[nodiscard]] Task<std::optional<TicketRow>> take_ticket(db::Session& db, db::Bytes hash);

}  // namespace wildnout::identity
