-- Fair play: what detectors found, which votes were voided and on whose word, who votes for whom.

-- Battles made before know no detectors and no time to wait for them.
UPDATE battles SET rules = jsonb_build_object('fairPlay', 'off', 'integrityMinutes', 0) || rules;

-- When the detectors had run over the votes of a battle, or it was known that none will.
ALTER TABLE battle_results ADD COLUMN examined_at timestamptz;
UPDATE battle_results SET examined_at = completed_at;

CREATE TABLE fair_play_findings (
  id         uuid PRIMARY KEY,
  battle_id  uuid NOT NULL REFERENCES battles (id),
  detector   text NOT NULL,
  version    integer NOT NULL,   -- of the detector
  signal     text NOT NULL,
  entry_id   uuid,               -- that all of the votes are for
  reason     text NOT NULL,
  evidence   jsonb NOT NULL,
  vote_count bigint NOT NULL,
  vote_ids   uuid[] NOT NULL,    -- ascending; the first 10,000
  found_at   timestamptz NOT NULL DEFAULT now_ms()
);
CREATE INDEX fair_play_findings_battle ON fair_play_findings (battle_id, id);

-- Every time a vote was voided; votes.void_id names the row that holds now. A vote that was
-- restored keeps its rows here.
CREATE TABLE vote_voids (
  id          uuid PRIMARY KEY,
  battle_id   uuid NOT NULL REFERENCES battles (id),
  vote_id     uuid NOT NULL,
  entry_id    uuid NOT NULL,
  user_id     uuid NOT NULL,
  detector    text,              -- none: two moderators
  version     integer,           -- of the detector
  reason      text NOT NULL,
  evidence    jsonb NOT NULL,    -- ids of findings, or of the proposal
  voided_at   timestamptz NOT NULL DEFAULT now_ms(),
  restored_at timestamptz
);
CREATE INDEX vote_voids_battle ON vote_voids (battle_id, vote_id);

-- One person proposes, another confirms; one open proposal a vote.
CREATE TABLE fair_play_proposals (
  id          uuid PRIMARY KEY,
  battle_id   uuid NOT NULL REFERENCES battles (id),
  vote_id     uuid NOT NULL,
  entry_id    uuid NOT NULL,
  voter_id    uuid NOT NULL,
  action      text NOT NULL CHECK (action IN ('void', 'restore')),
  reason      text NOT NULL,
  state       text NOT NULL CHECK (state IN ('open', 'confirmed', 'declined', 'lapsed')),
  proposed_by uuid NOT NULL,
  decided_by  uuid,
  created_at  timestamptz NOT NULL DEFAULT now_ms(),
  decided_at  timestamptz,
  CHECK (state <> 'confirmed' OR decided_by <> proposed_by)
);
CREATE INDEX fair_play_proposals_battle ON fair_play_proposals (battle_id, id);
CREATE UNIQUE INDEX fair_play_proposals_open ON fair_play_proposals (battle_id, vote_id)
  WHERE state = 'open';

-- Votes of authors for authors in certified battles: the memory of the ring detector. Kept here
-- and not by an index of votes by voter, which every vote would pay for.
CREATE TABLE vote_ties (
  voter_id  uuid NOT NULL,
  target_id uuid NOT NULL,
  votes     bigint NOT NULL,
  choices   double precision NOT NULL,  -- sum over the votes of log10(entries of others)
  PRIMARY KEY (voter_id, target_id)
);

CREATE OR REPLACE VIEW void_grounds AS
  SELECT id AS void_id, coalesce(detector, 'moderator') AS reason, detector FROM vote_voids;
