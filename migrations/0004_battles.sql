-- Battles, their entries, votes, steps and results.
CREATE EXTENSION IF NOT EXISTS pg_trgm;

CREATE TABLE battles (
  id                    uuid PRIMARY KEY,
  title                 text NOT NULL,
  description           text NOT NULL,
  battle_type           text NOT NULL
    CHECK (battle_type IN ('wildStyle', 'pickUpKillIt', 'rAndBeef', 'tournament')),
  status                text NOT NULL
    CHECK (status IN ('upcoming', 'active', 'voting', 'completed', 'cancelled')),
  creator_id            uuid NOT NULL,
  -- The rules as they are shown; those that statements enforce stand beside as columns.
  rules                 jsonb NOT NULL,
  max_entries           integer NOT NULL,
  entries_per_user      integer NOT NULL,
  votes_per_user        integer,
  allow_vote_retraction boolean NOT NULL,
  allow_self_vote       boolean NOT NULL,
  hide_tally            boolean NOT NULL,
  min_account_age_hours integer NOT NULL,
  start_time            timestamptz NOT NULL,
  end_time              timestamptz NOT NULL,
  voting_start_time     timestamptz NOT NULL,
  voting_end_time       timestamptz NOT NULL,
  -- When the next step of the lifecycle is due; nothing after the last.
  next_step_at          timestamptz GENERATED ALWAYS AS (
    CASE status WHEN 'upcoming' THEN start_time WHEN 'active' THEN end_time
                WHEN 'voting' THEN voting_end_time END) STORED,
  featured              boolean NOT NULL DEFAULT false,
  is_demo               boolean NOT NULL DEFAULT false,
  participant_count     integer NOT NULL DEFAULT 0,
  entry_count           integer NOT NULL DEFAULT 0,
  vote_count            bigint NOT NULL DEFAULT 0,
  -- vote_count as of the last gathering: an index on vote_count itself would make every batch of
  -- votes write to it, and lists would jump under the reader.
  listed_vote_count     bigint NOT NULL DEFAULT 0,
  trend                 double precision NOT NULL DEFAULT 0,
  version               integer NOT NULL DEFAULT 1,
  created_at            timestamptz NOT NULL DEFAULT now_ms(),
  updated_at            timestamptz NOT NULL DEFAULT now_ms(),
  CHECK (start_time < end_time AND end_time <= voting_start_time
         AND voting_start_time < voting_end_time)
) WITH (fillfactor = 70);  -- room for heap-only updates of the counters
CREATE INDEX battles_newest ON battles (created_at DESC, id DESC);
CREATE INDEX battles_ending ON battles (voting_end_time, id);
CREATE INDEX battles_status_ending ON battles (status, voting_end_time, id);
CREATE INDEX battles_status_newest ON battles (status, created_at DESC, id DESC);
CREATE INDEX battles_votes ON battles (listed_vote_count DESC, id DESC);
CREATE INDEX battles_trend ON battles (trend DESC, id DESC);
CREATE INDEX battles_creator ON battles (creator_id, created_at DESC, id DESC);
CREATE INDEX battles_due ON battles (next_step_at) WHERE next_step_at IS NOT NULL;
CREATE INDEX battles_title ON battles USING gin (title gin_trgm_ops);

CREATE TABLE battle_history (
  battle_id   uuid NOT NULL REFERENCES battles (id),
  step        integer NOT NULL,
  from_status text,
  to_status   text NOT NULL,
  at          timestamptz NOT NULL DEFAULT now_ms(),
  cause       text NOT NULL CHECK (cause IN ('created', 'schedule', 'forced', 'cancelled')),
  actor_id    uuid,
  reason      text,
  PRIMARY KEY (battle_id, step)
);

CREATE TABLE battle_entries (
  id                uuid PRIMARY KEY,
  battle_id         uuid NOT NULL REFERENCES battles (id),
  user_id           uuid NOT NULL,
  content_type      text NOT NULL,
  body              text NOT NULL,
  status            text NOT NULL CHECK (status IN ('draft', 'submitted', 'withdrawn', 'removed')),
  moderation_status text NOT NULL CHECK (moderation_status IN ('pending', 'approved', 'rejected')),
  moderation_reason text,
  view_count        bigint NOT NULL DEFAULT 0,
  vote_count        bigint NOT NULL DEFAULT 0,
  comment_count     bigint NOT NULL DEFAULT 0,
  share_count       bigint NOT NULL DEFAULT 0,
  rank              integer,
  submission_time   timestamptz,
  version           integer NOT NULL DEFAULT 1,
  created_at        timestamptz NOT NULL DEFAULT now_ms(),
  updated_at        timestamptz NOT NULL DEFAULT now_ms()
) WITH (fillfactor = 70);
CREATE INDEX battle_entries_battle ON battle_entries (battle_id, created_at DESC, id DESC);
CREATE INDEX battle_entries_user ON battle_entries (user_id, battle_id);

-- The key leads with the battle: the pages that live battles touch stay few however large the
-- table grows. It serves uniqueness, the quota and a voter's own votes at once. No foreign keys:
-- the statement that inserts has the battle's row locked and the entry checked.
CREATE TABLE votes (
  battle_id  uuid NOT NULL,
  user_id    uuid NOT NULL,
  entry_id   uuid NOT NULL,
  id         uuid NOT NULL,
  weight     bigint NOT NULL,
  salt       uuid NOT NULL,  -- 16 random bytes, see "Proofs" in the contract
  created_at timestamptz NOT NULL,
  PRIMARY KEY (battle_id, user_id, entry_id)
);

CREATE TABLE battle_results (
  battle_id    uuid PRIMARY KEY REFERENCES battles (id),
  completed_at timestamptz NOT NULL,
  total_votes  bigint NOT NULL,
  voided_votes bigint NOT NULL,
  ranking      text NOT NULL,
  merkle_root  text NOT NULL,
  algorithm    text NOT NULL
);
