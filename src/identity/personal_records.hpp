// What is known of a person beyond their profile, for administrators; every look is on record.
#pragma once

#include <boost/describe/class.hpp>
#include <optional>
#include <string>
#include <vector>

#include "identity/people_model.hpp"
#include "identity/settings.hpp"
#include "platform/audit/trail.hpp"
#include "platform/db/database.hpp"

namespace wildnout::identity {

inline constexpr std::int32_t max_record_sessions = 20;

struct RecordedSession {
  std::string id;
  Timestamp created_at;
  Timestamp last_active_at;
  std::optional<std::string> ip_address;
  std::optional<std::string> user_agent;
};
BOOST_DESCRIBE_STRUCT(RecordedSession, (), (id, created_at, last_active_at, ip_address, user_agent))

// The account as administrators see it, with what is personal.
struct PersonalRecord : AdministeredUser {
  std::optional<std::string> clerk_id;
  std::optional<std::string> email;
  std::optional<Timestamp> banned_at;  // by Clerk
  std::optional<Timestamp> locked_until;
  std::optional<Timestamp> deletion_scheduled_at;
  std::vector<RecordedSession> sessions;  // that have not ended, the newest ones
};
BOOST_DESCRIBE_STRUCT(PersonalRecord, (AdministeredUser),
                      (clerk_id, email, banned_at, locked_until, deletion_scheduled_at, sessions))

struct FindByEmail {
  Text<3, max_email_bytes> email;
};
BOOST_DESCRIBE_STRUCT(FindByEmail, (), (email))

struct FoundUsers {
  std::vector<Person> items;
};
BOOST_DESCRIBE_STRUCT(FoundUsers, (), (items))

// One a shard. What is read and that it was read are one transaction: nothing is shown that could
// not be written down.
class PersonalRecords {
 public:
  PersonalRecords(const Settings& settings, const audit::Trail& trail)
      : settings_{settings}, trail_{trail} {}

  // Refuses: not_found.
  [[nodiscard]] Task<PersonalRecord> read(db::Scope scope, audit::Author author, UserId user);
  // Whoever has the address, whatever its case. The trail tells who was found, not by what.
  [[nodiscard]] Task<FoundUsers> find(db::Scope scope, audit::Author author, std::string email);

 private:
  const Settings& settings_;
  const audit::Trail& trail_;
};

}  // namespace wildnout::identity
