-- The safe way out of docs/migrations.md: when the functions of the extension fail, one statement lets the clients of the table write again.
\getenv root PG_ABS_SRCDIR
\set fixture :root '/test/fixtures/migration.sql'
CREATE EXTENSION pg_accord;
SET client_min_messages = warning;
\set ECHO none
\i :fixture
\set ECHO all
CREATE TABLE t (id integer PRIMARY KEY, a integer, b integer NOT NULL);
INSERT INTO t VALUES (1, 1, 1), (2, 2, 2);
SELECT accord.register_contract('t');
CREATE TABLE before_all AS SELECT looks('t') AS line;
SELECT state FROM accord.stage('t', 'ALTER TABLE t ALTER COLUMN a TYPE bigint; ALTER TABLE t DROP COLUMN b', down => 'b = 0');
CALL accord.backfill('t');

-- the triggers of the live migration fail for every writer: here, because somebody broke a function that they call
CREATE OR REPLACE FUNCTION accord_catalog.sync_first() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'broken'; END $$;
INSERT INTO t VALUES (3, 3, 3);
-- the way out
SET accord.guard = off;
ALTER EVENT TRIGGER accord_ddl_command_start DISABLE;
ALTER EVENT TRIGGER accord_ddl_command_end DISABLE;
ALTER TABLE t DISABLE TRIGGER "!accord_sync", DISABLE TRIGGER "~accord_sync";
INSERT INTO t VALUES (3, 3, 3);
UPDATE t_v1.t SET a = 20 WHERE id = 2;
SELECT id, a, b FROM t ORDER BY id;
-- later, with the functions whole again: back to the old version, which has lost nothing
CREATE OR REPLACE FUNCTION accord_catalog.sync_first() RETURNS trigger LANGUAGE c AS '$libdir/pg_accord', 'accord_sync_first';
ALTER EVENT TRIGGER accord_ddl_command_start ENABLE ALWAYS;
ALTER EVENT TRIGGER accord_ddl_command_end ENABLE ALWAYS;
RESET accord.guard;
-- versions that are not kept in step cannot be completed
SELECT accord.complete('t');
SELECT state, in_the_way FROM accord.status;
SELECT state FROM accord.rollback('t');
SELECT * FROM t ORDER BY id;
SELECT looks('t') AS line EXCEPT SELECT line FROM before_all;
SELECT line FROM before_all EXCEPT SELECT looks('t');
