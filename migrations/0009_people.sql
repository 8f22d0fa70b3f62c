-- Sessions and what ends them, Clerk's webhooks, profiles apart from identity, ties between people.

ALTER TABLE users
  ADD COLUMN username_key       text UNIQUE,    -- the username with case and look-alikes folded
  ADD COLUMN email              text,           -- Clerk's primary one
  ADD COLUMN clerk_updated_at   timestamptz,    -- of the newest state of Clerk's that was taken
  ADD COLUMN banned_at          timestamptz,    -- by Clerk
  ADD COLUMN locked_until       timestamptz,    -- by Clerk
  ADD COLUMN deleted_at         timestamptz,    -- for good: nothing that comes later undoes it
  ADD COLUMN deletion_due_at    timestamptz,    -- asked for; until then it can be taken back
  ADD COLUMN suspension_reason  text,
  ADD COLUMN is_profile_own     boolean NOT NULL DEFAULT false,  -- edited here: Clerk's is old
  ADD COLUMN profile_visibility text NOT NULL DEFAULT 'public'
    CHECK (profile_visibility IN ('public', 'followers', 'private')),
  ADD COLUMN preferences        text NOT NULL DEFAULT '{}',      -- JSON
  ADD COLUMN follower_count     bigint NOT NULL DEFAULT 0,
  ADD COLUMN following_count    bigint NOT NULL DEFAULT 0,
  ADD COLUMN search_name        text GENERATED ALWAYS AS
    (lower(coalesce(username, '') || ' ' || display_name)) STORED;
UPDATE users SET username_key = lower(username)
 WHERE id IN (SELECT min(id::text)::uuid FROM users WHERE username IS NOT NULL
               GROUP BY lower(username));
CREATE INDEX users_search_name ON users USING gin (search_name gin_trgm_ops)
  WHERE deleted_at IS NULL;
CREATE INDEX users_deletion_due ON users (deletion_due_at) WHERE deletion_due_at IS NOT NULL;
ALTER TABLE user_roles
  DROP CONSTRAINT user_roles_role_check,
  ADD CONSTRAINT user_roles_role_check
    CHECK (role IN ('creator', 'moderator', 'admin', 'service'));
CREATE INDEX user_roles_admins ON user_roles (user_id) WHERE role = 'admin';

CREATE OR REPLACE VIEW user_summaries AS
  SELECT id, display_name, avatar_url, created_at,
         (suspended_at IS NOT NULL
           AND (suspended_until IS NULL OR suspended_until > statement_timestamp()))
           OR banned_at IS NOT NULL
           OR coalesce(locked_until > statement_timestamp(), false) AS is_suspended
    FROM users;

-- Sessions as their tokens showed them; written in batches, so with no foreign key. One that has
-- ended stays ended: nothing sets ended_at back.
CREATE TABLE sessions (
  id             text PRIMARY KEY,      -- `sid` of its tokens
  user_id        uuid,                  -- none: it was ended before anybody came with it
  created_at     timestamptz NOT NULL DEFAULT now_ms(),
  last_active_at timestamptz NOT NULL DEFAULT now_ms(),
  tokens_until   timestamptz NOT NULL DEFAULT now_ms(),  -- the latest `exp` of its tokens seen
  ip_address     text,
  user_agent     text,
  ended_at       timestamptz,
  end_cause      text CHECK (end_cause IN ('logout', 'revoked', 'clerk')),
  CHECK (user_id IS NOT NULL OR ended_at IS NOT NULL)
);
CREATE INDEX sessions_of_user ON sessions (user_id, created_at DESC, id DESC);
CREATE INDEX sessions_by_use ON sessions (last_active_at);

-- What every node must know within a second: the deny-list and its kin. Read by transaction id and
-- not by sequence, since rows become visible in the order of their commits.
CREATE TABLE standing_changes (
  sequence       bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  transaction_id bigint NOT NULL DEFAULT (pg_current_xact_id()::text::bigint),
  kind           text NOT NULL CHECK (kind IN ('sessionEnded', 'userBarred', 'userChanged')),
  user_id        uuid,
  session_id     text,
  created_at     timestamptz NOT NULL DEFAULT now_ms(),
  keep_until     timestamptz NOT NULL,  -- past every token that it must stop
  CHECK (user_id IS NOT NULL OR session_id IS NOT NULL)
);
CREATE INDEX standing_changes_by_transaction ON standing_changes (transaction_id);
CREATE INDEX standing_changes_over ON standing_changes (keep_until);

-- Deliveries by their id, kept longer than they are repeated.
CREATE TABLE webhook_messages (
  id          text PRIMARY KEY,
  type        text NOT NULL,
  outcome     text NOT NULL,
  received_at timestamptz NOT NULL DEFAULT now_ms()
);
CREATE INDEX webhook_messages_by_time ON webhook_messages (received_at);

-- The last good key sets, so that a start needs no issuer that answers.
CREATE TABLE key_sets (
  issuer  text PRIMARY KEY,
  jwks    text NOT NULL,
  read_at timestamptz NOT NULL DEFAULT now_ms()
);

CREATE TABLE follows (
  follower_id uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  followed_id uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  created_at  timestamptz NOT NULL DEFAULT now_ms(),
  PRIMARY KEY (follower_id, followed_id),
  CHECK (follower_id <> followed_id)
);
CREATE INDEX follows_of_followed ON follows (followed_id, created_at DESC, follower_id DESC);
CREATE INDEX follows_of_follower ON follows (follower_id, created_at DESC, followed_id DESC);

CREATE TABLE blocks (
  blocker_id uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  blocked_id uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  created_at timestamptz NOT NULL DEFAULT now_ms(),
  PRIMARY KEY (blocker_id, blocked_id),
  CHECK (blocker_id <> blocked_id)
);
CREATE INDEX blocks_of_blocked ON blocks (blocked_id);

CREATE TABLE mutes (
  muter_id   uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  muted_id   uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  created_at timestamptz NOT NULL DEFAULT now_ms(),
  PRIMARY KEY (muter_id, muted_id),
  CHECK (muter_id <> muted_id)
);
CREATE INDEX mutes_of_muted ON mutes (muted_id);
