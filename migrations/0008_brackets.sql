-- Tournaments: rounds that are battles of their own, seeds, pairings, who was put out.

-- A round is a battle with a parent, which is always older: whoever locks both locks the parent
-- first, and that is the order of ids too.
ALTER TABLE battles
  ADD COLUMN parent_id uuid REFERENCES battles (id),
  ADD COLUMN round integer,
  ADD CHECK ((parent_id IS NULL) = (round IS NULL));
CREATE UNIQUE INDEX battles_rounds ON battles (parent_id, round) WHERE parent_id IS NOT NULL;

-- In a round: the tournament's entry that this one is a copy of, and the pairing it stands in.
ALTER TABLE battle_entries
  ADD COLUMN origin_id uuid,
  ADD COLUMN pairing smallint;

-- One vote a pairing. Votes of ordinary battles have none and never touch this index.
ALTER TABLE votes ADD COLUMN pairing smallint;
CREATE UNIQUE INDEX votes_once_a_pairing ON votes (battle_id, user_id, pairing)
  WHERE pairing IS NOT NULL;

CREATE TABLE tournaments (
  battle_id uuid PRIMARY KEY REFERENCES battles (id),
  -- 32 random bytes made before anybody enters: their hash is shown from the start, they
  -- themselves once the draw is made from them.
  secret    bytea NOT NULL,
  places    integer,           -- of the bracket that was drawn
  drawn_at  timestamptz
);
INSERT INTO tournaments (battle_id, secret)
  SELECT id, sha256(uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid()))
  FROM battles WHERE battle_type = 'tournament' AND next_step_at IS NOT NULL;

CREATE TABLE bracket_entrants (
  tournament_id uuid NOT NULL REFERENCES tournaments (battle_id),
  seed          integer NOT NULL,
  entry_id      uuid NOT NULL,
  PRIMARY KEY (tournament_id, seed)
);

CREATE TABLE bracket_pairings (
  tournament_id uuid NOT NULL REFERENCES tournaments (battle_id),
  round         integer NOT NULL,
  position      integer NOT NULL,
  id            uuid NOT NULL,
  seed_a        integer,
  seed_b        integer,
  winner        integer,       -- a seed
  is_bye        boolean NOT NULL,
  status        text NOT NULL CHECK (status IN ('waiting', 'voting', 'decided', 'forfeited')),
  PRIMARY KEY (tournament_id, round, position)
);

-- Who was put out of a tournament, by whom and why.
CREATE TABLE disqualifications (
  entry_id      uuid PRIMARY KEY,
  tournament_id uuid NOT NULL REFERENCES tournaments (battle_id),
  actor_id      uuid NOT NULL,
  reason        text NOT NULL,
  at            timestamptz NOT NULL DEFAULT now_ms()
);
CREATE INDEX disqualifications_tournament ON disqualifications (tournament_id);
