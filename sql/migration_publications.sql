-- Publications that name columns of a migrating table follow them, so that writers are not refused and subscribers go on by the same names.
CREATE EXTENSION pg_accord;
SET client_min_messages = error;
CREATE FUNCTION published() RETURNS TABLE (publication name, "table" regclass, columns text, filter text) LANGUAGE sql AS $$
  SELECT p.pubname, r.prrelid, (SELECT string_agg(a.attname || ' ' || a.atttypid::regtype, ', ' ORDER BY a.attname) FROM pg_attribute a
           WHERE a.attrelid = r.prrelid AND a.attnum = ANY (r.prattrs)), pg_get_expr(r.prqual, r.prrelid)
    FROM pg_publication_rel r JOIN pg_publication p ON p.oid = r.prpubid ORDER BY 1, 2::text COLLATE "C" $$;
CREATE TABLE t (id integer PRIMARY KEY, a integer, b text, c text);
INSERT INTO t SELECT i, i, i, i FROM generate_series(1, 9) i;
CREATE PUBLICATION keyed FOR TABLE t (id, a) WHERE (id > 5 AND id < 100);
CREATE PUBLICATION inserts FOR TABLE t (id, a, c) WHERE (a > 5 AND b <> '') WITH (publish = 'insert');
CREATE PUBLICATION untouched FOR TABLE t (id, c) WITH (publish = 'insert');
SELECT accord.register_contract('t');

-- complete, undo and purge of a key and of a column that changes its name too
SELECT accord.stage('t', 'ALTER TABLE t ALTER id TYPE bigint, ALTER a TYPE text; ALTER TABLE t RENAME a TO aa; ALTER TABLE t RENAME c TO cc', down => 'a = aa::integer');
ALTER PUBLICATION inserts SET TABLE t (id, a, c) WHERE (b > 'a' AND a IS NOT NULL);
SELECT phase, statement, lock, note FROM accord.plan('t', 'ALTER TABLE t ALTER id TYPE bigint, ALTER a TYPE text; ALTER TABLE t RENAME a TO aa; ALTER TABLE t RENAME c TO cc', down => 'a = aa::integer') WHERE statement ~ 'PUBLICATION';
SELECT state FROM accord.stage('t', 'ALTER TABLE t ALTER id TYPE bigint, ALTER a TYPE text; ALTER TABLE t RENAME a TO aa; ALTER TABLE t RENAME c TO cc', down => 'a = aa::integer');
CALL accord.backfill('t');
SELECT state FROM accord.complete('t');
SELECT * FROM published();
UPDATE t SET b = 'new' WHERE id = 7;
DELETE FROM t WHERE id = 8;
SELECT state FROM accord.rollback('t');
SELECT * FROM published();
UPDATE t SET b = 'newer' WHERE id = 7;
SELECT state FROM accord.stage('t', 'ALTER TABLE t ALTER id TYPE bigint, ALTER a TYPE text; ALTER TABLE t RENAME a TO aa; ALTER TABLE t RENAME c TO cc', down => 'a = aa::integer');
CALL accord.backfill('t');
SELECT state FROM accord.complete('t');
SELECT state FROM accord.purge('t');
SELECT * FROM published();
UPDATE t SET b = 'newest' WHERE id = 7;

-- those of partitions and children, each by its own numbers, and one that comes in the middle
CREATE TABLE p (id integer, k integer, v integer, PRIMARY KEY (id, k)) PARTITION BY LIST (k);
CREATE TABLE p_1 (gone integer, v integer, k integer NOT NULL, id integer NOT NULL);
ALTER TABLE p_1 DROP COLUMN gone;
ALTER TABLE p ATTACH PARTITION p_1 FOR VALUES IN (1);
CREATE TABLE parent (id integer PRIMARY KEY, v integer);
CREATE TABLE child (own integer, PRIMARY KEY (id)) INHERITS (parent);
DROP PUBLICATION keyed, inserts, untouched;
CREATE PUBLICATION below FOR TABLE p_1 (id, k) WHERE (id > 1), ONLY child (id, v);
SELECT accord.register_contract('p'), accord.register_contract('parent');
SELECT contract_relation, state FROM accord.stage('p', 'ALTER TABLE p ALTER id TYPE bigint; ALTER TABLE parent ALTER v TYPE bigint, ALTER id TYPE bigint');
CREATE PUBLICATION above FOR TABLE p (id, k, v) WITH (publish_via_partition_root);
CALL accord.backfill('p');
SELECT state FROM accord.complete('p');
SELECT * FROM published();
SELECT state FROM accord.rollback('p');
SELECT * FROM published();

-- of a partitioned table without a list: what the hint says can be run
DROP PUBLICATION below, above;
CREATE PUBLICATION whole FOR TABLE p;
SELECT contract_relation, state FROM accord.stage('p', 'ALTER TABLE p ALTER v TYPE bigint');
BEGIN;
ALTER PUBLICATION whole SET (publish_via_partition_root); ALTER PUBLICATION whole DROP TABLE ONLY public.p; ALTER PUBLICATION whole ADD TABLE ONLY public.p (id, k, v);
COMMIT;
SELECT contract_relation, state FROM accord.stage('p', 'ALTER TABLE p ALTER v TYPE bigint');
SELECT state FROM accord.rollback('p');
DROP PUBLICATION whole;

-- a column that goes has no successor: refused before anything changes, or when it comes in the middle by complete and rollback
CREATE PUBLICATION lost FOR TABLE t (id, b);
SELECT accord.stage('t', 'ALTER TABLE t DROP COLUMN b');
DROP PUBLICATION lost;
CREATE PUBLICATION filtered FOR TABLE t WHERE (id > 5);
SELECT accord.stage('t', 'ALTER TABLE t DROP COLUMN b');
DROP PUBLICATION filtered;
SELECT state FROM accord.stage('t', 'ALTER TABLE t DROP COLUMN b, ADD COLUMN d integer', up => 'd = length(b)', down => 'b = d');
CALL accord.backfill('t');
CREATE PUBLICATION lost FOR TABLE t (id, b);
SELECT accord.complete('t');
ALTER PUBLICATION lost SET TABLE t (id);
SELECT state FROM accord.complete('t');
ALTER PUBLICATION lost SET TABLE t (id, d);
SELECT accord.rollback('t');
ALTER PUBLICATION lost SET TABLE t (id);
SELECT state FROM accord.rollback('t');

-- a table whose rows cannot be updated cannot be filled
CREATE TABLE appended (k integer PRIMARY KEY, v integer);
SELECT accord.register_contract('appended');
CREATE PUBLICATION of_values FOR TABLE appended (v);
SELECT accord.stage('appended', 'ALTER TABLE appended ALTER v TYPE bigint');
ALTER PUBLICATION of_values SET TABLE appended (k, v);
SELECT state FROM accord.stage('appended', 'ALTER TABLE appended ALTER v TYPE bigint');
