-- Copies the plan into the baseline's tables; runs in the session that made the plan.
SET session_replication_role = replica;          -- the plan keeps the references by itself

INSERT INTO users SELECT clerk_id, display_name, avatar_url, bio, created_at FROM plan_users;

INSERT INTO battles
SELECT b.id, title, description, battle_type,
       jsonb_build_object('maxEntriesPerUser', 1, 'allowedTypes', jsonb_build_array('text'),
                          'maxLength', max_length, 'minTextLength', 10,
                          'prompt', 'Theme ' || b.n % 17),
       status, u.clerk_id, start_time, end_time, voting_start_time, voting_end_time,
       entries, entries, 0, featured, start_time - interval '3 day', start_time
FROM plan_battles b JOIN plan_users u ON u.n = b.creator;

INSERT INTO battle_entries (id, battle_id, user_id, content, moderation_status, submission_time,
                            created_at, updated_at, vote_count)
SELECT e.id, e.battle_id, u.clerk_id, jsonb_build_object('type', 'text', 'body', body), 'approved',
       submission_time, submission_time, submission_time,
       (SELECT count(*) FROM plan_votes v WHERE v.entry_id = e.id)
FROM plan_entries e JOIN plan_users u ON u.n = e.author;

INSERT INTO votes
SELECT v.id, v.battle_id, v.entry_id, u.clerk_id, v.created_at
FROM plan_votes v JOIN plan_users u ON u.n = v.voter;
