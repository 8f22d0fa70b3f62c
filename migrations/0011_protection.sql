-- Personal values sealed by the server (docs/data-protection.md), and which key they are to be
-- under.

-- The id of the key that sealed a value; it stands in clear at the value's head, and no more than
-- that is read of a long value.
CREATE FUNCTION sealing_key(value bytea) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT CASE WHEN length(value) >= 2
              THEN encode(substr(value, 3, get_byte(substr(value, 1, 2), 1)), 'escape') END
$$;

-- Whether it looks like one: version 1, an id, nonce and tag. Clear text does not.
CREATE FUNCTION is_sealed(value bytea) RETURNS boolean LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT CASE WHEN length(value) < 31 THEN false
              ELSE get_byte(substr(value, 1, 2), 0) = 1
                   AND get_byte(substr(value, 1, 2), 1) BETWEEN 1 AND 32
                   AND length(value) >= 30 + get_byte(substr(value, 1, 2), 1) END
$$;

-- Addresses in clear are not taken over: Clerk has them, and its next word on a user, or the
-- reconciler, brings them back. For that the state that was taken is forgotten.
UPDATE users SET clerk_updated_at = NULL WHERE email IS NOT NULL;
ALTER TABLE users DROP COLUMN email;
ALTER TABLE users
  ADD COLUMN email       bytea CHECK (is_sealed(email)),
  ADD COLUMN email_index bytea CHECK (length(email_index) = 32),
  ADD CONSTRAINT users_email_indexed CHECK ((email IS NULL) = (email_index IS NULL));
CREATE INDEX users_email_index ON users (email_index) WHERE email_index IS NOT NULL;
CREATE INDEX users_email_key ON users (sealing_key(email), id) WHERE email IS NOT NULL;

-- From where a session was last used: address and program, sealed together. The next token of a
-- session fills it.
ALTER TABLE sessions DROP COLUMN ip_address, DROP COLUMN user_agent;
ALTER TABLE sessions ADD COLUMN origin bytea CHECK (is_sealed(origin));
CREATE INDEX sessions_origin_key ON sessions (sealing_key(origin), id) WHERE origin IS NOT NULL;

-- Kept answers may hold what only the caller may see. Those in clear go: they lived for a day.
DELETE FROM idempotency_keys;
ALTER TABLE idempotency_keys DROP COLUMN body;
ALTER TABLE idempotency_keys ADD COLUMN body bytea CHECK (is_sealed(body));
CREATE INDEX idempotency_keys_body_key ON idempotency_keys (sealing_key(body), user_id, key)
  WHERE body IS NOT NULL;

-- The key that values are rewritten to: the first of the node that was started last. Without it two
-- nodes with differing keys would undo each other's work for ever.
CREATE TABLE sealing_state (
  is_one      boolean PRIMARY KEY DEFAULT true CHECK (is_one),
  newest_key  text NOT NULL,
  declared_at timestamptz NOT NULL DEFAULT now_ms()
);
