-- Answers kept under a client's Idempotency-Key, written in the transaction of what they tell of.

-- status 0: claimed; seen by nobody else, since claim and answer commit together. Rows live for
-- 24 hours; an older one is taken over by the next request under its key, or removed by a sweep.
CREATE TABLE idempotency_keys (
  user_id      uuid NOT NULL,
  key          text NOT NULL CHECK (length(key) BETWEEN 1 AND 255),
  request_hash bytea NOT NULL CHECK (length(request_hash) = 32),   -- SHA-256
  status       integer NOT NULL DEFAULT 0,
  headers      text NOT NULL DEFAULT '',                           -- whole lines
  body         text NOT NULL DEFAULT '',
  created_at   timestamptz NOT NULL DEFAULT now_ms(),
  PRIMARY KEY (user_id, key)
);
CREATE INDEX idempotency_keys_created ON idempotency_keys (created_at);
