-- Tables of the Node baseline, with the constraints that a good engineer would add.
DROP SCHEMA public CASCADE;
CREATE SCHEMA public;

CREATE TABLE users (
  id            text PRIMARY KEY,                -- Clerk user id (JWT "sub")
  display_name  text NOT NULL,
  avatar_url    text,
  bio           text NOT NULL DEFAULT '',
  created_at    timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE battles (
  id                uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  title             text NOT NULL,
  description       text NOT NULL,
  battle_type       text NOT NULL
                    CHECK (battle_type IN ('wildStyle', 'pickUpKillIt', 'rAndBeef', 'tournament')),
  rules             jsonb NOT NULL,
  status            text NOT NULL
                    CHECK (status IN ('upcoming', 'active', 'voting', 'completed')),
  creator_id        text NOT NULL REFERENCES users(id),
  start_time        timestamptz NOT NULL,
  end_time          timestamptz NOT NULL,
  voting_start_time timestamptz NOT NULL,
  voting_end_time   timestamptz NOT NULL,
  participant_count int NOT NULL DEFAULT 0,
  entry_count       int NOT NULL DEFAULT 0,
  vote_count        int NOT NULL DEFAULT 0,
  featured          boolean NOT NULL DEFAULT false,
  created_at        timestamptz NOT NULL DEFAULT now(),
  updated_at        timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE battle_entries (
  id                uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  battle_id         uuid NOT NULL REFERENCES battles(id),
  user_id           text NOT NULL REFERENCES users(id),
  content           jsonb NOT NULL,
  moderation_status text NOT NULL DEFAULT 'pending',
  view_count        int NOT NULL DEFAULT 0,
  vote_count        int NOT NULL DEFAULT 0,
  comment_count     int NOT NULL DEFAULT 0,
  share_count       int NOT NULL DEFAULT 0,
  rank              int,
  submission_time   timestamptz NOT NULL DEFAULT now(),
  created_at        timestamptz NOT NULL DEFAULT now(),
  updated_at        timestamptz NOT NULL DEFAULT now()
) WITH (fillfactor = 80);                        -- room for HOT updates of vote_count

CREATE TABLE votes (
  id         uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  battle_id  uuid NOT NULL REFERENCES battles(id),
  entry_id   uuid NOT NULL REFERENCES battle_entries(id),
  user_id    text NOT NULL REFERENCES users(id),
  created_at timestamptz NOT NULL DEFAULT now()
);

CREATE INDEX battles_status_end_idx ON battles (status, end_time, id);
CREATE INDEX entries_battle_idx ON battle_entries (battle_id, user_id);
CREATE UNIQUE INDEX votes_user_entry_key ON votes (user_id, entry_id);
CREATE INDEX votes_battle_idx ON votes (battle_id);
