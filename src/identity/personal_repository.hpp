// The statements on what is personal.
#pragma once

#include <boost/describe/class.hpp>
#include <optional>
#include <string>
#include <vector>

#include "identity/people_model.hpp"
#include "identity/protected.hpp"
#include "platform/db/session.hpp"

namespace wildnout::identity {

struct PersonalRow {
  UserId id;
  std::optional<std::string> clerk_id;
  std::optional<std::string> username;
  std::string display_name;
  std::optional<ProtectedEmail> email;
  std::vector<std::string> roles;
  std::optional<Timestamp> suspended_at;
  std::optional<Timestamp> suspended_until;
  std::optional<std::string> suspension_reason;
  std::optional<Timestamp> banned_at;
  std::optional<Timestamp> locked_until;
  std::optional<Timestamp> deletion_due_at;
  Timestamp created_at;
};
BOOST_DESCRIBE_STRUCT(PersonalRow, (),
                      (id, clerk_id, username, display_name, email, roles, suspended_at,
                       suspended_until, suspension_reason, banned_at, locked_until, deletion_due_at,
                       created_at))

// Nothing for a user who was deleted.
[[nodiscard]] Task<std::optional<PersonalRow>> find_personal_row(db::Session& db, UserId id);

// Whose address is indexed by one of these; at most 20.
[[nodiscard]] Task<std::vector<Person>> find_by_email(db::Session& db,
                                                      std::vector<EmailIndex> wanted);

}  // namespace wildnout::identity
