-- A row that cannot be filled stops the backfill; what was committed stays, and the next call goes on.
\getenv root PG_ABS_SRCDIR
\set fixture :root '/test/fixtures/hand_staged.sql'
CREATE EXTENSION pg_accord;
SET client_min_messages = warning;
\set ECHO none
\i :fixture
\set ECHO all
RESET client_min_messages;
\set SHOW_CONTEXT never
CREATE TABLE t (id integer PRIMARY KEY, delay integer);
INSERT INTO t SELECT g, CASE g WHEN 4321 THEN 0 ELSE g END FROM generate_series(1, 5000) g;
SELECT hand.stage('t', '{"delay": "integer"}', hand.pair('{delay}', '{delay}', '{1000000 / delay}', NULL));
UPDATE accord_catalog.migration SET state = 'preparing';
CALL accord.backfill('t', batch_ms => 1);
SELECT count(*) FILTER (WHERE _accord_1_pending) BETWEEN 1 AND 2500 AS far, bool_and(_accord_1_pending) FILTER (WHERE id > 4600) AS rest FROM t;
SELECT done, rows_done > 0 AS some, next_block > 0 AS begun FROM accord_catalog.backfill_range;
SELECT state FROM accord.progress;
\set VERBOSITY terse
UPDATE t SET delay = 1 WHERE id = 4321;
SET client_min_messages = warning;
CALL accord.backfill('t', batch_ms => 10);
RESET client_min_messages;
SELECT count(*) FILTER (WHERE _accord_1_pending) AS pending, count(*) FILTER (WHERE _accord_1_delay = 1000000 / delay) AS filled FROM t;

-- cancelled in the middle: the same
CREATE TABLE c (id integer PRIMARY KEY, delay integer);
INSERT INTO c SELECT g, g FROM generate_series(1, 20000) g;
SELECT hand.stage('c', '{"delay": "bigint"}', hand.pair('{delay}', '{delay}', '{delay}', NULL));
UPDATE accord_catalog.migration SET state = 'preparing' WHERE id = 2;
SET statement_timeout = '300ms';
CALL accord.backfill('c', batch_ms => 2, nice => 100);
RESET statement_timeout;
SET client_min_messages = warning;
SELECT count(*) FILTER (WHERE _accord_2_pending) BETWEEN 1 AND 20000 AS some_pending FROM c;
CALL accord.backfill('c', batch_ms => 2);
RESET client_min_messages;
SELECT count(*) FILTER (WHERE _accord_2_pending) AS pending FROM c;

-- a trigger that keeps rows from being updated
CREATE TABLE s (id integer PRIMARY KEY, delay integer);
INSERT INTO s SELECT g, g FROM generate_series(1, 100) g;
SELECT hand.stage('s', '{"delay": "bigint"}', hand.pair('{delay}', '{delay}', '{delay}', NULL));
UPDATE accord_catalog.migration SET state = 'preparing' WHERE id = 3;
CREATE FUNCTION nothing() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF OLD.id = 7 THEN RETURN NULL; END IF; RETURN NEW; END $$;
CREATE TRIGGER nothing BEFORE UPDATE ON s FOR EACH ROW EXECUTE FUNCTION nothing();
ALTER TABLE s ENABLE ALWAYS TRIGGER nothing;
CALL accord.backfill('s');
SELECT id FROM s WHERE _accord_3_pending;
SELECT filled FROM accord_catalog.migration_relation WHERE migration_id = 3;
-- nothing of an earlier error is left in the session: the lock is free
DROP TRIGGER nothing ON s;
CALL accord.backfill('s');
