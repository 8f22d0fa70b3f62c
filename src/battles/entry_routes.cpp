// Routes of entries.
#include "battles/presentation.hpp"
#include "battles/refusals.hpp"
#include "battles/routes.hpp"
#include "platform/api/answers.hpp"
#include "platform/json/json.hpp"

namespace wildnout::battles {

struct ListEntries {
  EntrySort sort = EntrySort::newest;
  std::optional<std::string> cursor;
  api::Limit limit;
};
BOOST_DESCRIBE_STRUCT(ListEntries, (), (sort, cursor, limit))

struct EntryCursor {
  std::optional<Timestamp> time;
  std::optional<std::int64_t> count;
  std::optional<std::string> shuffle;
  EntryId id;
};
BOOST_DESCRIBE_STRUCT(EntryCursor, (), (time, count, shuffle, id))

namespace {

constexpr std::string_view sees_all_entries = "moderation:decide";

EntryCursor position_of(const EntryRow& row, EntrySort sort) {
  EntryCursor position{};
  position.id = row.id;
  switch (sort) {
    case EntrySort::newest:
      position.time = row.created_at;
      break;
    case EntrySort::top:
      position.count = row.is_tally_hidden ? 0 : row.vote_count;
      break;
    case EntrySort::random:
      position.shuffle = row.shuffle;
      break;
  }
  return position;
}

Task<api::Page<Entry>> list(db::Session& session, Reading& reading, const api::Cursors& cursors,
                            std::optional<api::Caller> caller, BattleId battle,
                            api::Query<ListEntries> query) {
  api::require((co_await reading.battle(battle)) != nullptr, api::not_found);
  std::optional<UserId> viewer;
  if (caller) viewer = UserId{caller->user_id};
  const std::string name = query.list() + battle.text();
  std::optional<EntryPosition> after;
  if (query->cursor) {
    const auto at = cursors.open<EntryCursor>(*query->cursor, name);
    after = EntryPosition{at.time, at.count, at.shuffle, at.id};
  }
  const std::int32_t limit = query->limit;
  const bool sees_everything = caller && caller->may(sees_all_entries);
  const auto rows = co_await list_entries(session, battle, viewer, sees_everything, query->sort,
                                          after, limit + 1);
  api::Page<Entry> page;
  for (const EntryRow& row : rows) {
    if (page.items.size() == static_cast<std::size_t>(limit)) break;
    page.items.push_back(present(row));
  }
  if (rows.size() > page.items.size()) {
    page.next_cursor = cursors.seal(position_of(rows[page.items.size() - 1], query->sort), name);
  }
  co_return page;
}

api::Tagged<Entry> tagged(const EntryRow& row) {
  Entry entry = present(row);
  std::string etag = etag_of(row.version, json::text_of(entry));
  return {std::move(entry), std::move(etag)};
}

void mount_changes(api::Router& router, EntryService& service) {
  router.patch("/entries/{id}",
               [&service](api::Caller caller, db::Scope scope, api::Path<EntryId> id,
                          api::Body<UpdateEntry> body,
                          api::Conditions conditions) -> Task<api::Tagged<Entry>> {
                 co_return tagged(co_await service.update(scope, caller, *id, std::move(body.value),
                                                          version_wanted(conditions.if_match())));
               },
               {.summary = "Change one's entry while the battle takes entries",
                .tag = "entries",
                .refusals = {&api::forbidden, &too_late, &api::precondition_failed},
                .tier = api::Tier::write});
  router.del("/entries/{id}",
             [&service](api::Caller caller, db::Scope scope, api::Path<EntryId> id,
                        api::Conditions conditions) -> Task<api::NoContent> {
               co_await service.remove(scope, caller, *id, version_wanted(conditions.if_match()));
               co_return api::NoContent{};
             },
             {.summary = "Withdraw one's entry, or throw a draft away",
              .tag = "entries",
              .refusals = {&api::forbidden, &too_late, &api::precondition_failed},
              .tier = api::Tier::write});
  router.post(
      "/entries/{id}/submit",
      [&service](api::Caller caller, db::Scope scope, api::Path<EntryId> id) -> Task<Entry> {
        co_return present(co_await service.submit(scope, caller, *id));
      },
      {.summary = "Submit a draft",
       .tag = "entries",
       .refusals = {&api::forbidden, &not_a_draft, &battle_not_active, &duplicate_entry,
                    &battle_full, &api::validation_error},
       .tier = api::Tier::write});
}

}  // namespace

void mount_entries(api::Router& router, EntryService& service, Reading& reading,
                   const api::Cursors& cursors) {
  router.post(
      "/battles/{id}/entries",
      [&service](api::Permitted<"battle:enter"> caller, db::Scope scope, api::Path<BattleId> id,
                 api::Body<CreateEntry> body) -> Task<api::Created<Entry>> {
        const EntryRow row = co_await service.create(scope, caller, *id, std::move(body.value));
        co_return api::Created<Entry>{present(row), "/entries/" + row.id.text()};
      },
      {.summary = "Enter a battle, or keep a draft",
       .tag = "entries",
       .refusals = {&battle_not_active, &duplicate_entry, &battle_full, &too_many_drafts},
       .tier = api::Tier::write});
  router.get("/battles/{id}/entries",
             [&reading, &cursors](std::optional<api::Caller> caller, db::Scope scope,
                                  api::Path<BattleId> id,
                                  api::Query<ListEntries> query) -> Task<api::Page<Entry>> {
               return list(scope.session(), reading, cursors, std::move(caller), *id,
                           std::move(query));
             },
             {.summary = "The entries of a battle", .tag = "entries"});
  router.get("/entries/{id}",
             [&service](std::optional<api::Caller> caller, db::Scope scope,
                        api::Path<EntryId> id) -> Task<api::Tagged<Entry>> {
               co_return tagged(co_await service.get(scope.session(), std::move(caller), *id));
             },
             {.summary = "One entry", .tag = "entries"});
  mount_changes(router, service);
}

}  // namespace wildnout::battles
