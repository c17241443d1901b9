-- A row that cannot be filled stops the backfill; what was committed stays, and the next call goes on.
CREATE EXTENSION pg_accord;
DO $$ BEGIN IF current_setting('accord.guard', true) IS NOT NULL THEN PERFORM set_config('accord.guard', 'off', false); END IF; END $$;
\set SHOW_CONTEXT never
CREATE TABLE t (id integer PRIMARY KEY, delay integer);
INSERT INTO t SELECT g, g FROM generate_series(1, 5000) g;
SELECT accord.register_contract('t');
SELECT state FROM accord.stage('t', 'ALTER TABLE t ALTER COLUMN delay TYPE bigint USING 1000000 / delay', down => 'delay = (1000000 / delay)::integer');
-- a row that no version check has seen: changed behind the triggers
ALTER TABLE t DISABLE TRIGGER ALL;
UPDATE t SET delay = 0 WHERE id = 4321;
ALTER TABLE t ENABLE ALWAYS TRIGGER "!accord_sync";
ALTER TABLE t ENABLE ALWAYS TRIGGER "~accord_sync";
CALL accord.backfill('t', batch_ms => 1, nice => 0.1);
SELECT count(*) FILTER (WHERE _accord_1_pending) BETWEEN 1 AND 2500 AS far, bool_and(_accord_1_pending) FILTER (WHERE id > 4600) AS rest FROM t;
SELECT done, rows_done > 0 AS some, next_block > 0 AS begun FROM accord_catalog.backfill_range;
SELECT state, rows_pending BETWEEN 1 AND 2500 AS about FROM accord.progress;  -- nobody has analyzed the table
\set VERBOSITY terse
UPDATE t SET delay = 1 WHERE id = 4321;
SET client_min_messages = warning;
CALL accord.backfill('t', batch_ms => 10);
RESET client_min_messages;
SELECT count(*) FILTER (WHERE _accord_1_pending) AS pending, count(*) FILTER (WHERE _accord_1_delay = 1000000 / delay) AS filled FROM t;

-- cancelled in the middle: the same
CREATE TABLE c (id integer PRIMARY KEY, delay integer);
INSERT INTO c SELECT g, g FROM generate_series(1, 20000) g;
SELECT accord.register_contract('c');
SELECT state FROM accord.stage('c', 'ALTER TABLE c ALTER COLUMN delay TYPE bigint', down => 'delay = delay::integer');
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
SELECT accord.register_contract('s');
SELECT state FROM accord.stage('s', 'ALTER TABLE s ALTER COLUMN delay TYPE bigint', down => 'delay = delay::integer');
CREATE FUNCTION nothing() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF OLD.id = 7 THEN RETURN NULL; END IF; RETURN NEW; END $$;
SET accord.guard = off;  -- a trigger that can change what is written is a breaking change
CREATE TRIGGER nothing BEFORE UPDATE ON s FOR EACH ROW EXECUTE FUNCTION nothing();
RESET accord.guard;
ALTER TABLE s ENABLE ALWAYS TRIGGER nothing;
CALL accord.backfill('s');
SELECT id FROM s WHERE _accord_3_pending;
SELECT filled FROM accord_catalog.migration_relation WHERE migration_id = 3;
-- nothing of an earlier error is left in the session: the lock is free
DROP TRIGGER nothing ON s;
CALL accord.backfill('s');
