-- What stands in the way of a migration is refused by name and says what to write instead; nothing has changed.
\getenv root PG_ABS_SRCDIR
\set fixture :root '/test/fixtures/migration.sql'
CREATE EXTENSION pg_accord;
SET client_min_messages = warning;
\set ECHO none
\i :fixture
\set ECHO all
RESET client_min_messages;
CREATE TABLE t (id integer PRIMARY KEY, a integer, b text NOT NULL, c integer, g integer GENERATED ALWAYS AS (c * 2) STORED, d integer DEFAULT 3, UNIQUE (b));
CREATE INDEX t_a_idx ON t (a);
INSERT INTO t (id, a, b, c) VALUES (1, 1, 'x', 1);
CREATE TABLE child (t_b text REFERENCES t (b));
SELECT accord.register_contract('t');
CREATE TABLE before_all AS SELECT looks('t') AS line;

-- what is missing
SELECT accord.stage('t', 'ALTER TABLE t DROP COLUMN b');
SELECT accord.stage('t', 'ALTER TABLE t ALTER COLUMN b DROP NOT NULL');
SELECT accord.stage('t', 'ALTER TABLE t ALTER COLUMN c SET NOT NULL');
SELECT accord.stage('t', 'ALTER TABLE t ADD COLUMN n integer NOT NULL');
SELECT accord.stage('t', 'ALTER TABLE t ADD COLUMN n text, DROP COLUMN a', up => 'n = a::text');
SELECT accord.stage('t', 'ALTER TABLE t RENAME COLUMN a TO aa', up => 'nowhere = 1');
SELECT accord.stage('t', 'ALTER TABLE t RENAME COLUMN a TO aa', down => 'a = aa');
SELECT accord.stage('t', 'ALTER TABLE t RENAME COLUMN nowhere TO aa');
SELECT accord.stage('t', 'ALTER TABLE t RENAME COLUMN a TO b');
SELECT accord.stage('t', 'ALTER TABLE t ALTER COLUMN a TYPE nowhere.at_all');
SELECT accord.stage('t', 'ALTER TABLE t ADD COLUMN n "No Type"[]');
SELECT accord.stage('t', 'DROP TABLE t');
SELECT accord.stage('t', 'ALTER TABLE t ENABLE ROW LEVEL SECURITY');

-- what stands on the columns
SELECT accord.stage('t', 'ALTER TABLE t DROP COLUMN b', down => 'b = ''x''');
SELECT accord.stage('t', 'ALTER TABLE t ALTER COLUMN c TYPE bigint', up => 'g = 3');
DROP INDEX t_a_idx;
-- no consumer is subscribed yet, so the triggers below may come
SET accord.allow_unused = on;
CREATE FUNCTION noop() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.b := upper(NEW.b); RETURN NEW; END $$;
SET accord.guard = off;  -- a trigger that can change what is written is a breaking change
CREATE TRIGGER of_column BEFORE UPDATE OF a ON t FOR EACH ROW EXECUTE FUNCTION noop();
RESET accord.guard;
SELECT accord.stage('t', 'ALTER TABLE t DROP COLUMN a');
DROP TRIGGER of_column ON t;
SET accord.guard = off;  -- a trigger that can change what is written is a breaking change
CREATE TRIGGER " first" BEFORE UPDATE ON t FOR EACH ROW EXECUTE FUNCTION noop();
RESET accord.guard;
SELECT accord.stage('t', 'ALTER TABLE t ALTER COLUMN a TYPE bigint');
DROP TRIGGER " first" ON t;
SET client_min_messages = error;
CREATE PUBLICATION p FOR TABLE t;
RESET client_min_messages;
SELECT accord.stage('t', 'ALTER TABLE t ALTER COLUMN a TYPE bigint');
ALTER PUBLICATION p DROP TABLE ONLY public.t; ALTER PUBLICATION p ADD TABLE ONLY public.t (id, a, b, c, d);
SELECT accord.register_consumer('exporter');
SELECT accord.subscribe('t', 'exporter', '1', strictness => 'star');
SELECT accord.stage('t', 'ALTER TABLE t ALTER COLUMN a TYPE bigint');
SELECT accord.unsubscribe('t', 'exporter');
SELECT looks('t') AS line EXCEPT SELECT line FROM before_all;
SELECT line FROM before_all EXCEPT SELECT looks('t') ORDER BY 1;
SELECT count(*) FROM accord_catalog.migration;

-- objects on the old columns: told at complete, kept in step until purge
SELECT state FROM accord.stage('t', 'ALTER TABLE t ALTER COLUMN a TYPE bigint; ALTER TABLE t RENAME COLUMN c TO cc');
SET client_min_messages = warning;
CALL accord.backfill('t');
RESET client_min_messages;
CREATE VIEW report AS SELECT id, a FROM t;
CREATE FUNCTION total() RETURNS bigint LANGUAGE sql AS 'SELECT sum(c) FROM t';
CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF NEW.c IS NULL THEN NEW.b := 'y'; END IF; RETURN NEW; END $$;
SET accord.guard = off;  -- a trigger that can change what is written is a breaking change
CREATE TRIGGER touch BEFORE INSERT ON t FOR EACH ROW EXECUTE FUNCTION touch();
RESET accord.guard;
SELECT accord.complete('t');
DROP TRIGGER touch ON t;
DROP FUNCTION touch();
DROP VIEW report;
CREATE VIEW report AS SELECT id, cc FROM t_v2.t;
SELECT state FROM accord.complete('t');
DROP VIEW report;
CREATE VIEW report AS SELECT id, a FROM t_v1.t;
SELECT accord.purge('t');
SELECT accord.rollback('t');
DROP VIEW report;
CREATE TABLE t_v2.mine (id integer);
SELECT state FROM accord.rollback('t');
SELECT nspname FROM pg_namespace WHERE nspname LIKE 't\_v_';
DROP SCHEMA t_v2 CASCADE;
SELECT looks('t') AS line EXCEPT SELECT line FROM before_all;

-- a schema of that name that is somebody else's
CREATE SCHEMA t_v1;
CREATE SCHEMA t_v3;
SELECT view, state FROM accord.stage('t', 'ALTER TABLE t RENAME COLUMN a TO aa');
SELECT state FROM accord.rollback('t');
SELECT nspname FROM pg_namespace WHERE nspname ~ '_v[0-9]' ORDER BY 1;

-- accept what cannot be told apart
SELECT state FROM accord.stage('t', 'ALTER TABLE t ALTER COLUMN d TYPE bigint', insert_null => 'default');
SET client_min_messages = warning;
CALL accord.backfill('t');
INSERT INTO t_v4.t (id, b) VALUES (2, 'two') RETURNING id, d;

-- a sequence that would move with its table, under a default that names it; one of an identity has no name there
CREATE SCHEMA elsewhere;
CREATE TABLE numbered (id serial, i integer GENERATED ALWAYS AS IDENTITY, v integer);
SELECT accord.register_contract('numbered');
SELECT accord.stage('numbered', 'ALTER TABLE numbered ALTER v TYPE bigint; ALTER TABLE numbered SET SCHEMA elsewhere');
ALTER SEQUENCE public.numbered_id_seq OWNED BY NONE;
SELECT state FROM accord.stage('numbered', 'ALTER TABLE numbered ALTER v TYPE bigint; ALTER TABLE numbered SET SCHEMA elsewhere');
SET client_min_messages = warning;
CALL accord.backfill('numbered');
SELECT state FROM accord.complete('numbered');
INSERT INTO elsewhere.numbered (v) VALUES (1) RETURNING id, i, v;
SELECT state FROM accord.rollback('elsewhere.numbered');
INSERT INTO numbered (v) VALUES (2) RETURNING *;
RESET client_min_messages;
