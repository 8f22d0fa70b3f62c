-- The id files of the load, in a fixed shuffled order: battles, "battle entry" pairs.
\o battles.txt
SELECT id FROM plan_battles WHERE n < 200 ORDER BY md5(id::text);
\o hot.txt
SELECT battle_id, id FROM plan_entries WHERE battle >= 1000 ORDER BY battle, k;
\o spread.txt
SELECT battle_id, id FROM plan_entries
WHERE battle IN (SELECT 4 * k + 1 FROM generate_series(0, 15) k)
ORDER BY md5(id::text);
\o
