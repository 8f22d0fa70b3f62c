// Opening a person's record, and writing down that it was opened.
#include "identity/personal_records.hpp"

#include "identity/personal_repository.hpp"
#include "identity/session_repository.hpp"
#include "platform/api/refusal.hpp"
#include "platform/json/json.hpp"
#include "platform/protection/reading.hpp"

namespace wildnout::identity {

// What the audit trail keeps of a look.
struct PersonalRead {
  std::vector<std::string> fields;
};
BOOST_DESCRIBE_STRUCT(PersonalRead, (), (fields))

struct EmailSought {
  std::int64_t found;
};
BOOST_DESCRIBE_STRUCT(EmailSought, (), (found))

namespace {

std::vector<std::string> names_of(const std::vector<std::string>& kept) {
  RoleSet roles;
  for (const std::string& role : kept) roles.add(std::string_view{role});
  const auto names = roles.names();
  return {names.begin(), names.end()};
}

PersonalRecord record_of(PersonalRow row, const crypto::Vault& vault) {
  PersonalRecord record;
  record.email = protection::reveal(vault, row.email, row.id.text());
  record.id = row.id;
  record.username = std::move(row.username);
  record.display_name = std::move(row.display_name);
  record.roles = names_of(row.roles);
  record.suspended_at = row.suspended_at;
  record.suspended_until = row.suspended_until;
  record.suspension_reason = std::move(row.suspension_reason);
  record.created_at = row.created_at;
  record.clerk_id = std::move(row.clerk_id);
  record.banned_at = row.banned_at;
  record.locked_until = row.locked_until;
  record.deletion_scheduled_at = row.deletion_due_at;
  return record;
}

}  // namespace

Task<PersonalRecord> PersonalRecords::read(db::Scope scope, audit::Author author, UserId user) {
  co_return co_await scope.transact([&](db::Session& db) -> Task<PersonalRecord> {
    auto row = co_await find_personal_row(db, user);
    api::require(row.has_value(), api::not_found);
    PersonalRecord record = record_of(std::move(*row), settings_.vault);
    for (SessionRow& session :
         co_await find_sessions(db, settings_.vault, user, std::nullopt, max_record_sessions)) {
      record.sessions.push_back({std::move(session.id), session.created_at, session.last_active_at,
                                 std::move(session.ip_address), std::move(session.user_agent)});
    }
    const PersonalRead look{{"email", "sessions"}};
    co_await trail_.record(db, author,
                           {.action = "user.personalDataRead",
                            .subject_type = "user",
                            .subject_id = user.text(),
                            .severity = audit::Severity::info,
                            .metadata = json::text_of(look)});
    co_return record;
  });
}

Task<FoundUsers> PersonalRecords::find(db::Scope scope, audit::Author author, std::string email) {
  const auto wanted = EmailIndex::candidates(settings_.vault, email_key(email));
  co_return co_await scope.transact([&](db::Session& db) -> Task<FoundUsers> {
    FoundUsers found{co_await find_by_email(db, wanted)};
    audit::Fact fact{
        .action = "user.soughtByEmail",
        .metadata = json::text_of(EmailSought{static_cast<std::int64_t>(found.items.size())})};
    if (found.items.size() == 1) {
      fact.subject_type = "user";
      fact.subject_id = found.items[0].id.text();
    }
    co_await trail_.record(db, author, std::move(fact));
    co_return found;
  });
}

}  // namespace wildnout::identity
