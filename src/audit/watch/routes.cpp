// Listing cases and resolving them.
#include "audit/watch/routes.hpp"

#include "platform/api/answers.hpp"
#include "platform/json/json.hpp"

namespace wildnout::audit::watch {

struct ListAnomalies {
  std::optional<AnomalyState> state;
  std::optional<AnomalyKind> kind;
  std::optional<Severity> severity;
  std::optional<std::string> cursor;
  api::Limit limit;
};
BOOST_DESCRIBE_STRUCT(ListAnomalies, (), (state, kind, severity, cursor, limit))

// Ids are in the order in which cases were opened.
struct AnomalyCursor {
  Uuid id;
};
BOOST_DESCRIBE_STRUCT(AnomalyCursor, (), (id))

namespace {

Anomaly present(CaseRow row) {
  return {row.id,
          row.kind,
          row.resolved_at ? AnomalyState::resolved : AnomalyState::open,
          row.severity,
          row.mode,
          row.subject_type,
          std::move(row.subject_id),
          row.fact_count,
          {std::move(row.evidence)},
          row.first_at,
          row.last_at,
          row.found_at,
          row.resolution,
          std::move(row.note),
          row.resolved_by,
          row.resolved_at};
}

Task<api::Page<Anomaly>> list(db::Scope scope, const api::Cursors& cursors,
                              api::Query<ListAnomalies> query) {
  const std::string name = query.list();
  std::optional<Uuid> after;
  if (query->cursor) after = cursors.open<AnomalyCursor>(*query->cursor, name).id;
  const std::int32_t limit = query->limit;
  auto rows = co_await find_cases(scope.session(), {query->state, query->kind, query->severity},
                                  after, limit + 1);
  const bool has_more = rows.size() > static_cast<std::size_t>(limit);
  if (has_more) rows.pop_back();
  api::Page<Anomaly> page;
  if (has_more) page.next_cursor = cursors.seal(AnomalyCursor{rows.back().id}, name);
  for (CaseRow& row : rows) page.items.push_back(present(std::move(row)));
  co_return page;
}

}  // namespace

void mount_anomalies(api::Router& router, AnomalyService& service, const api::Cursors& cursors) {
  router.get("/admin/anomalies",
             [&cursors](api::Permitted<"audit:read">, db::Scope scope,
                        api::Query<ListAnomalies> query) -> Task<api::Page<Anomaly>> {
               return list(scope, cursors, std::move(query));
             },
             {.summary = "What the watch found, the newest first", .tag = "administration"});
  router.post(
      "/admin/anomalies/{id}/resolve",
      [&service](api::Permitted<"anomaly:resolve"> admin, api::Origin origin, db::Scope scope,
                 api::Path<Uuid> id, api::Body<ResolveAnomaly> body) -> Task<Anomaly> {
        co_return present(co_await service.resolve(scope, author_of(admin, origin), admin.user_id,
                                                   *id, std::move(body.value)));
      },
      {.summary = "Say what a case was",
       .tag = "administration",
       .refusals = {&already_resolved},
       .tier = api::Tier::write,
       .description = "The same again changes nothing. Facts that come later make a case "
                      "of their own."});
}

}  // namespace wildnout::audit::watch
