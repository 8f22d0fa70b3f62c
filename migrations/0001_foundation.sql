-- What every module stands on: time, events on their way out, jobs, leases.

-- Times are kept in whole milliseconds, as clients see them, so that what is compared is what is
-- shown. clock_timestamp(): a deadline is checked when the statement runs, not when its
-- transaction began.
CREATE FUNCTION now_ms() RETURNS timestamptz
  LANGUAGE sql VOLATILE PARALLEL SAFE
  AS $$ SELECT date_trunc('milliseconds', clock_timestamp()) $$;

-- Events, written in the transaction of the change that they tell of. An event is found by its
-- missing delivered_at and not by a cursor, so one whose transaction commits late is not skipped.
-- A change to an aggregate holds that aggregate's row lock until its commit, hence sequence is in
-- commit order for one aggregate.
CREATE TABLE outbox (
  sequence     bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  id           uuid NOT NULL,
  type         text NOT NULL,
  aggregate_id uuid NOT NULL,
  data         text NOT NULL,
  created_at   timestamptz NOT NULL DEFAULT now_ms(),
  attempts     integer NOT NULL DEFAULT 0,
  delivered_at timestamptz,
  parked_at    timestamptz,
  fault        text
) WITH (fillfactor = 90);
CREATE INDEX outbox_pending ON outbox (sequence) WHERE delivered_at IS NULL AND parked_at IS NULL;
CREATE INDEX outbox_delivered ON outbox (delivered_at) WHERE delivered_at IS NOT NULL;

CREATE TABLE jobs (
  id           uuid PRIMARY KEY,
  type         text NOT NULL,
  unique_key   text,
  payload      text NOT NULL,
  state        text NOT NULL CHECK (state IN ('waiting', 'running', 'completed', 'failed')),
  run_at       timestamptz NOT NULL,
  attempts     integer NOT NULL DEFAULT 0,
  max_attempts integer NOT NULL CHECK (max_attempts > 0),
  lease        bigint NOT NULL DEFAULT 0,   -- grows with each claim: the fencing token
  leased_until timestamptz,
  fault        text,
  created_at   timestamptz NOT NULL DEFAULT now_ms(),
  finished_at  timestamptz
) WITH (fillfactor = 70);
CREATE UNIQUE INDEX jobs_unique_key ON jobs (unique_key) WHERE state = 'waiting';
CREATE INDEX jobs_due ON jobs (run_at) WHERE state = 'waiting';
CREATE INDEX jobs_leased ON jobs (leased_until) WHERE state = 'running';
CREATE INDEX jobs_finished ON jobs (finished_at) WHERE state IN ('completed', 'failed');

-- Who leads: one holder a name until its time is over.
CREATE TABLE leases (
  name       text PRIMARY KEY,
  holder     uuid NOT NULL,
  held_until timestamptz NOT NULL
);
