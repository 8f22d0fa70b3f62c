// Resolving a case, once.
#include "audit/watch/service.hpp"

#include "platform/json/json.hpp"

namespace wildnout::audit::watch {

// What the trail keeps of it.
struct CaseResolved {
  AnomalyKind kind;
  std::string subject_id;
  AnomalyResolution resolution;
  std::string note;
};
BOOST_DESCRIBE_STRUCT(CaseResolved, (), (kind, subject_id, resolution, note))

Task<CaseRow> AnomalyService::resolve(db::Scope scope, Author author, Uuid by, Uuid id,
                                      ResolveAnomaly wish) {
  co_return co_await scope.transact([&](db::Session& session) -> Task<CaseRow> {
    co_await hold_watch(session);
    const auto row = co_await lock_case(session, id);
    api::require(row.has_value(), api::not_found);
    if (row->resolution) {
      const bool is_same = row->resolution == wish.resolution && row->note == wish.note.raw();
      api::require(is_same, already_resolved);
      co_return *row;
    }
    co_await resolve_case(session, id, wish.resolution, wish.note.raw(), by);
    const CaseResolved resolved{row->kind, row->subject_id, wish.resolution, wish.note.raw()};
    co_await trail_.record(session, author,
                           {.action = "anomaly.resolved",
                            .subject_type = "anomaly",
                            .subject_id = id.text(),
                            .severity = Severity::info,
                            .metadata = json::text_of(resolved)});
    co_return *co_await lock_case(session, id);
  });
}

}  // namespace wildnout::audit::watch
