-- Background workers build indexes for a migration: after its transaction has committed, one CONCURRENTLY statement each.
CREATE EXTENSION pg_accord;
\set VERBOSITY terse
-- in transactions of its own: such an index waits for everybody's snapshots
CREATE PROCEDURE wait_for_jobs() LANGUAGE plpgsql AS $$
BEGIN
    FOR i IN 1..600 LOOP
        EXIT WHEN NOT EXISTS (SELECT FROM accord_catalog.job WHERE state IN ('queued', 'running') AND launched_at IS NOT NULL);
        COMMIT;
        PERFORM pg_sleep(0.05);
        COMMIT;
    END LOOP;
END $$;
CREATE FUNCTION only_message(message text) RETURNS text LANGUAGE sql RETURN regexp_replace(message, '  DETAIL.*', '');
CREATE SCHEMA "My App";
CREATE TABLE "My App"."T" (id integer PRIMARY KEY, delay integer, note text);
INSERT INTO "My App"."T" SELECT g, g % 50, 'x' FROM generate_series(1, 2000) g;
SELECT accord.register_contract('"My App"."T"');
SELECT migration FROM accord.stage('"My App"."T"', 'ALTER TABLE "My App"."T" ALTER COLUMN delay TYPE interval USING make_interval(mins => delay)', down => 'delay = (extract(epoch FROM delay) / 60)::integer');

-- what is no such statement
SELECT accord_catalog.start_index_build(NULL, 1, 'x', 'y');
SELECT accord_catalog.start_index_build(1, 1, NULL, '"My App".i');
SELECT accord_catalog.start_index_build(99, 1, 'CREATE INDEX CONCURRENTLY i ON "My App"."T" (id)', '"My App".i');
SELECT accord_catalog.start_index_build(1, 1, 'CREATE INDEX i ON "My App"."T" (id)', '"My App".i');
SELECT accord_catalog.start_index_build(1, 1, 'DROP TABLE "My App"."T"', '"My App".i');
SELECT accord_catalog.start_index_build(1, 1, 'DROP INDEX "My App".i', '"My App".i');
SELECT accord_catalog.start_index_build(1, 1, 'REINDEX TABLE CONCURRENTLY "My App"."T"', '"My App".i');
SELECT accord_catalog.start_index_build(1, 1, 'CREATE INDEX CONCURRENTLY i ON "My App"."T" (id); SELECT 1', '"My App".i');
SELECT accord_catalog.start_index_build(1, 1, 'not SQL', '"My App".i');
SELECT accord_catalog.start_index_build(1, 1, 'CREATE INDEX CONCURRENTLY i ON "My App"."T" (id)', 'i');
SELECT accord_catalog.start_index_build(1, 1, 'CREATE INDEX CONCURRENTLY i ON "My App"."T" (id)', '"My App".i', 'later');
CREATE ROLE regress_worker_other;
SET ROLE regress_worker_other;
SELECT accord_catalog.start_index_build(1, 1, 'CREATE INDEX CONCURRENTLY i ON "My App"."T" (id)', '"My App".i');
RESET ROLE;
-- an administrator of accord's has no other rights on tables and indexes for that
GRANT accord_admin TO regress_worker_other;
CREATE TABLE regress_worker_secret (id integer);
CREATE INDEX secret_id ON regress_worker_secret (id);
UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'secret_id'::regclass;
SET ROLE regress_worker_other;
SELECT accord_catalog.start_index_build(1, 1, 'CREATE INDEX CONCURRENTLY i ON "My App"."T" (id)', '"My App".i');
SELECT accord_catalog.start_index_build(1, 1, 'CREATE INDEX CONCURRENTLY i ON public.regress_worker_secret (id)', 'public.i');
SELECT accord_catalog.start_index_build(1, 1, 'DROP INDEX CONCURRENTLY public.secret_id', 'public.secret_id');
SELECT accord_catalog.start_index_build(1, 1, 'REINDEX INDEX CONCURRENTLY public.secret_id', 'public.secret_id');
RESET ROLE;
CREATE SCHEMA mine;
CREATE TABLE mine.t (id integer);
ALTER TABLE mine.t OWNER TO regress_worker_other;
SET ROLE regress_worker_other;
SELECT accord_catalog.start_index_build(1, 1, 'CREATE INDEX CONCURRENTLY i ON mine.t (id)', 'mine.i');
RESET ROLE;
GRANT USAGE ON SCHEMA mine TO regress_worker_other;
SET ROLE regress_worker_other;
SELECT accord_catalog.start_index_build(1, 1, 'CREATE INDEX CONCURRENTLY i ON mine.t (id)', 'mine.i');
RESET ROLE;
GRANT CREATE ON SCHEMA mine TO regress_worker_other;
SET ROLE regress_worker_other;
SELECT accord_catalog.start_index_build(1, 1, 'CREATE INDEX CONCURRENTLY i ON mine.t (id) TABLESPACE pg_global', 'mine.i');
-- the name by which left-overs are dropped is the statement's
SELECT accord_catalog.start_index_build(1, 1, 'CREATE INDEX CONCURRENTLY i ON mine.t (id)', 'public.secret_id');
SELECT accord_catalog.start_index_build(1, 1, 'CREATE INDEX CONCURRENTLY ON mine.t (id)', 'mine.t_id_idx');
SELECT accord_catalog.start_index_build(1, 1, 'CREATE INDEX CONCURRENTLY i ON t (id)', 'mine.i');
SELECT accord_catalog.start_index_build(1, 1, 'CREATE INDEX CONCURRENTLY i ON mine.none (id)', 'mine.i');
RESET ROLE;
DROP TABLE regress_worker_secret, mine.t;
REVOKE accord_admin FROM regress_worker_other;
SELECT count(*) FROM accord.jobs;

-- in a transaction that rolls back, nothing happens; in one that commits, the index is there soon after
BEGIN;
SELECT accord_catalog.start_index_build(1, 1, 'CREATE INDEX CONCURRENTLY gone ON "My App"."T" (id)', '"My App".gone') > 0 AS started;
ROLLBACK;
BEGIN;
SELECT accord_catalog.start_index_build(1, 1, 'CREATE INDEX CONCURRENTLY "I" ON "My App"."T" (lower(note)) WHERE id > 10', '"My App"."I"') > 0 AS started;
SELECT state FROM accord.jobs;
COMMIT;
CALL wait_for_jobs();
SELECT contract, to_version, kind, state, attempts, error FROM accord.jobs;
SELECT c.relname, indisvalid FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid WHERE indrelid = '"My App"."T"'::regclass ORDER BY 1;
-- the guard took it for our own, and nothing was published
SELECT version FROM accord.contracts;

-- a unique index over values that are not: the error is told, and nothing is left behind
SELECT accord_catalog.start_index_build(1, 1, 'CREATE UNIQUE INDEX CONCURRENTLY u ON "My App"."T" (delay)', '"My App".u') > 0 AS started;
CALL wait_for_jobs();
SELECT state, sqlstate, only_message(error) AS error FROM accord.jobs WHERE state <> 'done';
SET ROLE regress_worker_other;
SELECT state, sqlstate, error FROM accord.jobs WHERE state <> 'done';
RESET ROLE;
SELECT count(*) FROM pg_index WHERE NOT indisvalid;
-- the version waits for it
CALL accord.backfill('"My App"."T"');
SELECT state, only_message(error) AS error, attempts FROM accord.jobs WHERE state <> 'done';
SELECT accord_catalog.activate(1);
-- what is in the way is removed; an INVALID left-over of that name goes first
DELETE FROM "My App"."T" WHERE id > 50;
SET accord.guard = off;
CREATE UNIQUE INDEX u ON "My App"."T" (delay);
RESET accord.guard;
UPDATE pg_index SET indisvalid = false WHERE indexrelid = '"My App".u'::regclass;
CALL accord.backfill('"My App"."T"');
SELECT kind, state, attempts, error FROM accord.jobs ORDER BY job;
SELECT c.relname, indisvalid FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid WHERE indrelid = '"My App"."T"'::regclass ORDER BY 1;
SELECT state FROM accord.migrations;

-- rebuilt, with the left-over of an earlier try, and dropped
CREATE INDEX "I_ccnew" ON "My App"."T" (id);
UPDATE pg_index SET indisvalid = false WHERE indexrelid = '"My App"."I_ccnew"'::regclass;
SELECT accord_catalog.start_index_build(1, 1, 'REINDEX INDEX CONCURRENTLY "My App"."I"', '"My App"."I"') > 0 AS started;
CALL wait_for_jobs();
SELECT accord_catalog.start_index_build(1, 1, 'DROP INDEX CONCURRENTLY "My App".u', '"My App".u') > 0 AS started;
CALL wait_for_jobs();
SELECT kind, state, error FROM accord.jobs ORDER BY job;
SELECT c.relname, indisvalid FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid WHERE indrelid = '"My App"."T"'::regclass ORDER BY 1;

-- one that begins when the rows are filled
CREATE TABLE f (id integer PRIMARY KEY, delay integer);
INSERT INTO f SELECT g, g FROM generate_series(1, 100) g;
SELECT accord.register_contract('f');
SELECT migration FROM accord.stage('f', 'ALTER TABLE f ALTER COLUMN delay TYPE bigint', down => 'delay = delay::integer');
SELECT accord_catalog.start_index_build(2, 2, 'CREATE INDEX CONCURRENTLY f_new ON public.f (_accord_2_delay)', 'public.f_new', 'filled') > 0 AS started;
SELECT state FROM accord.jobs WHERE contract = 'f';
CALL accord.backfill('f');
SELECT state, attempts FROM accord.jobs WHERE contract = 'f';
SELECT indisvalid FROM pg_index WHERE indexrelid = 'f_new'::regclass;
SELECT state FROM accord.migrations WHERE name = 'f';
-- jobs go with their migration's rows, and rollback takes the index along
SELECT state FROM accord.rollback('f');
SELECT to_regclass('f_new');
DROP SCHEMA mine CASCADE;
DROP ROLE regress_worker_other;
