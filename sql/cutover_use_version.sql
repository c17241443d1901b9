-- A session chooses the version it works with.
CREATE EXTENSION pg_accord;
\set VERBOSITY terse
CREATE TABLE t (id integer PRIMARY KEY, delay integer);
INSERT INTO t VALUES (1, 10);
SELECT accord.register_contract('t');
SELECT state FROM accord.stage('t', 'ALTER TABLE t ALTER COLUMN delay TYPE interval USING make_interval(mins => delay)', down => 'delay = (extract(epoch FROM delay) / 60)::integer');
CALL accord.backfill('t');
SELECT accord.use_version('t', '2');
SHOW search_path;
SELECT * FROM t;
SELECT accord.use_version('t', '1');
SELECT * FROM t;
SET search_path = "Odd, schema", t_v1, "$user", public;
SELECT accord.use_version('public.t', '2.0');
-- only until the end of a transaction that fails
BEGIN;
SELECT accord.use_version('public.t', '1');
ROLLBACK;
SHOW search_path;
RESET search_path;
SELECT accord.use_version('t', '3');
SELECT accord.use_version('t', NULL);
SELECT accord.use_version(NULL, '1');
SELECT accord.use_version('t', '1''; DROP TABLE t');
-- the session's own rights count
CREATE ROLE regress_cutover_reader;
REVOKE USAGE ON SCHEMA t_v2 FROM PUBLIC;
SET ROLE regress_cutover_reader;
SELECT accord.use_version('t', '2');
SHOW search_path;
RESET ROLE;
GRANT USAGE ON SCHEMA t_v2 TO regress_cutover_reader;
SET ROLE regress_cutover_reader;
SELECT accord.use_version('t', '2');
RESET ROLE;
GRANT SELECT ON t TO regress_cutover_reader;
SET ROLE regress_cutover_reader;
SELECT accord.use_version('t', '2');
RESET ROLE;
RESET search_path;
-- a contract without migrations: the table itself
CREATE TABLE plain (id integer);
SELECT accord.register_contract('plain');
SELECT accord.use_version('plain', '1');
