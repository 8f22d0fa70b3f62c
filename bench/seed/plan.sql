-- The data both servers are measured on, as temporary tables that each server's own seed copies in.
-- Variables: voters (users who vote; as many authors follow them), series (2-entry battles).
--
-- plan_users    n 0..voters-1 vote, the next 10,000 write the entries and cast the votes that are
--               there before any measurement
-- plan_battles  n 0..199: 100 active, 50 voting, 50 upcoming; 250 entries each but upcoming ones;
--               from 1000: the series of hot battles, all voting, 2 entries each
-- plan_votes    200,000 votes by authors, so that tables and statistics have size
SET synchronous_commit = off;
SET client_min_messages = warning;

CREATE FUNCTION pg_temp.uid(n bigint) RETURNS text LANGUAGE sql IMMUTABLE AS
  $$ SELECT 'user_2bench' || lpad(n::text, 21, '0') $$;

-- A UUID that is fixed for (kind, n), with the version and variant bits of UUIDv7.
CREATE FUNCTION pg_temp.uuid_of(kind text, n bigint) RETURNS uuid LANGUAGE sql IMMUTABLE AS
  $$ SELECT overlay(overlay(md5(kind || n) PLACING '7' FROM 13) PLACING '8' FROM 17)::uuid $$;

CREATE FUNCTION pg_temp.hash_of(s text) RETURNS bigint LANGUAGE sql IMMUTABLE AS
  $$ SELECT ('x' || substr(md5(s), 1, 8))::bit(32)::bigint $$;

SELECT date_trunc('hour', now()) AS base \gset

CREATE TEMP TABLE plan_users AS
SELECT n, pg_temp.uid(n) AS clerk_id, pg_temp.uuid_of('user', n) AS id,
       'Wild Stylist ' || n AS display_name, 'wildstylist' || n AS username,
       'https://img.example.com/avatars/' || md5('av' || n) || '.webp' AS avatar_url,
       'Freestyle since ' || 1990 + n % 35 || '. ' || repeat('Bars on bars. ', (n % 6)::int) AS bio,
       :'base'::timestamptz - (n % 700) * interval '1 day' AS created_at
FROM generate_series(0, :voters + 9999) n;
CREATE UNIQUE INDEX ON plan_users (n);

CREATE TEMP TABLE plan_battles AS
SELECT n, pg_temp.uuid_of('battle', n) AS id,
       'Battle #' || n || ': Wild Style Showdown' AS title,
       'Bring your best sixteen. '
         || repeat('No mercy in the cipher tonight. ', (3 + n % 5)::int) AS description,
       'wildStyle' AS battle_type, 500 + n % 5 * 100 AS max_length,
       status, :voters + pg_temp.hash_of('creator' || n) % 10000 AS creator,
       t - interval '2 day' AS start_time, t AS end_time, t AS voting_start_time,
       t + interval '3 day' AS voting_end_time,
       CASE WHEN status = 'upcoming' THEN 0 WHEN n < 1000 THEN 250 ELSE 2 END AS entries,
       n % 10 = 0 AS featured
FROM (
  SELECT n, status, :'base'::timestamptz
         + (CASE status WHEN 'active' THEN 1 WHEN 'voting' THEN -1 ELSE 10 END)
           * interval '1 day'
         + (pg_temp.hash_of('time' || n) % 40000) * interval '1 second' AS t
  FROM (SELECT n, (ARRAY['active', 'voting', 'upcoming', 'active'])[1 + n % 4] AS status
        FROM generate_series(0, 199) n
        UNION ALL SELECT 1000 + n, 'voting' FROM generate_series(0, :series - 1) n) kinds
) timed;

-- entries of one battle are by different authors
CREATE TEMP TABLE plan_entries AS
SELECT b.n AS battle, k, b.id AS battle_id, pg_temp.uuid_of('entry', b.n * 1000 + k) AS id,
       :voters + (k * 37 + b.n * 41) % 10000 AS author,
       'Yo, entry ' || k || ' of ' || b.n || ': '
         || repeat('punchline after punchline, ', (4 + k % 8)::int) AS body,
       b.start_time + k * interval '1 second' AS submission_time, b.status, b.voting_start_time
FROM plan_battles b, LATERAL generate_series(0, b.entries - 1) k;
CREATE UNIQUE INDEX ON plan_entries (battle, k);

-- 40 votes of 5,000 authors over the 12,500 entries of the 50 voting battles; own entries left out
CREATE TEMP TABLE plan_votes AS
SELECT pg_temp.uuid_of('vote', v.u * 100 + v.j) AS id, e.battle_id, e.id AS entry_id,
       :voters + v.u AS voter, e.voting_start_time + (v.u + v.j) * interval '1 second' AS created_at
FROM (SELECT u, j, (u * 13 + j * 311) % 12500 AS i
      FROM generate_series(0, 4999) u, generate_series(0, 39) j) v
JOIN plan_entries e ON e.battle = 4 * (v.i % 50) + 1 AND e.k = v.i / 50
                   AND e.author <> :voters + v.u;
CREATE INDEX ON plan_votes (entry_id);
ANALYZE plan_users, plan_battles, plan_entries, plan_votes;
