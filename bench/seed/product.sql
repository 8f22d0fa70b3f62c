-- Copies the plan into the product's tables; runs in the session that made the plan. The product
-- has made its schema and, through its API, one battle, whose rules every battle takes.
SET search_path = wildnout, public;
SET session_replication_role = replica;          -- the plan keeps the references by itself

INSERT INTO users (id, clerk_id, username, display_name, avatar_url, bio, created_at)
SELECT id, clerk_id, username, display_name, avatar_url, bio, created_at FROM plan_users
ON CONFLICT (clerk_id) DO NOTHING;

INSERT INTO battles (id, title, description, battle_type, status, creator_id, rules, max_entries,
                     entries_per_user, votes_per_user, allow_vote_retraction, allow_self_vote,
                     hide_tally, min_account_age_hours, start_time, end_time, voting_start_time,
                     voting_end_time, featured, participant_count, entry_count, vote_count,
                     created_at, updated_at)
SELECT b.id, b.title, b.description, b.battle_type, b.status, u.id, t.rules, t.max_entries,
       t.entries_per_user, t.votes_per_user, t.allow_vote_retraction, t.allow_self_vote,
       t.hide_tally, t.min_account_age_hours, b.start_time, b.end_time, b.voting_start_time,
       b.voting_end_time, b.featured, b.entries, b.entries,
       (SELECT count(*) FROM plan_votes v WHERE v.battle_id = b.id),
       b.start_time - interval '3 day', b.start_time
FROM plan_battles b JOIN plan_users u ON u.n = b.creator, (SELECT * FROM battles LIMIT 1) t;

INSERT INTO battle_entries (id, battle_id, user_id, content_type, body, status, moderation_status,
                            vote_count, submission_time, created_at, updated_at)
SELECT e.id, e.battle_id, u.id, 'text', e.body, 'submitted', 'approved',
       (SELECT count(*) FROM plan_votes v WHERE v.entry_id = e.id),
       e.submission_time, e.submission_time, e.submission_time
FROM plan_entries e JOIN plan_users u ON u.n = e.author;

INSERT INTO votes (battle_id, user_id, entry_id, id, weight, salt, created_at)
SELECT v.battle_id, u.id, v.entry_id, v.id, 1, gen_random_uuid(), v.created_at
FROM plan_votes v JOIN plan_users u ON u.n = v.voter;
