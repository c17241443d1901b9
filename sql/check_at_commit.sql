-- accord.check of scripts that are judged at commit: what counts is what a transaction leaves, as the guard has it.
SET client_min_messages = warning;
CREATE EXTENSION pg_accord;
CREATE TABLE t (id integer PRIMARY KEY, a text DEFAULT 'x', "Q a" integer);
CREATE TABLE u (id integer PRIMARY KEY, b text);
CREATE TABLE squads (id integer PRIMARY KEY);
CREATE TABLE places (crew integer REFERENCES squads ON DELETE CASCADE, spare integer REFERENCES squads);
SELECT FROM accord.register_contract('t');
SELECT FROM accord.register_contract('u');
SELECT FROM accord.register_contract('places');
SELECT FROM accord.register_consumer('billing');
SELECT FROM accord.subscribe('t', 'billing', access => 'read write');
SELECT FROM accord.subscribe('u', 'billing', access => 'read');
SELECT FROM accord.subscribe('places', 'billing', access => 'read', strictness => 'data');
CREATE FUNCTION checked(script text) RETURNS TABLE (line int, statement text, rule text, severity text, element text, consumers text[], safe_sql text) LANGUAGE sql AS $$
  SELECT line, statement, rule, severity, element, consumers, safe_sql FROM accord.check(script) WHERE rule IS NOT NULL AND rule NOT IN ('TX01', 'DM02') $$;
-- a view in the table's place
SELECT * FROM checked('BEGIN; SET LOCAL accord.judge_at = ''commit''; ALTER TABLE t RENAME TO t_base; CREATE VIEW t AS SELECT * FROM t_base; COMMIT');
SELECT * FROM checked('BEGIN; SET LOCAL accord.judge_at = ''commit''; ALTER TABLE t RENAME TO t_base; CREATE VIEW t AS SELECT * FROM t_base; ALTER VIEW t ALTER a SET DEFAULT ''x''; COMMIT; ALTER VIEW t RENAME a TO b');
SELECT * FROM checked('BEGIN; SET LOCAL accord.judge_at = ''commit''; ALTER TABLE t RENAME TO t_base; CREATE VIEW t AS SELECT id, upper(a) AS a, "Q a" FROM t_base WHERE id > 5; COMMIT');
-- without the setting, or a transaction, each statement counts
SELECT * FROM checked('BEGIN; ALTER TABLE t RENAME a TO b; ALTER TABLE t RENAME b TO a; COMMIT');
SELECT * FROM checked('SET accord.judge_at = ''commit''; ALTER TABLE t RENAME a TO b; ALTER TABLE t RENAME b TO a');
SELECT * FROM checked('BEGIN; SET LOCAL accord.judge_at = ''commit''; ALTER TABLE t RENAME a TO b; COMMIT; BEGIN; ALTER TABLE t RENAME "Q a" TO c; COMMIT');
-- what is restored passes; what is lost on the way does not
SELECT * FROM checked('SET accord.judge_at = ''commit''; BEGIN; ALTER TABLE t RENAME a TO b; SET LOCAL accord.judge_at = ''statement''; ALTER TABLE t RENAME b TO a; COMMIT');
SELECT * FROM checked('BEGIN; SET LOCAL accord.judge_at = ''commit''; ALTER TABLE t DROP COLUMN a; ALTER TABLE t ADD COLUMN a text DEFAULT ''x''; COMMIT');
SELECT * FROM checked('BEGIN; SET LOCAL accord.judge_at = ''commit''; ALTER TABLE t ALTER a DROP DEFAULT, ALTER a TYPE integer USING length(a); ALTER TABLE t ALTER a TYPE text, ALTER a SET DEFAULT ''x''; COMMIT')
  WHERE rule !~ '^[A-Z]';
SELECT * FROM checked('BEGIN; SET LOCAL accord.judge_at = ''commit''; ALTER TABLE t RENAME a TO b; ROLLBACK; ALTER TABLE u RENAME b TO c');
-- tables swapped, or made again; earlier than at the end; without an end
SELECT * FROM checked('BEGIN; SET LOCAL accord.judge_at = ''commit''; ALTER TABLE t RENAME TO x; ALTER TABLE u RENAME TO t; ALTER TABLE x RENAME TO u; COMMIT');
SELECT * FROM checked('BEGIN; SET LOCAL accord.judge_at = ''commit''; ALTER TABLE t RENAME TO t_old; CREATE TABLE t (LIKE t_old INCLUDING ALL); INSERT INTO t SELECT * FROM t_old; DROP TABLE t_old; SET CONSTRAINTS ALL IMMEDIATE; ALTER TABLE t RENAME a TO b; COMMIT');
SELECT * FROM checked('BEGIN; SET LOCAL accord.judge_at = ''commit''; DROP TABLE t');
-- one key made again of two, in one command or by another type of its column
SELECT * FROM checked('ALTER TABLE places DROP CONSTRAINT places_crew_fkey, ADD CONSTRAINT places_crew_fkey FOREIGN KEY (crew) REFERENCES squads ON DELETE CASCADE') WHERE rule !~ '^[A-Z]';
SELECT * FROM checked('ALTER TABLE places ALTER crew TYPE integer') WHERE rule !~ '^[A-Z]';
-- the guard says the same
SET accord.judge_at = 'commit';
BEGIN;
ALTER TABLE t RENAME TO t_base;
CREATE VIEW t AS SELECT * FROM t_base;
COMMIT;
BEGIN;
ALTER TABLE t RENAME TO x;
ALTER TABLE u RENAME TO t;
ALTER TABLE x RENAME TO u;
COMMIT;
BEGIN;
ALTER TABLE t RENAME TO t_base;
CREATE VIEW t AS SELECT * FROM t_base;
ALTER VIEW t ALTER a SET DEFAULT 'x';
COMMIT;
SELECT * FROM checked('ALTER VIEW t RENAME a TO b');
