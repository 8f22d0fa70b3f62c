-- Users, their roles, and tickets for opening sockets.

CREATE TABLE users (
  id              uuid PRIMARY KEY,
  clerk_id        text UNIQUE,          -- `sub` of Clerk's tokens; none for development's own
  username        text UNIQUE,
  display_name    text NOT NULL,
  avatar_url      text,
  bio             text,
  location        text,
  links           text[] NOT NULL DEFAULT '{}',
  is_demo         boolean NOT NULL DEFAULT false,
  suspended_at    timestamptz,
  suspended_until timestamptz,          -- none: until it is lifted
  created_at      timestamptz NOT NULL DEFAULT now_ms(),
  updated_at      timestamptz NOT NULL DEFAULT now_ms(),
  CHECK (suspended_until IS NULL OR suspended_at IS NOT NULL)
);

-- Beside `user`, which everyone is.
CREATE TABLE user_roles (
  user_id uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  role    text NOT NULL CHECK (role IN ('creator', 'moderator', 'admin')),
  PRIMARY KEY (user_id, role)
);

-- Unlogged: a ticket lives for 30 seconds, so one that a crash takes away is asked for again.
CREATE UNLOGGED TABLE ws_tickets (
  hash             bytea PRIMARY KEY,   -- SHA-256 of the ticket: the table opens no socket
  user_id          uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  session_id       text NOT NULL,
  token_expires_at timestamptz NOT NULL,  -- of the token that the ticket was asked for with
  expires_at       timestamptz NOT NULL
);
CREATE INDEX ws_tickets_expired ON ws_tickets (expires_at);

-- The contract with other modules' statements: who a person is on a page. No other module reads
-- the tables above. Not now_ms(): a view with a volatile function is computed for every user before
-- it is joined.
CREATE VIEW user_summaries AS
  SELECT id, display_name, avatar_url, created_at,
         suspended_at IS NOT NULL
           AND (suspended_until IS NULL OR suspended_until > statement_timestamp()) AS is_suspended
    FROM users;
