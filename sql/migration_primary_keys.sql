-- Primary keys as part of the new version: to a table without one, another one, and keys that are checked late.
\getenv root PG_ABS_SRCDIR
\set fixture :root '/test/fixtures/migration.sql'
CREATE EXTENSION pg_accord;
SET client_min_messages = warning;
\set ECHO none
\i :fixture
\set ECHO all
CREATE TABLE t (id integer NOT NULL, code text, n integer UNIQUE);
INSERT INTO t VALUES (1, 'a', 10), (2, NULL, 20), (2, 'b', 30);
SELECT accord.register_contract('t');
CREATE TABLE before_all AS SELECT looks('t') AS line;
RESET client_min_messages;

-- clients of the old version could violate it, or have NULL
SELECT accord.stage('t', 'ALTER TABLE t ADD PRIMARY KEY (id)');
SELECT accord.stage('t', 'ALTER TABLE t ADD PRIMARY KEY (id, code)');
SELECT accord.stage('t', 'ALTER TABLE t ADD PRIMARY KEY (id, nowhere)');
-- a row that up makes equal to another is found when the key is built, and by who writes it
SET client_min_messages = warning;
SELECT state FROM accord.stage('t', 'ALTER TABLE t ADD PRIMARY KEY (id, code)', up => $$ code = coalesce(code, 'b') $$);
CALL accord.backfill('t');
SELECT state FROM accord.status;
SELECT state FROM accord.rollback('t');
SELECT looks('t') AS line EXCEPT SELECT line FROM before_all;

SELECT step, phase, statement, lock FROM accord.plan('t', 'ALTER TABLE t ADD PRIMARY KEY (id, code) DEFERRABLE', up => $$ code = coalesce(code, '') $$)
 WHERE phase IN ('activate', 'complete') ORDER BY step;
SELECT state FROM accord.stage('t', 'ALTER TABLE t ADD PRIMARY KEY (id, code) DEFERRABLE', up => $$ code = coalesce(code, '') $$);
CALL accord.backfill('t');
-- the new version has it at once, under its own name
INSERT INTO t_v2.t VALUES (1, 'a', 40);
INSERT INTO t_v2.t (id, n) VALUES (1, 40);
\echo :LAST_ERROR_SQLSTATE
BEGIN;
SET CONSTRAINTS ALL DEFERRED;
UPDATE t_v2.t SET id = 3 - id WHERE n IN (10, 30);
COMMIT;
-- what was announced: clients of the old version violate it too
INSERT INTO t VALUES (1, 'b', 50);
INSERT INTO t VALUES (1, NULL, 50);
SELECT * FROM t_v2.t ORDER BY n;
SELECT state FROM accord.complete('t');
SELECT conname, contype, condeferrable, pg_get_constraintdef(oid) FROM pg_constraint WHERE conrelid = 't'::regclass AND contype IN ('p', 'u') ORDER BY 1;
-- the server takes it for a primary key
CREATE TABLE other (a integer, b text, FOREIGN KEY (a, b) REFERENCES t);
SELECT indisprimary, indimmediate FROM pg_index WHERE indexrelid = 't_pkey'::regclass;
SELECT state FROM accord.rollback('t');
SELECT looks('t') AS line EXCEPT SELECT line FROM before_all;
SELECT line FROM before_all EXCEPT SELECT looks('t');

-- a key that rests on one that both versions have asks nothing of anybody; foreign keys to it wait for completion
RESET client_min_messages;
SELECT state FROM accord.stage('t', 'ALTER TABLE t ALTER COLUMN n SET NOT NULL, ADD PRIMARY KEY (n)', up => 'n = coalesce(n, 0)');
SET client_min_messages = warning;
CALL accord.backfill('t');
RESET client_min_messages;
SELECT state FROM accord.complete('t');
SELECT state FROM accord.purge('t');
CREATE TABLE other (a integer REFERENCES t);

-- another one: that of the old version holds until purge
SELECT accord.stage('t', 'ALTER TABLE t ADD COLUMN k text, ADD CONSTRAINT by_k PRIMARY KEY (k)', up => 'k = n::text');
SELECT accord.stage('t', 'ALTER TABLE t DROP CONSTRAINT t_pkey, ADD COLUMN k text, ADD CONSTRAINT by_k PRIMARY KEY (k)', up => 'k = n::text');
DROP TABLE other;
SELECT accord.stage('t', 'ALTER TABLE t DROP CONSTRAINT t_pkey, ADD COLUMN k text, ADD PRIMARY KEY (k)', up => 'k = n::text');
SELECT state FROM accord.stage('t', 'ALTER TABLE t DROP CONSTRAINT t_pkey, ADD COLUMN k text, ADD CONSTRAINT by_k PRIMARY KEY (k)', up => 'k = n::text');
SET client_min_messages = warning;
CALL accord.backfill('t');
RESET client_min_messages;
-- by one of two indexes on the same column, whichever was built first
\set VERBOSITY sqlstate
INSERT INTO t VALUES (5, 'e', 10);
SELECT state FROM accord.complete('t');
INSERT INTO t_v3.t VALUES (5, 'e', 10);
\set VERBOSITY default
SELECT conname, contype FROM pg_constraint WHERE conrelid = 't'::regclass AND contype IN ('p', 'u') ORDER BY 1;
SELECT state FROM accord.rollback('t');
SELECT conname, contype FROM pg_constraint WHERE conrelid = 't'::regclass AND contype IN ('p', 'u') ORDER BY 1;

-- nobody but accord changes what a constraint is
SELECT accord_catalog.set_primary_key('t', 'nowhere', true);
SELECT accord_catalog.set_primary_key('t', 't_pkey', true);
CREATE ROLE regress_nobody;
SET ROLE regress_nobody;
SELECT accord_catalog.set_primary_key('t', 't_pkey', false);

RESET ROLE;
-- columns that a key only includes: they may be NULL, and without them there is no key
CREATE TABLE included (id integer, note integer, more integer, PRIMARY KEY (id) INCLUDE (note, more));
INSERT INTO included VALUES (1, NULL, 1), (2, 2, 2);
SELECT accord.register_contract('included');
SET client_min_messages = warning;
SELECT state FROM accord.stage('included', 'ALTER TABLE included ALTER id TYPE bigint, ALTER note TYPE bigint');
CALL accord.backfill('included');
SELECT state FROM accord.complete('included');
SELECT state FROM accord.purge('included');
SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conrelid = 'included'::regclass AND contype <> 'n';
DROP SCHEMA included_v2 CASCADE;
SELECT accord.drop_contract('included');
ALTER TABLE included DROP COLUMN more;
SELECT count(*) FROM pg_index WHERE indrelid = 'included'::regclass;
RESET client_min_messages;
