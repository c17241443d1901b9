-- Foreign keys to what a migration replaces: where either table is renamed, where the referenced one is partitioned, and where one is part of an inheritance tree.
\getenv root PG_ABS_SRCDIR
\set fixture :root '/test/fixtures/migration.sql'
CREATE EXTENSION pg_accord;
SET client_min_messages = warning;
\set ECHO none
\i :fixture
\set ECHO all
CREATE TABLE t (id integer PRIMARY KEY, note text);
CREATE TABLE child (id integer PRIMARY KEY, t_id integer REFERENCES t ON DELETE CASCADE);
INSERT INTO t VALUES (1, 'a'), (2, 'b');
INSERT INTO child VALUES (1, 1), (2, 2);
SELECT accord.register_contract('t');
CREATE TABLE before_all AS SELECT looks('t') AS line UNION ALL SELECT looks('child');
CREATE FUNCTION keys() RETURNS TABLE (name name, definition text, valid boolean) LANGUAGE sql AS $$
    SELECT conname, pg_get_constraintdef(oid), convalidated FROM pg_constraint WHERE contype = 'f' AND conparentid = 0 AND connamespace = 'public'::regnamespace AND conrelid::regclass::text ~ 'child|kid' ORDER BY conname $$;

-- the referenced table is renamed by the migration
SELECT state FROM accord.stage('t', 'ALTER TABLE t ALTER COLUMN id TYPE bigint; ALTER TABLE t RENAME TO item');
CALL accord.backfill('t');
SELECT * FROM keys();
SELECT state FROM accord.complete('t');
SELECT * FROM keys();
INSERT INTO child VALUES (3, 3);
INSERT INTO item VALUES (3, 'c');
INSERT INTO child VALUES (3, 3);
DELETE FROM item WHERE id = 3;
SELECT * FROM child ORDER BY id;
BEGIN;
SELECT state FROM accord.rollback('item');
SELECT * FROM keys();
SELECT looks('t') AS line UNION ALL SELECT looks('child') EXCEPT SELECT line FROM before_all;
SELECT line FROM before_all EXCEPT (SELECT looks('t') UNION ALL SELECT looks('child'));
ROLLBACK;
SELECT state FROM accord.purge('item');
SELECT * FROM keys();

-- the referencing table is renamed by hand meanwhile: once while rows are filled, once between completion and purge
SELECT state FROM accord.stage('item', 'ALTER TABLE item ALTER COLUMN id TYPE numeric', down => 'id = id::bigint');
ALTER TABLE child RENAME TO kid;
CALL accord.backfill('item');
SELECT state FROM accord.complete('item');
ALTER TABLE kid RENAME TO child;
INSERT INTO child VALUES (4, 4);
BEGIN;
SELECT state FROM accord.rollback('item');
SELECT * FROM keys();
ROLLBACK;
SELECT state FROM accord.purge('item');
SELECT * FROM keys();
DROP TABLE child;

-- the referenced table may be partitioned
CREATE TABLE part (id integer PRIMARY KEY) PARTITION BY RANGE (id);
CREATE TABLE part_1 PARTITION OF part FOR VALUES FROM (1) TO (10);
CREATE TABLE part_2 PARTITION OF part DEFAULT;
INSERT INTO part VALUES (1), (20);
CREATE TABLE childq (id integer PRIMARY KEY, part_id integer REFERENCES part);
INSERT INTO childq VALUES (1, 1), (2, 20);
SELECT accord.register_contract('childq');
SELECT state FROM accord.stage('childq', 'ALTER TABLE childq ALTER COLUMN part_id TYPE bigint');
CALL accord.backfill('childq');
INSERT INTO childq VALUES (3, 3);
\set VERBOSITY sqlstate
INSERT INTO childq_v2.childq VALUES (3, 3);
\set VERBOSITY default
SELECT state FROM accord.complete('childq');
INSERT INTO childq VALUES (3, 20);
\set VERBOSITY sqlstate
DELETE FROM part WHERE id = 1;
\set VERBOSITY default
BEGIN;
SELECT state FROM accord.rollback('childq');
SELECT * FROM keys();
ROLLBACK;
SELECT state FROM accord.purge('childq');
SELECT * FROM keys();
INSERT INTO childq VALUES (4, 4);

-- of inheritance trees: the keys of a child are its own, and so are those to it
CREATE TABLE item2 (id integer PRIMARY KEY);
SELECT accord.register_contract('item2');
CREATE TABLE parent (id bigint, note text);
CREATE TABLE childi (PRIMARY KEY (id), item_id integer REFERENCES item2) INHERITS (parent);
CREATE TABLE childj (child_id bigint REFERENCES childi);
SELECT accord.register_contract('childi');
SELECT accord.stage('childi', 'ALTER TABLE childi ALTER COLUMN item_id TYPE text', down => 'item_id = item_id::integer');
SELECT accord.stage('childi', 'ALTER TABLE childi ALTER COLUMN id TYPE text', down => 'id = id::bigint');
SELECT state FROM accord.stage('item2', 'ALTER TABLE item2 ALTER COLUMN id TYPE bigint');
CALL accord.backfill('item2');
SELECT state FROM accord.complete('item2');
SELECT state FROM accord.purge('item2');
SELECT * FROM keys();

-- a key to the table itself and one between two tables of the migration: what it references has a new name too
CREATE TABLE tree (id integer PRIMARY KEY, parent integer CONSTRAINT up REFERENCES tree, n integer);
CREATE TABLE "Leaf" (id integer PRIMARY KEY, "Tree id" integer CONSTRAINT "of Tree" REFERENCES tree);
SELECT accord.register_contract('tree'), accord.register_contract('"Leaf"');
SELECT state FROM accord.stage('tree', 'ALTER TABLE tree ALTER id TYPE bigint, ALTER parent TYPE bigint; ALTER TABLE tree RENAME parent TO above;
    ALTER TABLE tree RENAME id TO "Key"; ALTER TABLE tree RENAME TO wood; ALTER TABLE "Leaf" ALTER "Tree id" TYPE bigint; ALTER TABLE "Leaf" RENAME "Tree id" TO t');
CALL accord.backfill('tree');
SELECT state FROM accord.complete('tree');
SELECT * FROM accord.drift();
SELECT state FROM accord.purge('wood');
SELECT * FROM accord.drift();
SELECT conrelid::regclass, conname, pg_get_constraintdef(oid) FROM pg_constraint WHERE contype = 'f' AND confrelid = 'wood'::regclass ORDER BY conname;
