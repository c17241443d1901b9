-- Consumers with views of their own: complete, rollback and purge wait for them, and take what nobody uses any more with them.
\getenv root PG_ABS_SRCDIR
\set fixture :root '/test/fixtures/migration.sql'
CREATE EXTENSION pg_accord;
SET client_min_messages = warning;
\set ECHO none
\i :fixture
\set ECHO all
CREATE ROLE regress_migration_app LOGIN;
CREATE ROLE regress_migration_owner;
CREATE SCHEMA AUTHORIZATION regress_migration_owner;
GRANT USAGE ON SCHEMA regress_migration_owner TO regress_migration_app;
CREATE TABLE regress_migration_owner.t (id integer PRIMARY KEY, a integer, b text);
ALTER TABLE regress_migration_owner.t OWNER TO regress_migration_owner;
GRANT SELECT, INSERT, UPDATE ON regress_migration_owner.t TO regress_migration_app;
SET search_path = regress_migration_owner, public;
INSERT INTO t VALUES (1, 1, 'x');
SELECT accord.register_contract('t');
SELECT accord.register_consumer('app', role => 'regress_migration_app');
SELECT accord.subscribe('t', 'app', '1', columns => '{id,a}');
CREATE TABLE public.before_all AS SELECT looks('t') AS line;
SELECT state FROM accord.stage('t', 'ALTER TABLE t ALTER COLUMN a TYPE bigint; ALTER TABLE t DROP COLUMN b');
CALL accord.backfill('t');
SELECT state, next_step, in_the_way FROM accord.status;
SELECT accord.complete('t');
SELECT accord.switch_version('t', 'app', '2');
SELECT state, next_step, in_the_way FROM accord.status;
-- the consumer's view stands on the new version
SELECT accord.rollback('t');
-- back, and then the view of that generation is nobody's
SELECT accord.switch_version('t', 'app', '1');
BEGIN;
SELECT state FROM accord.rollback('t');
SELECT looks('t') AS line EXCEPT SELECT line FROM before_all;
SELECT line FROM before_all EXCEPT SELECT looks('t');
ROLLBACK;
SELECT accord.switch_version('t', 'app', '2');
SELECT state FROM accord.complete('t');
SET ROLE regress_migration_app;
RESET search_path;
SELECT split_part(substr(setting, 13), ',', 1) AS path
  FROM pg_db_role_setting, unnest(setconfig) setting WHERE setrole = 'regress_migration_app'::regrole AND setting LIKE 'search_path=%' \gset
SET search_path = :path;
INSERT INTO t (id, a) VALUES (2, 5000000) RETURNING *;
UPDATE t SET a = a + 1 RETURNING *;
RESET ROLE;
SET search_path = regress_migration_owner, public;
SELECT * FROM t_v1.t ORDER BY id;
-- after completion too
BEGIN;
SELECT accord.switch_version('t', 'app', '1');
SELECT state FROM accord.rollback('t');
SELECT * FROM t ORDER BY id;
ROLLBACK;
SELECT state FROM accord.purge('t');
SELECT looks('t') AS line EXCEPT SELECT line FROM before_all ORDER BY 1;
SELECT * FROM :path.t ORDER BY id;
-- who is not the consumer's owner learns only that there is somebody
SELECT state FROM accord.stage('t', 'ALTER TABLE t RENAME COLUMN a TO aa');
SET ROLE regress_migration_owner;
SELECT state, next_step, in_the_way FROM accord.status;
RESET ROLE;
CREATE ROLE regress_migration_stranger;
SET ROLE regress_migration_stranger;
SELECT state, next_step, in_the_way FROM accord.status;
RESET ROLE;
