-- Archives of everything that is held about a person, and the keys of what the audit trail seals.

-- Rows stand for a day, also those whose archive is gone or never came to be: they are counted.
CREATE TABLE exports (
  id         uuid PRIMARY KEY,
  user_id    uuid NOT NULL,
  status     text NOT NULL CHECK (status IN ('queued', 'running', 'ready', 'failed')),
  bytes      bigint,               -- of the archive
  created_at timestamptz NOT NULL DEFAULT now_ms(),
  ready_at   timestamptz,
  expires_at timestamptz NOT NULL, -- then the row goes and the archive with it
  CHECK ((status = 'ready') = (ready_at IS NOT NULL AND bytes IS NOT NULL))
);
-- One under way a person, whoever asks at once on however many nodes.
CREATE UNIQUE INDEX exports_under_way ON exports (user_id) WHERE status IN ('queued', 'running');
CREATE INDEX exports_of_user ON exports (user_id, created_at DESC, id DESC);
CREATE INDEX exports_over ON exports (expires_at);

-- The archive in pieces, each encrypted and bound to its export and place (platform/crypto).
CREATE TABLE export_chunks (
  export_id uuid NOT NULL REFERENCES exports (id) ON DELETE CASCADE,
  number    integer NOT NULL,
  sealed    bytea NOT NULL CHECK (is_sealed(sealed)),
  PRIMARY KEY (export_id, number)
);
-- What is encrypted does not shrink: trying to would only cost time.
ALTER TABLE export_chunks ALTER COLUMN sealed SET STORAGE EXTERNAL;

-- The audit trail keeps what could tell of a person encrypted with that person's own key. Whoever
-- takes the key away has taken all of it away, and no row of the trail has changed.
CREATE TABLE person_keys (
  person_id  uuid PRIMARY KEY,
  secret     bytea NOT NULL CHECK (length(secret) = 32),
  created_at timestamptz NOT NULL DEFAULT now_ms()
);

-- When Clerk's users were last gone through, and by how much they differed.
CREATE TABLE clerk_reconciliations (
  id          uuid PRIMARY KEY,
  began_at    timestamptz NOT NULL DEFAULT now_ms(),
  finished_at timestamptz,
  seen        bigint NOT NULL DEFAULT 0,
  missing     bigint NOT NULL DEFAULT 0,
  changed     bigint NOT NULL DEFAULT 0,
  gone        bigint NOT NULL DEFAULT 0
);
CREATE INDEX clerk_reconciliations_finished ON clerk_reconciliations (finished_at);
