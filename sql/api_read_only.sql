-- In a read-only transaction what only reads works, and what would write says of itself that it cannot.
CREATE EXTENSION pg_accord;
SET client_min_messages = warning;
CREATE TABLE t (id integer PRIMARY KEY, a integer);
CREATE TABLE u (id integer PRIMARY KEY, a integer);
INSERT INTO t VALUES (1, 1);
SELECT accord.register_contract('t');
SELECT accord.register_consumer('billing', role => CURRENT_USER);
SELECT state FROM accord.stage('t', 'ALTER TABLE t ALTER COLUMN a TYPE bigint');
SET default_transaction_read_only = on;
SELECT accord.stage('t', 'ALTER TABLE t RENAME COLUMN id TO number');
\echo :LAST_ERROR_SQLSTATE
\set VERBOSITY terse
SELECT accord.register_contract('u');
SELECT accord.drop_contract('t');
SELECT accord.register_consumer('other', role => CURRENT_USER);
SELECT accord.subscribe('t', 'billing', version => '1');
SELECT accord.start_backfill('t');
CALL accord.backfill('t');
SELECT accord.complete('t', force => true);
SELECT accord.rollback('t');
SELECT accord.purge('t');
SELECT accord.switch_version('t', 'billing', '2');
SELECT accord.waive('t', 'column-dropped', reason => 'no');
-- it makes the new columns to try the expressions on them
SELECT count(*) FROM accord.plan('t', 'ALTER TABLE t ALTER COLUMN a TYPE text', down => 'a = a::bigint');

-- these only read
SELECT check_name, verdict FROM accord.verify('t');
SELECT state FROM accord.migrations;
SELECT count(*) FROM accord.status;
SELECT count(*) FROM accord.drift();
SELECT severity, basis FROM accord.check('ALTER TABLE t DROP COLUMN a');
SELECT count(*) > 0 AS some FROM accord.rules;
SELECT count(*) > 0 AS some FROM accord.impact('ALTER TABLE t DROP COLUMN a');
RESET default_transaction_read_only;
CALL accord.backfill('t');
SELECT verdict FROM accord.verify('t');
