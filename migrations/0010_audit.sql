-- The audit trail: rows that are only ever added, and the seals that chain them (docs/audit.md).

CREATE TABLE audit_log (
  id           uuid NOT NULL,
  created_at   timestamptz NOT NULL,
  action_type  text NOT NULL,
  actor_id     uuid,
  subject_type text,
  subject_id   text,
  severity     text NOT NULL CHECK (severity IN ('info', 'warning', 'critical')),
  metadata     text NOT NULL,             -- a JSON object, kept byte for byte: it is signed
  ip_address   text,
  user_agent   text,
  request_id   text,
  key_id       text NOT NULL,
  mac          bytea NOT NULL CHECK (length(mac) = 32),
  PRIMARY KEY (created_at, id)
) PARTITION BY RANGE (created_at);
CREATE INDEX audit_log_id ON audit_log (id);
CREATE INDEX audit_log_actor ON audit_log (actor_id, created_at, id);
CREATE INDEX audit_log_subject ON audit_log (subject_id, created_at, id);
CREATE INDEX audit_log_action ON audit_log (action_type, created_at, id);

-- A seal holds the hash of the one before it and of the rows that it covers.
CREATE TABLE audit_seals (
  number    bigint PRIMARY KEY,
  sealed_at timestamptz NOT NULL,
  row_count integer NOT NULL CHECK (row_count > 0),
  rows_hash bytea NOT NULL CHECK (length(rows_hash) = 32),
  previous  bytea NOT NULL CHECK (length(previous) = 32),
  key_id    text NOT NULL,
  hash      bytea NOT NULL CHECK (length(hash) = 32),
  mac       bytea NOT NULL CHECK (length(mac) = 32)
);
CREATE TABLE audit_seal_rows (
  seal     bigint NOT NULL,
  position integer NOT NULL,
  row_id   uuid NOT NULL,
  row_hash bytea NOT NULL CHECK (length(row_hash) = 32),
  PRIMARY KEY (seal, position)
);
CREATE UNIQUE INDEX audit_seal_rows_row ON audit_seal_rows (row_id);

-- Against slips and injected statements; whoever owns the tables can take it off, and is found out
-- by the seals.
CREATE FUNCTION audit_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'the audit trail is only ever added to' USING ERRCODE = '42501';
END $$;
CREATE TRIGGER audit_log_kept BEFORE UPDATE OR DELETE ON audit_log
  FOR EACH ROW EXECUTE FUNCTION audit_refuse();
CREATE TRIGGER audit_seals_kept BEFORE UPDATE OR DELETE ON audit_seals
  FOR EACH ROW EXECUTE FUNCTION audit_refuse();
CREATE TRIGGER audit_seal_rows_kept BEFORE UPDATE OR DELETE ON audit_seal_rows
  FOR EACH ROW EXECUTE FUNCTION audit_refuse();
CREATE TRIGGER audit_log_whole BEFORE TRUNCATE ON audit_log
  FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse();
CREATE TRIGGER audit_seals_whole BEFORE TRUNCATE ON audit_seals
  FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse();
CREATE TRIGGER audit_seal_rows_whole BEFORE TRUNCATE ON audit_seal_rows
  FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse();

-- Makes the partitions of this month and the next ones, as far as they are missing; gives how many
-- it made. Runs as the owner: the server's role may not create tables.
CREATE FUNCTION audit_make_partitions(months_ahead integer) RETURNS integer
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = wildnout, pg_temp AS $$
DECLARE
  first timestamp := date_trunc('month', clock_timestamp() AT TIME ZONE 'UTC');
  month timestamp;
  name text;
  made integer := 0;
BEGIN
  PERFORM pg_advisory_xact_lock(7310031);
  FOR i IN 0 .. least(months_ahead, 24) LOOP
    month := first + make_interval(months => i);
    name := 'audit_log_' || to_char(month, 'YYYY_MM');
    CONTINUE WHEN to_regclass('wildnout.' || name) IS NOT NULL;
    EXECUTE format(
      'CREATE TABLE %I PARTITION OF audit_log FOR VALUES FROM (%L) TO (%L)', name,
      to_char(month, 'YYYY-MM-DD') || ' 00:00:00+00',
      to_char(month + interval '1 month', 'YYYY-MM-DD') || ' 00:00:00+00');
    EXECUTE format('CREATE TRIGGER audit_log_whole BEFORE TRUNCATE ON %I '
                   'FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse()', name);
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'wildnout_server') THEN
      EXECUTE format('REVOKE ALL ON %I FROM wildnout_server', name);
    END IF;
    made := made + 1;
  END LOOP;
  RETURN made;
END $$;
REVOKE ALL ON FUNCTION audit_make_partitions(integer) FROM PUBLIC;

-- What the server's role may do: everything with rows, but with the trail adding and reading alone.
-- Run it again when the role was made later (docs/operations.md).
CREATE FUNCTION grant_to_server() RETURNS void LANGUAGE plpgsql
  SET search_path = wildnout, pg_temp AS $$
DECLARE
  partition regclass;
BEGIN
  GRANT USAGE ON SCHEMA wildnout TO wildnout_server;
  GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA wildnout TO wildnout_server;
  GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA wildnout TO wildnout_server;
  GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA wildnout TO wildnout_server;
  ALTER DEFAULT PRIVILEGES IN SCHEMA wildnout
    GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO wildnout_server;
  ALTER DEFAULT PRIVILEGES IN SCHEMA wildnout GRANT USAGE, SELECT ON SEQUENCES TO wildnout_server;
  REVOKE UPDATE, DELETE ON audit_log, audit_seals, audit_seal_rows FROM wildnout_server;
  REVOKE INSERT, UPDATE, DELETE ON schema_migrations FROM wildnout_server;
  REVOKE EXECUTE ON FUNCTION grant_to_server() FROM wildnout_server;
  FOR partition IN SELECT inhrelid FROM pg_inherits WHERE inhparent = 'audit_log'::regclass LOOP
    EXECUTE format('REVOKE ALL ON %s FROM wildnout_server', partition);
  END LOOP;
END $$;
REVOKE ALL ON FUNCTION grant_to_server() FROM PUBLIC;

-- The role belongs to the whole cluster: another database may have made it already, or be making it
-- this moment, and not everyone may make one.
DO $$ BEGIN
  BEGIN
    CREATE ROLE wildnout_server NOLOGIN;
  EXCEPTION WHEN duplicate_object OR unique_violation OR insufficient_privilege THEN NULL;
  END;
  IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'wildnout_server') THEN
    PERFORM grant_to_server();
  END IF;
END $$;

SELECT audit_make_partitions(3);
