// Routes of battles themselves.
#include "battles/routes.hpp"

#include "battles/presentation.hpp"
#include "battles/refusals.hpp"
#include "platform/api/answers.hpp"
#include "platform/json/json.hpp"

namespace wildnout::battles {

struct ListBattles {
  std::optional<Status> status;
  std::optional<BattleType> battle_type;
  std::optional<UserId> creator_id;
  std::optional<BattleId> parent_id;  // rounds of this tournament; other lists leave rounds out
  std::optional<bool> featured;
  std::optional<Text<1, 100>> q;
  BattleSort sort = BattleSort::newest;
  std::optional<std::string> cursor;
  api::Limit limit;
};
BOOST_DESCRIBE_STRUCT(ListBattles, (),
                      (status, battle_type, creator_id, parent_id, featured, q, sort, cursor,
                       limit))

// The sort key of a page's last row; the trend as text, so that it comes back bit by bit.
struct BattleCursor {
  std::optional<Timestamp> time;
  std::optional<std::int64_t> count;
  std::optional<double> trend;
  BattleId id;
};
BOOST_DESCRIBE_STRUCT(BattleCursor, (), (time, count, trend, id))

struct BattlePage {
  std::vector<Battle> items;
  std::optional<std::string> next_cursor;
};
BOOST_DESCRIBE_STRUCT(BattlePage, (), (items, next_cursor))

struct HistoryPage {
  std::vector<HistoryStep> items;
  std::optional<std::string> next_cursor;
};
BOOST_DESCRIBE_STRUCT(HistoryPage, (), (items, next_cursor))

namespace {

BattleFilter filter_of(const ListBattles& query) {
  BattleFilter filter;
  if (query.status) {
    filter.statuses = {*query.status};
  } else if (query.sort == BattleSort::ending_soon) {
    filter.statuses = {Status::upcoming, Status::active, Status::voting};
  } else {
    filter.statuses = {Status::upcoming, Status::active, Status::voting, Status::completed};
  }
  filter.battle_type = query.battle_type;
  filter.creator_id = query.creator_id;
  filter.parent_id = query.parent_id;
  filter.featured = query.featured;
  if (query.q) filter.text = query.q->raw();
  return filter;
}

BattleCursor position_of(const BattleRow& row, BattleSort sort) {
  BattleCursor position{};
  position.id = row.id;
  switch (sort) {
    case BattleSort::ending_soon:
      position.time = row.voting_end_time;
      break;
    case BattleSort::newest:
      position.time = row.created_at;
      break;
    case BattleSort::most_votes:
      position.count = row.listed_vote_count;
      break;
    case BattleSort::trending:
      position.trend = row.trend;
      break;
  }
  return position;
}

// The JSON of a page; `rows` hold one row more than asked for when there is a next page.
std::string print_page(const std::vector<BattleRow>& rows, const ListBattles& query,
                       const std::string& name, const api::Cursors& cursors) {
  BattlePage page;
  const auto limit = static_cast<std::size_t>(query.limit.raw());
  for (const BattleRow& row : rows) {
    if (page.items.size() == limit) break;
    page.items.push_back(present(row));
  }
  if (rows.size() > page.items.size()) {
    page.next_cursor = cursors.seal(position_of(rows[page.items.size() - 1], query.sort), name);
  }
  return json::text_of(page);
}

Task<api::Ready<api::Page<Battle>>> list(Reading& reading, const api::Cursors& cursors,
                                         api::Query<ListBattles> query) {
  const std::string name = query.list();
  std::optional<BattlePosition> after;
  if (query->cursor) {
    const auto at = cursors.open<BattleCursor>(*query->cursor, name);
    after = BattlePosition{at.time, at.count, at.trend, at.id};
  }
  const std::int32_t limit = query->limit;
  const std::string key = name + '\n' + std::to_string(limit) + '\n' + query->cursor.value_or("");
  const auto page =
      co_await reading.list(key, BattleQuery{filter_of(*query), query->sort, after, limit + 1},
                            [&query, &name, &cursors](const std::vector<BattleRow>& rows) {
                              return print_page(rows, *query, name, cursors);
                            });
  co_return api::Ready<api::Page<Battle>>{page->body, page->etag};
}

Task<api::Ready<BattleWithViewer>> read(Reading& reading, std::optional<api::Caller> caller,
                                        BattleId id) {
  auto battle = reading.battle_now(id);
  if (!battle) battle = co_await reading.battle(id);
  api::require(battle != nullptr, api::not_found);
  if (!caller) co_return api::Ready<BattleWithViewer>{battle->open_json + "}", battle->etag};
  const UserId user{caller->user_id};
  auto viewer = reading.viewer_now(id, user);
  if (!viewer) viewer = co_await reading.viewer(id, user);
  ReadyBytes ready = join(*battle, *viewer);
  co_return api::Ready<BattleWithViewer>{std::move(ready.json), std::move(ready.etag)};
}

api::Tagged<Battle> tagged(const BattleRow& row) {
  Battle battle = present(row);
  std::string etag = etag_of(row.version, json::text_of(battle));
  return {std::move(battle), std::move(etag)};
}

void mount_reads(api::Router& router, BattleService& service, Reading& reading,
                 const api::Cursors& cursors) {
  router.get(
      "/battles",
      [&reading, &cursors](std::optional<api::Caller>,
                           api::Query<ListBattles> query) -> Task<api::Ready<api::Page<Battle>>> {
        return list(reading, cursors, std::move(query));
      },
      {.summary = "Battles, by phase, type, creator or title", .tag = "battles"});
  router.get("/battles/{id}",
             [&reading](std::optional<api::Caller> caller,
                        api::Path<BattleId> id) -> Task<api::Ready<BattleWithViewer>> {
               return read(reading, std::move(caller), *id);
             },
             {.summary = "One battle, with the caller's part in it", .tag = "battles"});
  router.get("/battles/{id}/history",
             [&service](std::optional<api::Caller>, db::Scope scope,
                        api::Path<BattleId> id) -> Task<HistoryPage> {
               co_return HistoryPage{co_await service.history(scope.session(), *id), std::nullopt};
             },
             {.summary = "The steps that a battle has taken", .tag = "battles"});
  router.get("/battles/{id}/tally",
             [&reading](std::optional<api::Caller>, api::Path<BattleId> id) -> Task<Tally> {
               const auto tally = co_await reading.tally(*id);
               api::require(tally != nullptr, api::not_found);
               co_return *tally;
             },
             {.summary = "The count as it stands", .tag = "battles"});
  router.get("/battles/{id}/results",
             [&service](std::optional<api::Caller>, db::Scope scope, api::Path<BattleId> id)
                 -> Task<Results> { return service.results(scope.session(), *id); },
             {.summary = "The result of a completed battle",
              .tag = "battles",
              .refusals = {&results_not_ready}});
}

void mount_writes(api::Router& router, BattleService& service) {
  router.post("/battles",
              [&service](api::Permitted<"battle:create"> caller, db::Scope scope,
                         api::Body<CreateBattle> body) -> Task<api::Created<Battle>> {
                const BattleRow row = co_await service.create(scope, caller, std::move(body.value));
                co_return api::Created<Battle>{present(row), "/battles/" + row.id.text()};
              },
              {.summary = "Create a battle", .tag = "battles", .tier = api::Tier::write});
  router.patch("/battles/{id}",
               [&service](api::Caller caller, db::Scope scope, api::Path<BattleId> id,
                          api::Body<UpdateBattle> body, api::Conditions conditions,
                          api::Origin origin) -> Task<api::Tagged<Battle>> {
                 co_return tagged(co_await service.update(
                     scope, caller, audit::author_of(caller, origin), *id, std::move(body.value),
                     version_wanted(conditions.if_match())));
               },
               {.summary = "Change a battle before it starts",
                .tag = "battles",
                .refusals = {&api::forbidden, &too_late, &api::precondition_failed},
                .tier = api::Tier::write});
  router.del("/battles/{id}",
             [&service](api::Caller caller, db::Scope scope, api::Path<BattleId> id,
                        api::Conditions conditions, api::Origin origin) -> Task<api::NoContent> {
               co_await service.cancel(scope, caller, audit::author_of(caller, origin), *id,
                                       version_wanted(conditions.if_match()));
               co_return api::NoContent{};
             },
             {.summary = "Cancel a battle",
              .tag = "battles",
              .refusals = {&api::forbidden, &too_late, &api::precondition_failed},
              .tier = api::Tier::write});
  router.post("/battles/{id}/transition",
              [&service](api::Permitted<"battle:administer"> caller, db::Scope scope,
                         api::Path<BattleId> id, api::Body<ForceStep> body,
                         api::Origin origin) -> Task<Battle> {
                co_return present(co_await service.force_step(
                    scope, caller, audit::author_of(caller, origin), *id, std::move(body.value)));
              },
              {.summary = "Force the next step of a battle",
               .tag = "battles",
               .refusals = {&invalid_transition},
               .tier = api::Tier::write});
}

}  // namespace

void mount_battles(api::Router& router, BattleService& service, Reading& reading,
                   const api::Cursors& cursors) {
  mount_reads(router, service, reading, cursors);
  mount_writes(router, service);
}

}  // namespace wildnout::battles
