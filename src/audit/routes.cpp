// Reading the trail, and having it checked.
#include "audit/routes.hpp"

#include "audit/checking.hpp"
#include "audit/head_file.hpp"
#include "audit/repository.hpp"
#include "platform/api/answers.hpp"
#include "platform/audit/person_keys.hpp"
#include "platform/json/json.hpp"

namespace wildnout::audit {

struct ListAudit {
  std::optional<Uuid> user_id;
  std::optional<Uuid> actor_id;
  std::optional<Text<1, 100>> action_type;
  std::optional<Severity> severity;
  std::optional<Timestamp> from;
  std::optional<Timestamp> to;
  std::optional<std::string> cursor;
  api::Limit limit;
};
BOOST_DESCRIBE_STRUCT(ListAudit, (),
                      (user_id, actor_id, action_type, severity, from, to, cursor, limit))

namespace {

RowFilter filter_of(const ListAudit& query) {
  RowFilter filter{query.user_id, query.actor_id, {}, query.severity, query.from, query.to};
  if (query.action_type) filter.action_type = query.action_type->raw();
  return filter;
}

AuditRow present(Record record) {
  return {record.id,
          std::move(record.action_type),
          record.actor_id,
          std::move(record.subject_type),
          std::move(record.subject_id),
          record.severity,
          {std::move(record.metadata)},
          std::move(record.ip_address),
          std::move(record.user_agent),
          std::move(record.request_id),
          record.created_at};
}

Task<api::Page<AuditRow>> list(db::Database& database, const api::Cursors& cursors,
                               api::Query<ListAudit> query) {
  const std::string name = query.list();
  std::optional<RowPlace> after;
  if (query->cursor) after = cursors.open<RowPlace>(*query->cursor, name);
  const std::int32_t limit = query->limit;
  db::Session& session = database.session(db::Work::slow);
  auto rows = co_await find_rows(session, filter_of(*query), after, limit + 1);
  const bool has_more = rows.size() > static_cast<std::size_t>(limit);
  if (has_more) rows.pop_back();
  api::Page<AuditRow> page;
  if (has_more) {
    page.next_cursor = cursors.seal(RowPlace{rows.back().created_at, rows.back().id}, name);
  }
  co_await open_records(session, rows);
  for (Record& record : rows) page.items.push_back(present(std::move(record)));
  co_return page;
}

// The rows hold addresses of people: who looked, and for whom, is on record too; once for a list,
// however many pages are turned.
Task<> record_look(db::Database& database, const Trail& trail, Author author,
                   const ListAudit& query) {
  const std::optional<Uuid> person = query.user_id ? query.user_id : query.actor_id;
  Fact fact{.action = "audit.read"};
  if (person) {
    fact.subject_type = "user";
    fact.subject_id = person->text();
  }
  co_await database.transact(
      [&](db::Session& session) -> Task<> { return trail.record(session, author, fact); });
}

Task<api::Page<AuditRow>> list_on_record(db::Database& database, const Trail& trail,
                                         const api::Cursors& cursors, Author author,
                                         api::Query<ListAudit> query) {
  auto page = co_await list(database, cursors, query);
  if (!query->cursor) co_await record_look(database, trail, std::move(author), *query);
  co_return page;
}

Task<Verification> verify(db::Database& database, const Trail& trail,
                          std::filesystem::path folder) {
  db::Session& session = database.session(db::Work::slow);
  const HeadFile file{folder, co_await database_identity(session)};
  co_return co_await check_trail(session, trail.keys(), file.read());
}

}  // namespace

void mount_trail(api::Router& router, db::Database& database, const Trail& trail,
                 const api::Cursors& cursors, std::filesystem::path folder) {
  router.get(
      "/admin/audit",
      [&database, &trail, &cursors](api::Permitted<"audit:read"> admin, api::Origin origin,
                                    api::Query<ListAudit> query) -> Task<api::Page<AuditRow>> {
        return list_on_record(database, trail, cursors, author_of(admin, origin), std::move(query));
      },
      {.summary = "Who did what, the newest first",
       .tag = "administration",
       .description = "userId: as actor or subject. from is included, to is not. The look is on "
                      "record."});
  router.get("/admin/audit/verify",
             [&database, &trail, folder = std::move(folder)](api::Permitted<"audit:read">)
                 -> Task<Verification> { return verify(database, trail, folder); },
             {.summary = "Whether the trail stands as it was written",
              .tag = "administration",
              .tier = api::Tier::search});
}

}  // namespace wildnout::audit
