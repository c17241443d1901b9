-- A rule or a view on a column that is replaced is told when the migration is staged, and not only when it is to be completed.
CREATE EXTENSION pg_accord;
SET client_min_messages = warning;
CREATE TABLE t (id integer PRIMARY KEY, a integer, b integer);
CREATE TABLE log (a integer);
CREATE RULE logged AS ON DELETE TO t DO ALSO INSERT INTO log VALUES (OLD.a);
SELECT accord.register_contract('t');
CREATE VIEW shown AS SELECT a FROM t;
CREATE VIEW other AS SELECT b FROM t;
RESET client_min_messages;
SELECT statement, note FROM accord.plan('t', 'ALTER TABLE t ALTER COLUMN a TYPE bigint') WHERE phase = 'announcement';
SELECT state FROM accord.stage('t', 'ALTER TABLE t ALTER COLUMN a TYPE bigint');
\set VERBOSITY terse
CALL accord.backfill('t');
\set VERBOSITY default
SELECT accord.complete('t');
SET accord.allow_unused = on;
DROP RULE logged ON t;
DROP VIEW shown;
SELECT state FROM accord.complete('t');
-- what stands on columns that both versions have is nothing to tell
SELECT state FROM accord.stage('t', 'ALTER TABLE t RENAME COLUMN id TO number');
