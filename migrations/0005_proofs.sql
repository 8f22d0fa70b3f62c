-- Results that can be checked: ballots in tree order, what a result hangs on, voided votes.

-- network: a keyed hash of the network that the vote came from (/32 of IPv4, /64 of IPv6), absent
-- for loopback. void_id: why the vote does not count; absent for a counted one. Whatever counts
-- votes says `void_id IS NULL`.
ALTER TABLE votes
  ADD COLUMN network bigint,
  ADD COLUMN void_id uuid;
CREATE INDEX votes_voided ON votes (battle_id, id) WHERE void_id IS NOT NULL;

-- What results publish of a void: a reason by name, and the detector's name where one found it.
-- Nobody voids votes yet; who does replaces this view by one over their table.
CREATE VIEW void_grounds AS
  SELECT NULL::uuid AS void_id, NULL::text AS reason, NULL::text AS detector WHERE false;

-- The ballots that a result was made of, in tree order, in chunks of 2,048: a proof needs one chunk
-- and the roots of all, a recount reads them one after the other, and neither needs an index on
-- votes, which every vote would pay for. Counted ones first, then the voided.
CREATE TABLE battle_ballots (
  battle_id uuid NOT NULL REFERENCES battles (id),
  chunk     integer NOT NULL,
  is_voided boolean NOT NULL,
  first_id  uuid NOT NULL,   -- the smallest vote id in it
  ballots   integer NOT NULL,
  -- Counted: 64 octets a ballot: leaf, entry id, weight and time in milliseconds as 64 bits big
  -- endian. Voided: the lines as they are sent.
  records   bytea NOT NULL,
  root      bytea,           -- of the tree over its leaves; of counted ones
  PRIMARY KEY (battle_id, chunk)
);
-- Hashes do not shrink: trying to would only cost time.
ALTER TABLE battle_ballots ALTER COLUMN records SET STORAGE EXTERNAL;

-- Results made before this migration say revision 0: they are counted again by the first sweep,
-- and until then the battle answers as if its result were under way.
ALTER TABLE battle_results
  ADD COLUMN revision         integer NOT NULL DEFAULT 0,
  ADD COLUMN state            text NOT NULL DEFAULT 'certified'
    CHECK (state IN ('provisional', 'certified')),
  ADD COLUMN certifies_at     timestamptz,
  ADD COLUMN certified_at     timestamptz,
  ADD COLUMN voided_by_reason text NOT NULL DEFAULT '[]',
  ADD COLUMN rules_hash       text NOT NULL DEFAULT '',
  ADD COLUMN ballots_hash     text NOT NULL DEFAULT '';
UPDATE battle_results SET certified_at = completed_at;
ALTER TABLE battle_results
  ALTER COLUMN revision DROP DEFAULT,
  ALTER COLUMN state DROP DEFAULT,
  ALTER COLUMN voided_by_reason DROP DEFAULT,
  ALTER COLUMN rules_hash DROP DEFAULT,
  ALTER COLUMN ballots_hash DROP DEFAULT,
  ADD CHECK ((state = 'certified') = (certified_at IS NOT NULL)),
  ADD CHECK ((state = 'provisional') = (certifies_at IS NOT NULL));
CREATE INDEX battle_results_outdated ON battle_results (battle_id) WHERE revision = 0;
CREATE INDEX battle_results_provisional ON battle_results (certifies_at)
  WHERE certifies_at IS NOT NULL;
