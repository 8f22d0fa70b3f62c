// The SQL of facts. Times of sign-in facts are the database's.
#include "audit/watch/fact_repository.hpp"

#include "platform/db/query.hpp"

namespace wildnout::audit::watch {
namespace {

using Numbers = std::vector<std::int64_t>;

// Network 0 takes what would make the minute too long.
const db::Query<void(Numbers, Numbers, std::int64_t)> more_failures{"sign_in_failures_added",
                                                                    R"sql(
  WITH now AS MATERIALIZED (SELECT date_trunc('minute', now_ms()) AS minute),
       room AS MATERIALIZED (
         SELECT count(*) < $3 AS is_left FROM sign_in_failures, now
          WHERE sign_in_failures.minute = now.minute)
  INSERT INTO sign_in_failures (minute, network, failures)
  SELECT now.minute, told.network, sum(told.failures)
    FROM now, room, unnest($1::bigint[], $2::bigint[]) AS one (network, failures),
         LATERAL (SELECT CASE WHEN room.is_left OR EXISTS (
                                SELECT FROM sign_in_failures AS known
                                 WHERE known.minute = now.minute AND known.network = one.network)
                              THEN one.network ELSE 0 END AS network, one.failures) AS told
   GROUP BY now.minute, told.network
   ORDER BY now.minute, told.network
  ON CONFLICT (minute, network)
  DO UPDATE SET failures = sign_in_failures.failures + EXCLUDED.failures)sql"};

const db::Query<void(std::int64_t)> more_failures_of_hour{"sign_in_failures_of_hour", R"sql(
  INSERT INTO sign_in_failure_hours (hour, failures) VALUES (date_trunc('hour', now_ms()), $1)
  ON CONFLICT (hour)
  DO UPDATE SET failures = sign_in_failure_hours.failures + EXCLUDED.failures)sql"};

const db::Query<void(std::vector<Uuid>, Numbers)> more_uses{"sign_in_networks_added", R"sql(
  INSERT INTO sign_in_networks (slot, user_id, network)
  SELECT date_bin('10 minutes', now_ms(), timestamptz '2000-01-01 00:00:00+00'), user_id, network
    FROM unnest($1::uuid[], $2::bigint[]) AS one (user_id, network)
  ON CONFLICT DO NOTHING)sql"};

const db::Query<void()> old_failures{"sign_in_failures_forgotten", R"sql(
  DELETE FROM sign_in_failures WHERE (minute, network) IN (
    SELECT minute, network FROM sign_in_failures WHERE minute < now() - interval '2 days'
     ORDER BY minute LIMIT 50000))sql"};

const db::Query<void()> old_uses{"sign_in_networks_forgotten", R"sql(
  DELETE FROM sign_in_networks WHERE (slot, user_id, network) IN (
    SELECT slot, user_id, network FROM sign_in_networks WHERE slot < now() - interval '1 day'
     ORDER BY slot LIMIT 50000))sql"};

const db::Query<FailedSignIns(Timestamp)> failures_since{"sign_in_failures_since", R"sql(
  SELECT minute, network, failures FROM sign_in_failures WHERE minute >= $1
   ORDER BY minute, network)sql"};

const db::Query<NetworkUse(Timestamp, std::int64_t)> uses_since{"sign_in_networks_since", R"sql(
  SELECT slot, user_id, network FROM sign_in_networks
   WHERE slot >= $1 AND user_id IN (
     SELECT user_id FROM sign_in_networks WHERE slot >= $1
      GROUP BY user_id HAVING count(DISTINCT network) >= $2)
   ORDER BY slot, user_id, network LIMIT 100000)sql"};

const db::Query<Touched(std::int64_t, std::int64_t, std::vector<std::string>)> touched_actors{
    "watch_touched_actors", R"sql(
  SELECT coalesce(log.actor_id, '00000000-0000-0000-0000-000000000000') AS actor_id,
         min(log.created_at) AS first_at, max(log.created_at) AS last_at
    FROM audit_seal_rows AS sealed JOIN audit_log AS log ON log.id = sealed.row_id
   WHERE sealed.seal > $1 AND sealed.seal <= $2
     AND log.actor_id IS NOT NULL AND log.action_type = ANY ($3)
   GROUP BY log.actor_id)sql"};

const db::Query<Act(std::vector<Uuid>, std::vector<std::string>, Timestamp, Timestamp)>
    acts_of_actors{"watch_acts_of_actors", R"sql(
  SELECT id AS row_id, created_at, coalesce(actor_id, id) AS actor_id, action_type,
         metadata::jsonb ->> 'route' AS route
    FROM audit_log AS log
   WHERE actor_id = ANY ($1) AND action_type = ANY ($2) AND created_at >= $3 AND created_at <= $4
     AND EXISTS (SELECT FROM audit_seal_rows WHERE row_id = log.id)
   ORDER BY created_at, id LIMIT 50000)sql"};

}  // namespace

Task<> add_failures(db::Session& db, std::vector<std::int64_t> networks,
                    std::vector<std::int64_t> counts) {
  std::int64_t all = 0;
  for (const std::int64_t count : counts) all += count;
  co_await db::run(db, more_failures, networks, counts, most_networks_a_minute);
  co_await db::run(db, more_failures_of_hour, all);
}

Task<> add_uses(db::Session& db, std::vector<Uuid> users, std::vector<std::int64_t> networks) {
  co_await db::run(db, more_uses, users, networks);
}

Task<> forget_old_facts(db::Session& db) {
  co_await db::run(db, old_failures);
  co_await db::run(db, old_uses);
}

Task<std::vector<FailedSignIns>> find_failures(db::Session& db, Timestamp from) {
  return db::all(db, failures_since, from);
}

Task<std::vector<NetworkUse>> find_uses(db::Session& db, Timestamp from, std::int64_t least) {
  return db::all(db, uses_since, from, least);
}

Task<std::vector<Touched>> find_touched(db::Session& db, std::int64_t after_seal,
                                        std::int64_t through_seal,
                                        std::vector<std::string> actions) {
  return db::all(db, touched_actors, after_seal, through_seal, actions);
}

Task<std::vector<Act>> find_acts(db::Session& db, std::vector<Uuid> actors,
                                 std::vector<std::string> actions, Timestamp from, Timestamp to) {
  return db::all(db, acts_of_actors, actors, actions, from, to);
}

}  // namespace wildnout::audit::watch
