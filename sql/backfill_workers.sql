-- The backfill by background workers, and what starts, pauses, resumes and cancels it.
CREATE EXTENSION pg_accord;
\set VERBOSITY terse
CREATE PROCEDURE wait_for_jobs() LANGUAGE plpgsql AS $$
BEGIN
    FOR i IN 1..1200 LOOP
        EXIT WHEN NOT EXISTS (SELECT FROM accord_catalog.live_job) AND NOT EXISTS (SELECT FROM accord.jobs WHERE state IN ('queued', 'running'));
        COMMIT;
        PERFORM pg_sleep(0.05);
        COMMIT;
    END LOOP;
END $$;
-- behind the triggers and the guard, which would not let anybody else
CREATE FUNCTION behind(statement text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    PERFORM set_config('accord.guard', 'off', true);
    ALTER TABLE t DISABLE TRIGGER ALL;
    EXECUTE statement;
    ALTER TABLE t ENABLE ALWAYS TRIGGER "!accord_sync";
    ALTER TABLE t ENABLE ALWAYS TRIGGER "~accord_sync";
END $$;
-- as before the backfill
CREATE FUNCTION refill() RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    PERFORM behind('UPDATE t SET _accord_1_pending = true');
    UPDATE accord_catalog.migration SET state = 'preparing';
    UPDATE accord_catalog.migration_relation SET filled = false, paused = false;
    UPDATE accord_catalog.backfill_range SET done = false, rows_done = 0;
END $$;
CREATE TABLE t (id integer, delay integer);
INSERT INTO t SELECT g, g % 60 FROM generate_series(1, 30000) g;
SELECT accord.register_contract('t');

-- nothing staged; and what is no argument
SELECT accord.start_backfill('t');
SELECT accord.pause_backfill('t');
SELECT accord.resume_backfill('t');
SELECT accord.cancel_backfill('t');
SELECT state FROM accord.stage('t', 'ALTER TABLE t ALTER COLUMN delay TYPE interval USING make_interval(mins => delay)', down => 'delay = (extract(epoch FROM delay) / 60)::integer');
SELECT accord.start_backfill(NULL);
SELECT accord.start_backfill('t', workers => NULL);
SELECT accord.start_backfill('t', workers => 0);
SELECT accord.start_backfill('t', workers => 65);
SELECT accord.start_backfill('t', batch_ms => 0);
SELECT accord.start_backfill('t', nice => -1);
SELECT accord.start_backfill('t', '7');
SELECT accord.start_backfill('no_such_table');
SELECT accord.pause_backfill(NULL);
SELECT accord.pause_backfill('t', '7');
SELECT accord.cancel_backfill('pg_class');
CREATE ROLE regress_worker_owner;
CREATE ROLE regress_worker_other;
SET ROLE regress_worker_other;
SELECT accord.start_backfill('t');
SELECT accord.pause_backfill('t');
SELECT accord.resume_backfill('t');
SELECT accord.cancel_backfill('t');
RESET ROLE;
SELECT count(*) FROM accord.jobs;

-- taken back with its transaction
BEGIN;
SELECT accord.start_backfill('t');
ROLLBACK;
SELECT count(*) FROM accord.jobs;

-- two workers share the blocks
SELECT accord.start_backfill('t', workers => 2);
CALL wait_for_jobs();
SELECT kind, state, attempts, error FROM accord.jobs;
SELECT count(*), count(_accord_1_pending) AS pending, count(*) FILTER (WHERE _accord_1_delay = make_interval(mins => delay)) AS filled FROM t;
SELECT contract, state, blocks_done = blocks_total AS all_blocks, rows_done, rows_pending, waiting_for, workers, error FROM accord.progress;
SELECT state FROM accord.migrations;
SELECT count(*) FROM accord_catalog.backfill_claim;
SELECT detail FROM accord_catalog.audit_log WHERE action = 'backfill';
SELECT accord.start_backfill('t');
SELECT accord.pause_backfill('t');
SELECT accord.resume_backfill('t');

-- by an owner who may not log in
ALTER TABLE t OWNER TO regress_worker_owner;
GRANT CREATE ON SCHEMA public TO regress_worker_owner;
UPDATE accord_catalog.contract SET owner = 'regress_worker_owner';
SELECT refill();
SET ROLE regress_worker_owner;
SELECT accord.start_backfill('t', workers => 1);
RESET ROLE;
CALL wait_for_jobs();
SELECT role, state, error FROM accord.jobs ORDER BY job DESC LIMIT 1;
SELECT count(*) FILTER (WHERE _accord_1_pending) AS pending FROM t;

-- while it is paused nobody fills anything
SELECT refill();
SELECT accord.pause_backfill('t');
SELECT state FROM accord.progress;
SELECT in_the_way FROM accord.status;
CALL accord.backfill('t');
SELECT accord.start_backfill('t');
SELECT accord.resume_backfill('t');
SELECT accord.start_backfill('t', batch_ms => 1, nice => 100);
SELECT accord.start_backfill('t');
CALL accord.backfill('t');
SELECT accord.pause_backfill('t');
CALL wait_for_jobs();
SELECT state, pid FROM accord.jobs ORDER BY job DESC LIMIT 1;
SELECT state, workers FROM accord.progress;
SELECT count(*) > 0 AS some_pending FROM t WHERE _accord_1_pending;
-- cancelled while it is paused: the next one takes over what was left
SELECT accord.cancel_backfill('t');
SELECT state FROM accord.jobs ORDER BY job DESC LIMIT 1;
SELECT state FROM accord.progress;
SELECT accord.start_backfill('t', batch_ms => 1, nice => 100);
DO $$ BEGIN FOR i IN 1..200 LOOP EXIT WHEN (SELECT workers FROM accord.progress) > 0; COMMIT; PERFORM pg_sleep(0.02); COMMIT; END LOOP; END $$;
SELECT accord.cancel_backfill('t');
CALL wait_for_jobs();
SELECT state, error FROM accord.jobs ORDER BY job DESC LIMIT 1;
SELECT accord.resume_backfill('t');
SET client_min_messages = warning;
CALL accord.backfill('t');
RESET client_min_messages;
SELECT count(*) FILTER (WHERE _accord_1_pending) AS pending FROM t;
SELECT sum(rows_done) FROM accord_catalog.backfill_range;

-- a value that up cannot convert: told in the job, in progress and in status; another worker does not fail the same way
SELECT refill();
CREATE FUNCTION explode(minutes integer) RETURNS interval LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN IF minutes = 77 THEN RAISE 'no % today', minutes; END IF; RETURN make_interval(mins => minutes); END $$;
UPDATE accord_catalog.migration_transform SET up = '{public.explode(delay)}';
SELECT behind('UPDATE t SET delay = 77 WHERE id = 100');
SELECT accord.start_backfill('t', workers => 2);
CALL wait_for_jobs();
SELECT state, count(*), regexp_replace(max(error), '\(\d+,\d+\)', '(b,o)') AS error FROM accord.jobs WHERE job > (SELECT max(job) - 2 FROM accord.jobs) GROUP BY 1 ORDER BY 1;
SELECT state, regexp_replace(error, '\(\d+,\d+\)', '(b,o)') AS error FROM accord.progress;
SELECT regexp_replace(in_the_way, '\(\d+,\d+\)', '(b,o)') AS in_the_way FROM accord.status;
SET ROLE regress_worker_other;
SELECT state, error FROM accord.progress;
SELECT in_the_way FROM accord.status;
RESET ROLE;
-- corrected, and gone on with
UPDATE t SET delay = 7 WHERE id = 100;
SELECT accord.resume_backfill('t');
CALL wait_for_jobs();
SELECT state, attempts, error FROM accord.jobs ORDER BY attempts DESC LIMIT 1;
SELECT count(*) FILTER (WHERE _accord_1_pending) AS pending FROM t;
SELECT state FROM accord.migrations;

-- a worker that a crash took away, as its row looks then
SELECT refill();
SELECT accord.pause_backfill('t');
INSERT INTO accord_catalog.job (migration_id, contract_id, kind, argument, role, state, pid, attempts, launched_at)
SELECT migration_id, contract_id, 'backfill', argument, 'postgres', 'running', 1, 1, clock_timestamp() - interval '1 hour'
  FROM accord_catalog.job ORDER BY id LIMIT 1;
INSERT INTO accord_catalog.backfill_claim (migration_id, contract_id, relation, storage, job, first_block, next_block, end_block, rows_skipped)
SELECT 1, 1, 't', storage, (SELECT max(id) FROM accord_catalog.job), 0, 30, 40, 2 FROM accord_catalog.backfill_range;
UPDATE accord_catalog.backfill_range SET next_block = 40;
SELECT state, pid FROM accord.jobs ORDER BY job DESC LIMIT 1;
SELECT accord.resume_backfill('t');
CALL wait_for_jobs();
SELECT state, attempts FROM accord.jobs ORDER BY job DESC LIMIT 1;
SELECT count(*) FILTER (WHERE _accord_1_pending) AS pending FROM t;
SELECT sum(rows_done), bool_and(done) AS done FROM accord_catalog.backfill_range;

-- the same with a session that goes on: once the version is open nothing is left of the work
SELECT refill();
INSERT INTO accord_catalog.job (migration_id, contract_id, kind, argument, role, state, pid, attempts, launched_at)
SELECT migration_id, contract_id, 'backfill', argument, 'postgres', 'running', 1, 1, clock_timestamp() - interval '1 hour'
  FROM accord_catalog.job ORDER BY id LIMIT 1;
SET client_min_messages = warning;
CALL accord.backfill('t');
RESET client_min_messages;
SELECT state FROM accord.jobs ORDER BY job DESC LIMIT 1;

-- a role that is gone
SELECT refill();
SELECT accord.pause_backfill('t');
INSERT INTO accord_catalog.job (migration_id, contract_id, kind, argument, role, state) SELECT migration_id, contract_id, kind, argument, 'regress_nobody', 'running' FROM accord_catalog.job ORDER BY id LIMIT 1;
SELECT accord.resume_backfill('t');
CALL wait_for_jobs();
SELECT state, error FROM accord.jobs ORDER BY job DESC LIMIT 1;
-- rollback ends what runs
SELECT accord.start_backfill('t', batch_ms => 1, nice => 100);
SELECT state FROM accord.rollback('t', lock_budget => '20 s');
CALL wait_for_jobs();
SELECT count(*) FROM accord_catalog.live_backfill;
SET accord.guard = off;
DROP TABLE t;
DROP ROLE regress_worker_other;
REVOKE CREATE ON SCHEMA public FROM regress_worker_owner;
DROP ROLE regress_worker_owner;
