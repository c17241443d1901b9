-- What a user has called as a migration calls its own is refused by name, and not taken for that of a live migration.
CREATE EXTENSION pg_accord;
SET client_min_messages = warning;
CREATE TABLE t (id integer PRIMARY KEY, a integer);
SELECT accord.register_contract('t');
ALTER TABLE t ADD COLUMN _accord_b integer;
SET accord.guard = off;
ALTER TABLE t ADD CONSTRAINT "~accord_1_x" CHECK (a > 0);
RESET accord.guard;
CREATE INDEX _accord_x ON t (a);
CREATE STATISTICS _accord_s ON a, id FROM t;
CREATE POLICY _accord_p ON t USING (a > 0);
CREATE FUNCTION nothing() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NULL; END $$;
CREATE TRIGGER "!accord_sync" AFTER INSERT ON t FOR EACH STATEMENT EXECUTE FUNCTION nothing();
SELECT accord.stage('t', 'ALTER TABLE t ALTER COLUMN a TYPE bigint');
\echo :LAST_ERROR_SQLSTATE
\set VERBOSITY terse
ALTER TABLE t RENAME COLUMN _accord_b TO b;
SELECT accord.plan('t', 'ALTER TABLE t ALTER COLUMN a TYPE bigint');
SET accord.guard = off;
ALTER TABLE t RENAME CONSTRAINT "~accord_1_x" TO a_check;
RESET accord.guard;
SELECT accord.stage('t', 'ALTER TABLE t ALTER COLUMN a TYPE bigint');
ALTER INDEX _accord_x RENAME TO t_a_idx;
SELECT accord.stage('t', 'ALTER TABLE t ALTER COLUMN a TYPE bigint');
ALTER POLICY _accord_p ON t RENAME TO p;
SELECT accord.stage('t', 'ALTER TABLE t ALTER COLUMN a TYPE bigint');
ALTER STATISTICS _accord_s RENAME TO s;
SELECT accord.stage('t', 'ALTER TABLE t ALTER COLUMN a TYPE bigint');
DROP TRIGGER "!accord_sync" ON t;
SELECT state FROM accord.stage('t', 'ALTER TABLE t ALTER COLUMN a TYPE bigint');

-- nor is a contract made of a table that has such a name
CREATE TABLE u (id integer PRIMARY KEY, _accord_b integer);
SELECT accord.register_contract('u');
ALTER TABLE u RENAME COLUMN _accord_b TO b;
SELECT accord.register_contract('u');

-- what a live migration has made is its own, also where the next one starts from it
CALL accord.backfill('t');
SELECT state FROM accord.stage('t', 'ALTER TABLE t ALTER COLUMN a TYPE numeric', down => 'a = a::bigint');

-- a table below it
CREATE TABLE part (id integer, a integer) PARTITION BY RANGE (id);
CREATE TABLE part_1 PARTITION OF part FOR VALUES FROM (0) TO (10);
SELECT accord.register_contract('part');
CREATE INDEX _accord_only ON part_1 (a);
SELECT accord.stage('part', 'ALTER TABLE part ALTER COLUMN a TYPE bigint');

-- a version without columns
CREATE TABLE none ();
SELECT accord.register_contract('none');
\set VERBOSITY default
SELECT accord.stage('none', 'ALTER TABLE none ADD COLUMN a integer');
CREATE TABLE one (a integer);
SELECT accord.register_contract('one');
SELECT accord.stage('one', 'ALTER TABLE one DROP COLUMN a', down => 'a = 1');
ALTER TABLE none ADD COLUMN a integer;
SELECT state FROM accord.stage('none', 'ALTER TABLE none RENAME COLUMN a TO b');
