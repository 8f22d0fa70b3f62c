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
  std::optional<std::string> seed;  // of the random order that the list began with
  EntryId id;
};
BOOST_DESCRIBE_STRUCT(EntryCursor, (), (time, count, shuffle, seed, id))

namespace {

constexpr std::string_view sees_all_entries = "moderation:decide";

EntryCursor position_of(const EntryRow& row, EntrySort sort, const std::string& seed) {
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
      position.seed = seed;
      break;
  }
  return position;
}

// A random order is the viewer's own and lasts. Those who are not signed in share one, which
// changes every hour so that nobody stays on top; whoever has begun a list goes on in the order it
// began with, since its cursor has the seed.
std::string seed_of(const std::optional<api::Caller>& caller) {
  if (caller) return caller->user_id.text();
  const auto now = std::chrono::floor<std::chrono::hours>(system_now());
  return std::to_string(now.time_since_epoch().count());
}

Task<api::Page<Entry>> list(db::Session& session, Reading& reading, const api::Cursors& cursors,
                            std::optional<api::Caller> caller, BattleId battle,
                            api::Query<ListEntries> query) {
  api::require((co_await reading.battle(battle)) != nullptr, api::not_found);
  const std::string name = query.list() + battle.text();
  EntryQuery wanted{battle,          std::nullopt,    caller && caller->may(sees_all_entries),
                    query->sort,     seed_of(caller), std::nullopt,
                    query->limit + 1};
  if (caller) wanted.viewer = UserId{caller->user_id};
  if (query->cursor) {
    const auto at = cursors.open<EntryCursor>(*query->cursor, name);
    wanted.after = EntryPosition{at.time, at.count, at.shuffle, at.id};
    if (at.seed) wanted.seed = *at.seed;
  }
  const auto limit = static_cast<std::size_t>(query->limit.raw());
  const auto rows = co_await list_entries(session, wanted);
  api::Page<Entry> page;
  for (const EntryRow& row : rows) {
    if (page.items.size() == limit) break;
    page.items.push_back(present(row));
  }
  if (rows.size() > page.items.size()) {
    page.next_cursor =
        cursors.seal(position_of(rows[page.items.size() - 1], query->sort, wanted.seed), name);
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
       .refusals = {&api::forbidden, &not_a_draft, &battle_not_active, &account_too_young,
                    &duplicate_entry, &battle_full, &api::validation_error},
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
       .refusals = {&battle_not_active, &account_too_young, &duplicate_entry, &battle_full,
                    &too_many_drafts},
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
