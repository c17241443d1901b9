-- SQL of the user's own that comes with a version and goes with it: here the enum types that add, rename and remove labels.
\set VERBOSITY terse
SET client_min_messages = warning;
CREATE EXTENSION pg_accord;
CREATE ROLE regress_owner;
GRANT CREATE ON SCHEMA public TO regress_owner;
SET ROLE regress_owner;
CREATE TYPE mood AS ENUM ('sad', 'ok', 'glad');
CREATE TABLE person (id integer PRIMARY KEY, now_is mood NOT NULL DEFAULT 'ok');
INSERT INTO person VALUES (1, 'sad'), (2, 'ok'), (3, 'glad');
SELECT accord.register_contract('person');
CREATE FUNCTION stage_moods(steps jsonb) RETURNS text LANGUAGE sql AS $f$
    SELECT state FROM accord.stage('person', $$
        ALTER TABLE person ALTER COLUMN now_is DROP DEFAULT;
        ALTER TABLE person ALTER COLUMN now_is TYPE mood2 USING (CASE now_is WHEN 'ok' THEN 'fine' WHEN 'sad' THEN 'fine' ELSE now_is::text END)::mood2;
        ALTER TABLE person ALTER COLUMN now_is SET DEFAULT 'fine' $$,
        down => $$ now_is = (CASE now_is WHEN 'fine' THEN 'ok' WHEN 'elated' THEN 'glad' ELSE now_is::text END)::mood $$,
        insert_null => 'default', steps => stage_moods.steps) $f$;
-- What is malformed or fails leaves nothing.
SELECT stage_moods('{}');
SELECT stage_moods('[{"sql": "CREATE TYPE mood2 AS ENUM ()"}]');
SELECT stage_moods('[{"sql": "CREATE TYPE mood2 AS ENUM (''fine'')", "undo": "DROP TYPE mood2"}, {"sql": "SELECT 1/0", "undo": ""}]');
SELECT stage_moods('[{"sql": "ALTER TABLE person DROP COLUMN id", "undo": ""}]');
SELECT count(*) FROM pg_type WHERE typname = 'mood2';
-- ok is renamed, sad removed, elated added.
SELECT stage_moods('[{"sql": "CREATE TYPE mood2 AS ENUM (''fine'', ''glad'', ''elated'')", "undo": "DROP TYPE mood2"},
                     {"sql": "CREATE TABLE mood_log (at mood2)", "undo": "DROP TABLE mood_log"}]');
CALL accord.backfill('person');
SELECT * FROM person_v2.person ORDER BY id;
INSERT INTO person_v2.person VALUES (4, 'elated');
INSERT INTO person_v2.person (id) VALUES (5);
INSERT INTO person VALUES (6, 'sad');
SELECT * FROM person ORDER BY id;
SELECT * FROM person_v2.person ORDER BY id;
-- Taken back by another role, with no more rights than the table's owner has.
RESET ROLE;
SET search_path = pg_catalog;
SELECT state FROM accord.rollback('public.person');
RESET search_path;
SELECT count(*) FROM pg_class WHERE relname = 'mood_log' UNION ALL SELECT count(*) FROM pg_type WHERE typname = 'mood2';
SET ROLE regress_owner;
SELECT stage_moods('[{"sql": "CREATE TYPE mood2 AS ENUM (''fine'', ''glad'', ''elated'')", "undo": "DROP TYPE mood2"},
                     {"sql": "CREATE FUNCTION who() RETURNS text LANGUAGE sql AS $$ SELECT current_user::text $$", "undo": "DROP FUNCTION who()"},
                     {"sql": "SELECT 1", "undo": "CREATE ROLE regress_never"}]');
RESET ROLE;
SELECT state FROM accord.rollback('person');
SET ROLE regress_owner;
CALL accord.backfill('person');
SELECT state FROM accord.complete('person');
SELECT state FROM accord.purge('person');
SELECT * FROM person ORDER BY id;
DROP TYPE mood;
RESET ROLE;
-- plan takes them as stage does, shows them first, and leaves nothing of them
SET ROLE regress_owner;
CREATE TABLE planned (id integer PRIMARY KEY, a text);
SELECT accord.register_contract('planned');
SELECT phase, statement, note FROM accord.plan('planned', 'ALTER TABLE planned ALTER COLUMN a TYPE planned_label USING a::planned_label', down => 'a = a::text',
    steps => '[{"sql": "CREATE TYPE planned_label AS ENUM (''x'')", "undo": "DROP TYPE planned_label"}]') WHERE phase = 'expand' ORDER BY step LIMIT 2;
SELECT to_regtype('planned_label');
SELECT accord.plan('planned', 'ALTER TABLE planned ALTER COLUMN a TYPE planned_label USING a::planned_label', down => 'a = a::text');
SELECT accord.plan('planned', 'ALTER TABLE planned ADD COLUMN b text', steps => '[{"sql": "SELECT 1"}]');
SELECT accord.plan('planned', 'ALTER TABLE planned ADD COLUMN b text', steps => '[{"sql": "CREATE ROLE regress_never", "undo": "SELECT 1"}]');
RESET ROLE;
-- The table goes to another owner meanwhile: what takes the steps back runs as who wrote them, with no more rights than that.
SET ROLE regress_owner;
CREATE TABLE handed_over (id integer PRIMARY KEY, a integer);
SELECT accord.register_contract('handed_over');
SELECT state FROM accord.stage('handed_over', 'ALTER TABLE handed_over ALTER COLUMN a TYPE bigint',
    steps => '[{"sql": "SELECT 1", "undo": "CREATE TABLE undone_by AS SELECT current_user::text AS who"}]');
RESET ROLE;
ALTER TABLE handed_over OWNER TO postgres;
SET ROLE regress_owner;
SELECT state FROM accord.rollback('handed_over');
SELECT who FROM undone_by;
RESET ROLE;
