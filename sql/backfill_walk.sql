-- The backfill fills what is pending, heap by heap, in transactions of its own.
CREATE EXTENSION pg_accord;
\set VERBOSITY terse
-- as before its backfill, for the database's superuser only
CREATE FUNCTION reopen(which bigint) RETURNS void LANGUAGE sql AS $$
    UPDATE accord_catalog.migration SET state = 'preparing' WHERE id = which;
    UPDATE accord_catalog.migration_relation SET filled = false WHERE migration_id = which;
    UPDATE accord_catalog.backfill_range SET done = false WHERE migration_id = which;
$$;
-- the guard would not let anybody else
DO $$ BEGIN IF current_setting('accord.guard', true) IS NOT NULL THEN PERFORM set_config('accord.guard', 'off', false); END IF; END $$;

-- a plain table without any key
CREATE TABLE t (id integer, delay integer);
INSERT INTO t SELECT g, g % 60 FROM generate_series(1, 5000) g;
SELECT accord.register_contract('t');
SELECT state FROM accord.stage('t', 'ALTER TABLE t ALTER COLUMN delay TYPE interval USING make_interval(mins => delay)', down => 'delay = (extract(epoch FROM delay) / 60)::integer');
SELECT contract, to_version, state, blocks_done, rows_done, rows_pending FROM accord.progress;
CALL accord.backfill('t');
SELECT count(*), count(_accord_1_pending) AS pending, count(*) FILTER (WHERE _accord_1_delay = make_interval(mins => delay)) AS filled FROM t;
SELECT contract, to_version, state, blocks_done = blocks_total AS all_blocks, rows_done, rows_pending, waiting_for FROM accord.progress;
SELECT action, detail FROM accord_catalog.audit_log WHERE action = 'backfill';
SELECT check_name, verdict FROM accord.verify('t');
SELECT status FROM accord_catalog.contract_version WHERE major = 2;
-- again: there is nothing left
CALL accord.backfill('t');

SELECT reopen(1);
CALL accord.backfill('t');
-- rows that clients have written meanwhile are not touched: the value a client wrote through the new version stays
INSERT INTO t_v2.t (id, delay) VALUES (9001, '00:01:30');
SELECT reopen(1);
CREATE TABLE seen AS SELECT ctid AS place, id FROM t;
CALL accord.backfill('t');
SELECT count(*) AS moved FROM t JOIN seen USING (id) WHERE t.ctid <> seen.place;

-- it cannot commit for somebody else
SELECT reopen(1);
BEGIN;
CALL accord.backfill('t');
ROLLBACK;
CREATE FUNCTION nested() RETURNS void LANGUAGE plpgsql AS $$ BEGIN CALL accord.backfill('t'); END $$;
SELECT nested();
-- but can where the caller may: in a DO block or a procedure
DO $$ BEGIN CALL accord.backfill('t'); END $$;

-- arguments
CALL accord.backfill(NULL);
CALL accord.backfill('t', batch_ms => NULL);
CALL accord.backfill('t', batch_ms => 0);
CALL accord.backfill('t', nice => -1);
CALL accord.backfill('t', nice => 'NaN');
CALL accord.backfill('t', fire_triggers => NULL);
CALL accord.backfill('t', '7');
CALL accord.backfill('t', 'two; DROP TABLE t');
CALL accord.backfill('no_such_table');
CALL accord.backfill('pg_class');
CREATE ROLE regress_backfill_other;
SET ROLE regress_backfill_other;
CALL accord.backfill('t');
SELECT count(*) FROM accord.progress;
RESET ROLE;

-- a heap that was rewritten is walked from the start, however far the walk had come
CREATE TABLE r (id integer PRIMARY KEY, delay integer);
INSERT INTO r SELECT g, g FROM generate_series(1, 3000) g;
SELECT accord.register_contract('r');
SELECT state FROM accord.stage('r', 'ALTER TABLE r ALTER COLUMN delay TYPE bigint', down => 'delay = delay::integer');
INSERT INTO accord_catalog.backfill_range (migration_id, contract_id, relation, storage, blocks, next_block)
SELECT migration_id, contract_id, 'r', 'another file', 1000, 999 FROM accord_catalog.migration_relation
 WHERE contract_id = (SELECT id FROM accord_catalog.contract WHERE relation = 'r'::regclass);
VACUUM FULL r;
CALL accord.backfill('r');
SELECT count(*) FROM r WHERE _accord_2_pending;

-- partitions, whose columns stand elsewhere, and children
CREATE TABLE p (id integer, delay integer) PARTITION BY RANGE (id);
CREATE TABLE p1 PARTITION OF p FOR VALUES FROM (0) TO (100);
CREATE TABLE p2 (gone text, delay integer, id integer);
ALTER TABLE p2 DROP COLUMN gone;
ALTER TABLE p ATTACH PARTITION p2 FOR VALUES FROM (100) TO (200);
CREATE TABLE p3 PARTITION OF p DEFAULT PARTITION BY LIST (id);
CREATE TABLE p3a PARTITION OF p3 DEFAULT;
INSERT INTO p SELECT g, g FROM generate_series(1, 300) g;
SELECT accord.register_contract('p');
SELECT state FROM accord.stage('p', 'ALTER TABLE p ALTER COLUMN delay TYPE interval USING make_interval(mins => delay)', down => 'delay = (extract(epoch FROM delay) / 60)::integer');
CALL accord.backfill('p');
SELECT tableoid::regclass, count(*), count(_accord_3_pending) AS pending, count(*) FILTER (WHERE _accord_3_delay = make_interval(mins => delay)) AS filled
  FROM p GROUP BY 1 ORDER BY 1;
SELECT relation, done, rows_done FROM accord_catalog.backfill_range WHERE migration_id = 3 ORDER BY relation::text;

-- user triggers keep still, unless asked
CREATE TABLE u (id integer PRIMARY KEY, delay integer, touched integer DEFAULT 0);
INSERT INTO u SELECT g, g FROM generate_series(1, 200) g;
CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.touched := NEW.touched + 1; RETURN NEW; END $$;
CREATE FUNCTION tell() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE NOTICE '% %', TG_WHEN, TG_LEVEL; RETURN NULL; END $$;
SET accord.guard = off;  -- a trigger that can change what is written is a breaking change
CREATE TRIGGER touch BEFORE UPDATE ON u FOR EACH ROW EXECUTE FUNCTION touch();
RESET accord.guard;
CREATE TRIGGER tell AFTER UPDATE ON u FOR EACH ROW WHEN (NEW.id = 150) EXECUTE FUNCTION tell();
SELECT accord.register_contract('u');
SELECT state FROM accord.stage('u', 'ALTER TABLE u ALTER COLUMN delay TYPE interval USING make_interval(mins => delay)', down => 'delay = (extract(epoch FROM delay) / 60)::integer');
UPDATE u SET id = id WHERE id <= 100;
CALL accord.backfill('u');
SELECT touched, count(*), count(_accord_4_pending) AS pending FROM u GROUP BY 1 ORDER BY 1;
SELECT reopen(4);
BEGIN;
SET LOCAL accord.guard = off;
ALTER TABLE u DISABLE TRIGGER ALL;
UPDATE u SET _accord_4_pending = true WHERE id > 100;
ALTER TABLE u ENABLE TRIGGER ALL;
ALTER TABLE u ENABLE ALWAYS TRIGGER "!accord_sync";
ALTER TABLE u ENABLE ALWAYS TRIGGER "~accord_sync";
COMMIT;
CALL accord.backfill('u', fire_triggers => true);
SELECT touched, count(*), count(_accord_4_pending) AS pending FROM u GROUP BY 1 ORDER BY 1;
SHOW session_replication_role;

-- a migration that is over
SELECT state FROM accord.rollback('r');
CALL accord.backfill('r');
-- a last look at all heaps that nobody ended, when another has opened the version
SELECT reopen(4);
INSERT INTO accord_catalog.backfill_claim (migration_id, contract_id, storage, first_block, next_block, end_block)
SELECT migration_id, contract_id, '', 0, 0, 0 FROM accord_catalog.migration_relation WHERE migration_id = 4;
SELECT accord_catalog.activate(4);
SELECT count(*) FROM accord_catalog.backfill_claim;
-- one that a crash ended leaves nothing
INSERT INTO accord_catalog.backfill_claim (migration_id, contract_id, storage, first_block, next_block, end_block)
SELECT migration_id, contract_id, '', 0, 0, 0 FROM accord_catalog.migration_relation WHERE migration_id = 4;
SELECT state FROM accord.rollback('u');
SELECT count(*) FROM accord_catalog.backfill_claim;
