-- A part of the rows first: by condition, by partition, then everything.
CREATE EXTENSION pg_accord;
\set VERBOSITY terse
CREATE TABLE p (id integer, delay integer, note text) PARTITION BY RANGE (id);
CREATE TABLE p1 PARTITION OF p FOR VALUES FROM (0) TO (1000);
CREATE TABLE p2 (gone text, note text, delay integer, id integer);
ALTER TABLE p2 DROP COLUMN gone;
ALTER TABLE p ATTACH PARTITION p2 FOR VALUES FROM (1000) TO (2000);
CREATE TABLE p3 PARTITION OF p DEFAULT;
CREATE INDEX ON p (id);
INSERT INTO p SELECT g, g, 'row ' || g FROM generate_series(1, 3000) g;
SELECT accord.register_contract('p');
SELECT state FROM accord.stage('p', 'ALTER TABLE p ALTER COLUMN delay TYPE interval USING make_interval(mins => delay)', down => 'delay = (extract(epoch FROM delay) / 60)::integer');
CREATE VIEW pending AS SELECT tableoid::regclass AS heap, count(_accord_1_pending) AS pending, count(*) FILTER (WHERE _accord_1_delay = make_interval(mins => delay)) AS filled FROM p GROUP BY 1 ORDER BY 1;

CALL accord.backfill('p', only_rows => 'id BETWEEN 11 AND 20');
SELECT * FROM pending;
SELECT accord.use_version('p', '2');
CALL accord.backfill('p', only_rows => $$ note LIKE 'row 1%' -- a comment$$, batch_ms => 1);
SELECT count(*) FILTER (WHERE note LIKE 'row 1%') AS left_out, count(*) FROM p WHERE _accord_1_pending;
CALL accord.backfill('p', partition => 'p2');
SELECT * FROM pending;
CALL accord.backfill('p', partition => 'p3', only_rows => 'id > 2500');
SELECT * FROM pending;
CALL accord.backfill('p', only_rows => 'false');
SELECT relation, rows_done, done FROM accord_catalog.backfill_range ORDER BY relation::text;
SELECT state, rows_done FROM accord.progress;

-- what is no condition, and no partition
CALL accord.backfill('p', only_rows => 'no_such_column = 1');
CALL accord.backfill('p', only_rows => 'id');
CALL accord.backfill('p', only_rows => 'true) OR (true');
CALL accord.backfill('p', only_rows => 'true; DELETE FROM p');
CALL accord.backfill('p', only_rows => 'true UNION SELECT 1, ctid FROM p');
CALL accord.backfill('p', only_rows => 'true FROM p');
CALL accord.backfill('p', only_rows => '');
CALL accord.backfill('p', only_rows => 'count(*) > 0');
CREATE TABLE other (id integer);
CALL accord.backfill('p', partition => 'other');
CALL accord.backfill('p', partition => 'pg_class');
CREATE ROLE regress_subset_owner;
CREATE ROLE regress_subset_contract;
-- the condition runs as the owner of the table, and only the owner may write it
UPDATE accord_catalog.contract SET owner = 'regress_subset_contract';
SET ROLE regress_subset_contract;
CALL accord.backfill('p', only_rows => 'true');
RESET ROLE;
ALTER TABLE p OWNER TO regress_subset_owner;
ALTER TABLE p1 OWNER TO regress_subset_owner;
ALTER TABLE p2 OWNER TO regress_subset_owner;
ALTER TABLE p3 OWNER TO regress_subset_owner;
UPDATE accord_catalog.contract SET owner = 'regress_subset_owner';
CREATE FUNCTION who() RETURNS boolean LANGUAGE plpgsql AS $$ BEGIN RAISE NOTICE 'as %', current_user; RESET ROLE; RETURN true; END $$;
CALL accord.backfill('p', only_rows => 'who() AND id = 500');

-- the whole
CALL accord.backfill('p');
SELECT * FROM pending;
SELECT state FROM accord.migrations;
CALL accord.backfill('p', only_rows => 'true');
DROP VIEW pending;
SET accord.guard = off;
SELECT state FROM accord.rollback('p');
DROP TABLE p, other;
DROP ROLE regress_subset_owner;
DROP ROLE regress_subset_contract;
