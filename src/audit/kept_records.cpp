// Going through what the audit trail holds about one person.
#include "audit/kept_records.hpp"

#include "audit/kept_repository.hpp"
#include "audit/repository.hpp"
#include "platform/audit/person_keys.hpp"

namespace wildnout::audit {

// A row as the archive has it.
struct KeptRow {
  Uuid id;
  Timestamp created_at;
  std::string action_type;
  std::string role;  // "actor" or "subject"
  std::optional<std::string> subject_type;
  std::optional<std::string> subject_id;
  json::Raw metadata;
  std::optional<std::string> ip_address;
  std::optional<std::string> user_agent;
};
BOOST_DESCRIBE_STRUCT(KeptRow, (),
                      (id, created_at, action_type, role, subject_type, subject_id, metadata,
                       ip_address, user_agent))

namespace {

constexpr std::int32_t rows_a_page = 500;
constexpr std::string_view actions = "audit/actions";

// Of what others did about the person, who they are and where they sat is theirs.
KeptRow kept(Record record, UserId user) {
  const bool is_actor = record.actor_id == user.value;
  KeptRow row{record.id,
              record.created_at,
              std::move(record.action_type),
              is_actor ? "actor" : "subject",
              std::move(record.subject_type),
              std::move(record.subject_id),
              {std::move(record.metadata)},
              std::nullopt,
              std::nullopt};
  if (is_actor) row.ip_address = std::move(record.ip_address);
  if (is_actor) row.user_agent = std::move(record.user_agent);
  return row;
}

Task<> collect_actions(db::Session& db, UserId user, RecordSink& sink) {
  RowFilter filter;
  filter.user_id = user.value;
  std::optional<RowPlace> after;
  co_await sink.add(actions, "");
  while (true) {
    auto records = co_await find_rows(db, filter, after, rows_a_page);
    if (records.empty()) co_return;
    after = RowPlace{records.back().created_at, records.back().id};
    co_await open_records(db, records);
    std::vector<KeptRow> rows;
    for (Record& record : records) rows.push_back(kept(std::move(record), user));
    co_await add_rows(sink, actions, rows);
  }
}

}  // namespace

Task<> AuditRecords::collect(db::Session& db, UserId user, RecordSink& sink) {
  co_await collect_actions(db, user, sink);
  const auto uses = co_await find_kept_uses(db, user);
  co_await add_rows(sink, "audit/networks", uses);
  const auto cases = co_await find_kept_cases(db, user);
  co_await add_rows(sink, "audit/cases", cases);
}

Task<> AuditRecords::erase(db::Session& db, UserId user) {
  co_await forget_person(db, user.value);
  co_await erase_watched(db, user);
}

}  // namespace wildnout::audit
