// The statements of administrators on users.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "identity/people_model.hpp"
#include "platform/db/session.hpp"

namespace wildnout::identity {

// Whoever may take an admin away waits here for those who do the same, on any node, to the end of
// the transaction: else two could each count on the other one's admin.
[[nodiscard]] Task<> lock_admins(db::Session& db);
// Whether there is an admin who may come in beside this user; `configured` are the ids that the
// configuration names, Clerk's or ours.
[[nodiscard]] Task<bool> has_other_admin(db::Session& db, UserId user,
                                         std::vector<std::string> configured);

// Holds the row to the end of the transaction. Nothing for a user who was deleted.
[[nodiscard]] Task<std::optional<AdministeredUser>> lock_user(db::Session& db, UserId user);
// Takes away what is not in `roles` (`user` is never written down) and gives what is.
[[nodiscard]] Task<> replace_roles(db::Session& db, UserId user, std::vector<std::string> roles);
[[nodiscard]] Task<> update_suspension(db::Session& db, UserId user, std::string reason,
                                       std::optional<Timestamp> until);
[[nodiscard]] Task<> clear_suspension(db::Session& db, UserId user);

}  // namespace wildnout::identity
