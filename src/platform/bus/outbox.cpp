// The statements that store an event and blank parts of stored ones.
#include "platform/bus/outbox.hpp"

#include "platform/db/query.hpp"

namespace wildnout::bus {
namespace {

const db::Query<void(Uuid, std::string_view, Uuid, std::string_view)> store_event{"store_event",
                                                                                  R"sql(
  INSERT INTO outbox (id, type, aggregate_id, data) VALUES ($1, $2, $3, $4))sql"};

constexpr std::int32_t events_a_page = 20'000;

const db::Query<std::int64_t(std::int64_t, std::int32_t)> end_of_events{"end_of_events", R"sql(
  SELECT max(sequence) FROM (SELECT sequence FROM outbox WHERE sequence > $1
                              ORDER BY sequence LIMIT $2) AS page
  HAVING max(sequence) IS NOT NULL)sql"};

const db::Query<void(std::vector<Uuid>, std::vector<std::string>, std::int64_t, std::int64_t)>
    blanked_events{"blanked_events", R"sql(
  UPDATE outbox
     SET data = (SELECT coalesce(jsonb_object_agg(
                          key, CASE WHEN key = ANY ($2) AND jsonb_typeof(value) = 'string'
                                    THEN '""'::jsonb ELSE value END), '{}'::jsonb)::text
                   FROM jsonb_each(outbox.data::jsonb))
   WHERE sequence > $3 AND sequence <= $4 AND aggregate_id = ANY ($1)
     AND jsonb_exists_any(data::jsonb, $2))sql"};

}  // namespace

Task<std::optional<std::int64_t>> blank_members(db::Session& session, std::vector<Uuid> aggregates,
                                                std::vector<std::string> members,
                                                std::int64_t after) {
  const auto last = co_await db::maybe(session, end_of_events, after, events_a_page);
  if (last) co_await db::run(session, blanked_events, aggregates, members, after, *last);
  co_return last;
}

Task<> store(db::Session& session, std::string_view type, Uuid aggregate_id, std::string data) {
  co_await db::run(session, store_event, Uuid::make(), type, aggregate_id, data);
}

}  // namespace wildnout::bus
