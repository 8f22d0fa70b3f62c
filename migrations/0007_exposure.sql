-- How often each entry was put before a voter.

-- A row for each process that deals, written over with its own absolute counts: no two processes
-- want the same row, a repeated write changes nothing, and there is no hot row. The battle's count
-- is the sum. `turns` is what balances the dealing; it differs from `impressions` where the votes
-- of those who were dealt to must not show in what others are dealt.
CREATE TABLE battle_impressions (
  battle_id   uuid NOT NULL,
  entry_id    uuid NOT NULL,
  dealer_id   uuid NOT NULL,
  impressions bigint NOT NULL,
  turns       bigint NOT NULL,
  PRIMARY KEY (battle_id, entry_id, dealer_id)
) WITH (fillfactor = 70);  -- room for heap-only updates
