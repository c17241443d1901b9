-- What a session keeps of a migration, and what makes it forget; pending rows through VACUUM, CLUSTER and rewrites.
\getenv root PG_ABS_SRCDIR
\set fixture :root '/test/fixtures/hand_staged.sql'
CREATE EXTENSION pg_accord;
SET client_min_messages = warning;
\set ECHO none
\i :fixture
\set ECHO all
CREATE ROLE regress_sync_owner;
GRANT CREATE ON SCHEMA public TO regress_sync_owner;
CREATE FUNCTION twice(integer) RETURNS integer LANGUAGE sql IMMUTABLE RETURN $1 * 2;
CREATE FUNCTION whole(integer) RETURNS integer LANGUAGE plpgsql IMMUTABLE AS $$ BEGIN RETURN $1 * 10; END $$;
CREATE FUNCTION who() RETURNS text LANGUAGE plpgsql IMMUTABLE AS $$ BEGIN RETURN current_user; END $$;
CREATE TABLE t (id integer PRIMARY KEY, a integer, b integer, c integer, note text);
INSERT INTO t SELECT i, i, i, i FROM generate_series(1, 5) i;
SELECT hand.stage('t', '{"a": "integer", "b": "integer", "c": "text"}',
    hand.pair('{a}', '{a}', '{twice(a)}', '{NULL}'), hand.pair('{b}', '{b}', '{whole(b)}', '{NULL}'),
    hand.pair('{c}', '{c}', '{who()}', '{NULL}')) IS NOT NULL AS staged;
CREATE FUNCTION write() RETURNS TABLE (a integer, b integer, c text) LANGUAGE plpgsql AS $$
BEGIN
    RETURN QUERY UPDATE t SET a = t.a + 1, b = t.b + 1, c = t.c + 1 WHERE id = 1 RETURNING _accord_1_a, _accord_1_b, _accord_1_c;
END $$;
SELECT * FROM write();
-- a function that was inlined, and one that was not
CREATE OR REPLACE FUNCTION twice(integer) RETURNS integer LANGUAGE sql IMMUTABLE RETURN $1 * -2;
CREATE OR REPLACE FUNCTION whole(integer) RETURNS integer LANGUAGE plpgsql IMMUTABLE AS $$ BEGIN RETURN $1 * -10; END $$;
SELECT * FROM write();
-- between two rows of one statement
CREATE FUNCTION change_twice() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.id = 3 THEN CREATE OR REPLACE FUNCTION twice(integer) RETURNS integer LANGUAGE sql IMMUTABLE RETURN 0; END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER change_twice BEFORE UPDATE ON t FOR EACH ROW EXECUTE FUNCTION change_twice();
UPDATE t SET a = 100 + id;
DROP TRIGGER change_twice ON t;
SELECT id, a, _accord_1_a FROM t ORDER BY id;
-- the owner
ALTER TABLE t OWNER TO regress_sync_owner;
SELECT c FROM write();
-- columns: renamed (as completion does), moved by a dropped one
BEGIN;
ALTER TABLE t RENAME a TO a_old;
UPDATE accord_catalog.version_column SET physical = 'a_old' WHERE physical = 'a';
COMMIT;
UPDATE t SET a_old = 1 WHERE id = 1;
ALTER TABLE t DROP COLUMN c CASCADE;
DELETE FROM accord_catalog.version_column WHERE name = 'c';
DELETE FROM accord_catalog.migration_transform WHERE old_columns = '{c}';
CREATE FUNCTION whole(bigint) RETURNS integer LANGUAGE plpgsql IMMUTABLE AS $$ BEGIN RETURN $1 * 7; END $$;
ALTER TABLE t ADD COLUMN d integer;
UPDATE t SET b = 3, d = 4 WHERE id = 1;
SELECT * FROM t WHERE id = 1;
-- a program that cannot be made is an error each time, and works once the reason is gone
ALTER FUNCTION whole(bigint) RENAME TO whole_gone;
ALTER FUNCTION whole(integer) RENAME TO whole_gone;
UPDATE t SET b = 4 WHERE id = 1;
UPDATE t SET b = 4 WHERE id = 1;
ALTER FUNCTION whole_gone(bigint) RENAME TO whole;
UPDATE t SET b = 4 WHERE id = 1 RETURNING b, _accord_1_b;
-- the table is dropped and made again under the same name and number of columns; its old program is of no use to it
DROP TABLE t CASCADE;
CREATE TABLE t (id integer PRIMARY KEY, a integer, b integer, c integer, note text);
INSERT INTO t VALUES (1, 1, 1, 1);
DROP TABLE t;

-- pending rows: known by their marker, whatever happens to their transaction ids and places
CREATE TABLE r (id integer PRIMARY KEY, a integer, other integer, wide text);
INSERT INTO r SELECT i, i, i, repeat('w', 3000) FROM generate_series(1, 20) i;
SELECT hand.stage('r', '{"a": "text"}', hand.pair('{a}', '{a}', ARRAY['''n'' || a'], ARRAY['substr(a, 2)::integer'])) IS NOT NULL AS staged;
CREATE FUNCTION state() RETURNS TABLE (pending bigint, filled bigint, wrong bigint) LANGUAGE sql BEGIN ATOMIC
    SELECT count(*) FILTER (WHERE _accord_2_pending), count(_accord_2_a), (SELECT count(*) FROM hand.violations('r')) FROM r;
END;
UPDATE r SET other = 0 WHERE id <= 5;
SELECT * FROM state();
VACUUM (FREEZE) r;
SELECT * FROM state();
UPDATE r SET other = 1 WHERE id IN (5, 6);
VACUUM (FULL) r;
SELECT * FROM state();
UPDATE r SET other = 2 WHERE id IN (6, 7);
CLUSTER r USING r_pkey;
SELECT * FROM state();
ALTER TABLE r ADD COLUMN unrelated integer DEFAULT 1;
ALTER TABLE r ALTER unrelated TYPE text;
SELECT * FROM state();
UPDATE r SET other = 3 WHERE id IN (7, 8);
SELECT * FROM state();
ALTER TABLE r ADD COLUMN rewritten double precision DEFAULT random();
SELECT * FROM state();
-- a subtransaction that fails leaves the row pending
BEGIN;
SAVEPOINT s;
UPDATE r SET other = 4 WHERE id = 9;
ROLLBACK TO s;
COMMIT;
SELECT * FROM state();
SELECT hand.fill('r');
SELECT * FROM state();
-- values kept out of line are compared, not rewritten
SELECT hand.stage('r', '{"wide": "text"}', hand.pair('{wide}', '{wide}', '{wide}', '{wide}')) IS NOT NULL AS staged;
SELECT hand.fill('r');
UPDATE r SET wide = repeat('w', 3000) WHERE id = 1;
UPDATE r_v3.r SET wide = 'short' WHERE id = 2;
SELECT id, length(wide), length(_accord_3_wide) FROM r WHERE id < 3 ORDER BY id;
DROP TABLE r CASCADE;
REVOKE CREATE ON SCHEMA public FROM regress_sync_owner;
DROP ROLE regress_sync_owner;
