-- Sign-in facts, and what the watch found in them and in the audit trail (docs/audit.md).

-- Refused credentials, counted. Whoever sends them cannot fill this table: a minute has about 1,000
-- rows, and what comes from further networks is counted in its row of network 0.
CREATE TABLE sign_in_failures (
  minute   timestamptz NOT NULL,
  network  bigint NOT NULL,        -- a keyed hash of the address; 0: any other
  failures bigint NOT NULL,
  PRIMARY KEY (minute, network)
);
-- The same by the hour, for reports: kept when the rows above are gone.
CREATE TABLE sign_in_failure_hours (
  hour     timestamptz PRIMARY KEY,
  failures bigint NOT NULL
);

-- From which networks accounts were used, by slots of ten minutes.
CREATE TABLE sign_in_networks (
  slot    timestamptz NOT NULL,
  user_id uuid NOT NULL,
  network bigint NOT NULL,
  PRIMARY KEY (slot, user_id, network)
);
CREATE INDEX sign_in_networks_user ON sign_in_networks (user_id);

CREATE TABLE anomalies (
  id           uuid PRIMARY KEY,
  kind         text NOT NULL,
  subject_type text NOT NULL CHECK (subject_type IN ('user', 'network', 'everybody')),
  subject_id   text NOT NULL,
  severity     text NOT NULL CHECK (severity IN ('info', 'warning', 'critical')),
  mode         text NOT NULL CHECK (mode IN ('observe', 'alert')),
  fact_count   bigint NOT NULL,
  evidence     text NOT NULL,      -- a JSON object
  first_at     timestamptz NOT NULL,
  last_at      timestamptz NOT NULL,
  found_at     timestamptz NOT NULL DEFAULT now_ms(),
  resolution   text CHECK (resolution IN ('confirmed', 'falseAlarm', 'handled')),
  note         text,
  resolved_by  uuid,
  resolved_at  timestamptz,
  CHECK ((resolved_at IS NULL) = (resolution IS NULL) AND (resolved_at IS NULL) = (note IS NULL)
         AND (resolved_at IS NULL) = (resolved_by IS NULL))
);
-- One open case of a kind and subject: facts that come later are added to it.
CREATE UNIQUE INDEX anomalies_open ON anomalies (kind, subject_id) WHERE resolved_at IS NULL;
CREATE INDEX anomalies_subject ON anomalies (kind, subject_id, last_at);
CREATE INDEX anomalies_found ON anomalies (found_at);

-- How far the watch has looked. Audit rows are taken in the order of their seals: a row that
-- commits late is sealed late, so none is passed over.
CREATE TABLE watch_position (
  id     boolean PRIMARY KEY DEFAULT true CHECK (id),
  seal   bigint NOT NULL,          -- the last one that was looked at
  minute timestamptz NOT NULL      -- sign-in facts up to here were looked at
);
INSERT INTO watch_position (seal, minute) VALUES (0, date_trunc('minute', now_ms()));
