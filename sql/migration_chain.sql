-- Several migrations live at once: every version is written and read, steps go in their order only.
\getenv root PG_ABS_SRCDIR
\set fixture :root '/test/fixtures/migration.sql'
CREATE EXTENSION pg_accord;
SET client_min_messages = warning;
\set ECHO none
\i :fixture
\set ECHO all
CREATE TABLE t (id integer PRIMARY KEY, a integer, b text);
INSERT INTO t VALUES (1, 10, 'x'), (2, NULL, 'y');
SELECT accord.register_contract('t');
CREATE TABLE before_all AS SELECT looks('t') AS line;
SELECT target_version, state FROM accord.stage('t', 'ALTER TABLE t ALTER COLUMN a TYPE bigint');
SELECT target_version, state FROM accord.stage('t', 'ALTER TABLE t RENAME COLUMN a TO amount; ALTER TABLE t ALTER COLUMN amount TYPE numeric');
SELECT target_version, state, next_step FROM accord.stage('t', 'ALTER TABLE t RENAME COLUMN b TO label; ALTER TABLE t ADD COLUMN big boolean',
    up => 'big = amount > 100');
SELECT from_version, to_version, state, next_step FROM accord.status ORDER BY migration;
SELECT accord.complete('t');
CALL accord.backfill('t', '2');
CALL accord.backfill('t', '3');
CALL accord.backfill('t', '4');
SELECT from_version, to_version, state, next_step FROM accord.status ORDER BY migration;
INSERT INTO t_v1.t VALUES (3, 300, 'v1');
INSERT INTO t_v2.t VALUES (4, 400, 'v2');
INSERT INTO t_v3.t VALUES (5, 5, 'v3');
INSERT INTO t_v4.t (id, amount, label) VALUES (6, 600, 'v4');
UPDATE t_v4.t SET amount = 7 WHERE id = 3;
UPDATE t_v1.t SET a = 8 WHERE id = 6;
UPDATE t_v2.t SET a = 5000000000 WHERE id = 5;
UPDATE t_v3.t SET amount = 1.5 WHERE id = 5;
SELECT * FROM t_v1.t ORDER BY id;
SELECT * FROM t_v2.t ORDER BY id;
SELECT * FROM t_v3.t ORDER BY id;
SELECT * FROM t_v4.t ORDER BY id;
-- in the order in which they were staged, and back in the opposite one
SELECT accord.complete('t');
SELECT accord.complete('t', '3');
SELECT accord.rollback('t', '2');
BEGIN;
SELECT target_version, state FROM accord.rollback('t', '4');
SELECT target_version, state FROM accord.rollback('t', '3');
UPDATE t_v2.t SET a = 11 WHERE id = 1;
SELECT target_version, state FROM accord.rollback('t', '2');
SELECT * FROM t ORDER BY id;
SELECT looks('t') AS line EXCEPT SELECT line FROM before_all;
SELECT line FROM before_all EXCEPT SELECT looks('t');
ROLLBACK;
SELECT target_version, state FROM accord.complete('t', '2');
SELECT target_version, state FROM accord.complete('t', '3');
INSERT INTO t_v1.t VALUES (7, 7, 'seven');
INSERT INTO t (id, amount, b) VALUES (8, 8, 'eight');
UPDATE t_v4.t SET amount = 80 WHERE id = 8;
SELECT * FROM t_v1.t ORDER BY id;
SELECT * FROM t_v2.t ORDER BY id;
SELECT * FROM t_v3.t ORDER BY id;
SELECT * FROM t_v4.t ORDER BY id;
SELECT accord.purge('t', '3');
BEGIN;
SELECT target_version, state FROM accord.rollback('t', '4');
SELECT target_version, state FROM accord.rollback('t', '3');
SELECT target_version, state FROM accord.rollback('t', '2');
SELECT * FROM t ORDER BY id;
SELECT looks('t') AS line EXCEPT SELECT line FROM before_all;
SELECT line FROM before_all EXCEPT SELECT looks('t');
ROLLBACK;
SELECT target_version, state FROM accord.purge('t', '2');
SELECT target_version, state FROM accord.complete('t');
SELECT target_version, state FROM accord.purge('t', '3');
INSERT INTO t_v3.t VALUES (9, 900, 'nine');
SELECT target_version, state FROM accord.purge('t');
SELECT * FROM t ORDER BY id;
SELECT looks('t');
-- a further migration starts from the view that is there, which gets what a compatible change has added
ALTER TABLE t ADD COLUMN extra text DEFAULT 'e';
SELECT from_version, target_version, state FROM accord.stage('t', 'ALTER TABLE t RENAME COLUMN big TO large');
SELECT * FROM t_v4.t WHERE id = 9;
SELECT * FROM t_v5.t WHERE id = 9;
SELECT target_version, state FROM accord.rollback('t');
SELECT looks('t');

-- what fails in the middle leaves nothing: cancelled by the statement's time limit, and by its caller
CREATE FUNCTION slow(integer) RETURNS integer LANGUAGE plpgsql IMMUTABLE AS $$ BEGIN PERFORM pg_sleep(0.2); RETURN $1; END $$;
CREATE TABLE u (id integer PRIMARY KEY, a integer);
INSERT INTO u SELECT i, i FROM generate_series(1, 50) i;
SELECT accord.register_contract('u');
CREATE TABLE before_u AS SELECT looks('u') AS line;
SET statement_timeout = '500ms';
SELECT accord.stage('u', 'ALTER TABLE u ALTER COLUMN a TYPE bigint', up => 'a = slow(a)', down => 'a = a');
RESET statement_timeout;
BEGIN;
SELECT target_version, state FROM accord.stage('u', 'ALTER TABLE u ALTER COLUMN a TYPE bigint');
SAVEPOINT s;
SELECT target_version, state FROM accord.stage('u', 'ALTER TABLE u RENAME COLUMN a TO b');
ROLLBACK TO s;
SELECT count(*) FROM accord.status;
ROLLBACK;
SELECT looks('u') AS line EXCEPT SELECT line FROM before_u;
SELECT count(*) FROM accord.status;

-- What stands on a column that an earlier migration still replaces has a third form once the second is there.
CREATE TABLE indexed (id integer PRIMARY KEY, a integer);
CREATE INDEX indexed_a ON indexed (a);
INSERT INTO indexed SELECT g, g FROM generate_series(1, 10) g;
SELECT accord.register_contract('indexed');
SELECT state FROM accord.stage('indexed', 'ALTER TABLE indexed ALTER COLUMN a TYPE bigint');
SELECT state FROM accord.stage('indexed', 'ALTER TABLE indexed ALTER COLUMN a TYPE numeric', down => 'a = a::bigint');
CALL accord.backfill('indexed');
SELECT state FROM accord.stage('indexed', 'ALTER TABLE indexed ALTER COLUMN a TYPE numeric', down => 'a = a::bigint');
SELECT state FROM accord.stage('indexed', 'ALTER TABLE indexed RENAME COLUMN a TO b');

-- the later one renames a column that the earlier one retypes: its promise is of the table as both leave it
CREATE TABLE renamed (id integer PRIMARY KEY, n integer NOT NULL DEFAULT 5, fresh integer, CONSTRAINT small CHECK (n < 1000));
CREATE FUNCTION looks() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
CREATE TRIGGER marks BEFORE UPDATE OF n ON renamed FOR EACH ROW WHEN (OLD.n > 0) EXECUTE FUNCTION looks();
SELECT FROM accord.register_contract('renamed');
SELECT state FROM accord.stage('renamed', 'ALTER TABLE renamed ALTER n TYPE numeric', down => 'n = n::bigint');
SELECT state FROM accord.stage('renamed', 'ALTER TABLE renamed RENAME n TO amount; ALTER TABLE renamed ALTER fresh SET NOT NULL', up => 'fresh = coalesce(fresh, 0)');
CALL accord.backfill('renamed', '2');
CALL accord.backfill('renamed', '3');
SELECT state FROM accord.complete('renamed', '2');
SELECT state FROM accord.complete('renamed', '3');
SELECT state FROM accord.purge('renamed', '2');
SELECT state FROM accord.complete('renamed', '3');
SELECT element, detail FROM accord.drift();
SELECT * FROM accord.diff('renamed');
SELECT state FROM accord.purge('renamed', '3');
SELECT element, detail FROM accord.drift();
SELECT pg_get_triggerdef(oid) FROM pg_trigger WHERE tgrelid = 'renamed'::regclass AND NOT tgisinternal;
