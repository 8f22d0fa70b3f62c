// The statements by which Clerk's facts become ours.
#pragma once

#include <boost/describe/class.hpp>
#include <optional>
#include <string>

#include "contracts/ids.hpp"
#include "identity/clerk_events.hpp"
#include "identity/protected.hpp"
#include "platform/db/session.hpp"

namespace wildnout::identity {

struct ClerkState {
  UserId id;
  std::optional<Timestamp> clerk_updated_at;
  bool is_barred;  // by Clerk
  bool is_deleted;
};
BOOST_DESCRIBE_STRUCT(ClerkState, (), (id, clerk_updated_at, is_barred, is_deleted))

// False when the id was there before. Waits for a transaction that is at the same id.
[[nodiscard]] Task<bool> insert_message(db::Session& db, std::string id, std::string type);
[[nodiscard]] Task<> set_outcome(db::Session& db, std::string id, std::string outcome);

// Holds the user's row to the end of the transaction.
[[nodiscard]] Task<std::optional<ClerkState>> lock_clerk_user(db::Session& db,
                                                              std::string clerk_id);
// The profile only as long as the user has not edited it here.
[[nodiscard]] Task<> update_clerk_user(db::Session& db, const crypto::Vault& vault, UserId id,
                                       ClerkUser user);
// Nothing happens when somebody has it, or the profile is the user's own.
[[nodiscard]] Task<> take_free_username(db::Session& db, UserId id, std::string username,
                                        std::string key);
// As above.
[[nodiscard]] Task<> clear_username(db::Session& db, UserId id);
// A user who is deleted from the first. False when there is one of that Clerk id.
[[nodiscard]] Task<bool> insert_deleted(db::Session& db, UserId id, std::string clerk_id);

// Ids older than a month; at most 10,000 at a time.
[[nodiscard]] Task<std::int64_t> forget_old_messages(db::Session& db);

}  // namespace wildnout::identity
