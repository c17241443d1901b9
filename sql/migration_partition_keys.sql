-- Foreign keys of partitioned tables, of the table itself and of another one to it: each partition gets its own, which the table's takes in.
\getenv root PG_ABS_SRCDIR
\set fixture :root '/test/fixtures/migration.sql'
CREATE EXTENSION pg_accord;
SET client_min_messages = warning;
\set ECHO none
\i :fixture
\set ECHO all
CREATE TABLE item (id integer PRIMARY KEY);
INSERT INTO item SELECT generate_series(1, 30);
CREATE SCHEMA "Far";
CREATE TABLE "Line" (id integer, "Item" integer CONSTRAINT "of Item" REFERENCES item ON UPDATE CASCADE DEFERRABLE, note text) PARTITION BY RANGE (id);
CREATE TABLE "Far"."L 1" (junk integer, note text, "Item" integer CONSTRAINT own REFERENCES item ON UPDATE CASCADE DEFERRABLE, id integer);
ALTER TABLE "Far"."L 1" DROP COLUMN junk;
ALTER TABLE "Line" ATTACH PARTITION "Far"."L 1" FOR VALUES FROM (0) TO (10);
CREATE TABLE l_rest PARTITION OF "Line" DEFAULT PARTITION BY HASH (id);
CREATE TABLE l_rest_1 PARTITION OF l_rest FOR VALUES WITH (MODULUS 2, REMAINDER 0);
CREATE TABLE l_rest_2 PARTITION OF l_rest FOR VALUES WITH (MODULUS 2, REMAINDER 1);
COMMENT ON CONSTRAINT "of Item" ON "Line" IS 'what was bought';
INSERT INTO "Line" SELECT g, g, 'x' FROM generate_series(1, 20) g;
SELECT accord.register_contract('"Line"');
CREATE TABLE before_all AS SELECT r::text AS relation, line FROM unnest('{"\"Line\"","\"Far\".\"L 1\"",l_rest,l_rest_1,item}'::regclass[]) r, looks(r) line;
CREATE FUNCTION keys() RETURNS TABLE (of_table regclass, name name, definition text, valid boolean, own boolean, comment text) LANGUAGE sql AS $$
    SELECT conrelid::regclass, conname, pg_get_constraintdef(oid), convalidated, conparentid = 0, obj_description(oid, 'pg_constraint')
      FROM pg_constraint WHERE contype = 'f' AND connamespace <> 'accord_catalog'::regnamespace ORDER BY conrelid::regclass::text COLLATE "C", conname $$;
SELECT * FROM keys();

SELECT state FROM accord.stage('"Line"', 'ALTER TABLE "Line" ALTER COLUMN "Item" TYPE bigint; ALTER TABLE "Line" RENAME "Item" TO "Thing"');
SELECT * FROM keys();
-- a writer of the old version meets the new one's key too, under the name that he knows
INSERT INTO "Line" VALUES (9, 99);
-- a partition that comes while rows are filled
CREATE TABLE l_late PARTITION OF "Line" FOR VALUES FROM (100) TO (200);
INSERT INTO "Line" VALUES (100, 5);
CALL accord.backfill('"Line"');
SELECT * FROM keys();
SELECT check_name, rows, pending, mismatched, verdict FROM accord.verify('"Line"');
SELECT * FROM accord.drift();
BEGIN;
SELECT state FROM accord.rollback('"Line"');
SELECT r::text AS relation, line FROM unnest('{"\"Line\"","\"Far\".\"L 1\"",l_rest,l_rest_1,item}'::regclass[]) r, looks(r) line EXCEPT SELECT * FROM before_all;
SELECT * FROM before_all EXCEPT SELECT r::text AS relation, line FROM unnest('{"\"Line\"","\"Far\".\"L 1\"",l_rest,l_rest_1,item}'::regclass[]) r, looks(r) line;
ROLLBACK;
INSERT INTO "Line_v2"."Line" VALUES (8, 99);
UPDATE item SET id = 31 WHERE id = 1;
SELECT "Thing" FROM "Line_v2"."Line" WHERE id = 1;
SELECT state FROM accord.complete('"Line"');
SELECT * FROM keys();
SELECT * FROM accord.drift();
INSERT INTO "Line" (id, "Thing") VALUES (7, 99);
INSERT INTO "Line_v1"."Line" VALUES (13, 99);
UPDATE item SET id = 32 WHERE id = 31;
SELECT n.id, n."Thing", o."Item" FROM "Line" n JOIN "Line_v1"."Line" o USING (id) WHERE id = 1;
-- undo, and once more
SELECT state FROM accord.rollback('"Line"');
SELECT r::text AS relation, line FROM unnest('{"\"Line\"","\"Far\".\"L 1\"",l_rest,l_rest_1,item}'::regclass[]) r, looks(r) line EXCEPT SELECT * FROM before_all;
SELECT * FROM before_all EXCEPT SELECT r::text AS relation, line FROM unnest('{"\"Line\"","\"Far\".\"L 1\"",l_rest,l_rest_1,item}'::regclass[]) r, looks(r) line;
-- before it is filled
SELECT state FROM accord.stage('"Line"', 'ALTER TABLE "Line" ALTER COLUMN "Item" TYPE bigint');
SELECT state FROM accord.rollback('"Line"');
SELECT r::text AS relation, line FROM unnest('{"\"Line\"","\"Far\".\"L 1\"",l_rest,l_rest_1,item}'::regclass[]) r, looks(r) line EXCEPT SELECT * FROM before_all;
SELECT state FROM accord.stage('"Line"', 'ALTER TABLE "Line" ALTER COLUMN "Item" TYPE bigint');
CALL accord.backfill('"Line"');
SELECT state FROM accord.complete('"Line"');
SELECT state FROM accord.purge('"Line"');
SELECT * FROM keys();
CREATE TABLE l_new PARTITION OF "Line" FOR VALUES FROM (200) TO (300);
INSERT INTO l_new (id, "Item") VALUES (200, 99);

-- the key that references is on a partitioned table: its column stays
SELECT accord.register_contract('item');
SELECT state FROM accord.stage('item', 'ALTER TABLE item ALTER COLUMN id TYPE bigint');
SELECT * FROM keys();
BEGIN;
SELECT state FROM accord.rollback('item');
SELECT * FROM keys();
ROLLBACK;
CALL accord.backfill('item');
SELECT * FROM keys() WHERE name ~ 'accord';
BEGIN;
SELECT state FROM accord.rollback('item');
SELECT * FROM keys();
ROLLBACK;
SELECT state FROM accord.complete('item');
SELECT * FROM keys();
INSERT INTO "Line" (id, "Item") VALUES (6, 99);
UPDATE item SET id = 33 WHERE id = 32;
SELECT "Item" FROM "Line" WHERE id = 1;
SELECT state FROM accord.purge('item');
SELECT * FROM keys();

-- both tables, in one migration
CREATE TABLE whole (id integer PRIMARY KEY);
CREATE TABLE piece (id integer, whole_id integer REFERENCES whole) PARTITION BY LIST (id);
CREATE TABLE piece_1 PARTITION OF piece FOR VALUES IN (1);
CREATE TABLE piece_rest PARTITION OF piece DEFAULT;
INSERT INTO whole VALUES (1), (2);
INSERT INTO piece VALUES (1, 1), (2, 2), (3, NULL);
SELECT accord.register_contract('whole'), accord.register_contract('piece');
SELECT state FROM accord.stage('whole', 'ALTER TABLE whole ALTER COLUMN id TYPE text; ALTER TABLE piece ALTER COLUMN whole_id TYPE text; ALTER TABLE piece RENAME whole_id TO "W"; ALTER TABLE whole RENAME id TO key',
    down => 'id = key::integer, piece.whole_id = "W"::integer');
CALL accord.backfill('whole');
SELECT * FROM keys() WHERE of_table::text ~ 'piece';
INSERT INTO piece_v2.piece VALUES (4, 'no');
SELECT state FROM accord.complete('whole');
SELECT * FROM accord.drift();
INSERT INTO piece (id, "W") VALUES (4, '9');
SELECT state FROM accord.rollback('whole');
SELECT * FROM keys() WHERE of_table::text ~ 'piece';
SELECT state FROM accord.stage('whole', 'ALTER TABLE whole ALTER COLUMN id TYPE text; ALTER TABLE piece ALTER COLUMN whole_id TYPE text',
    down => 'id = id::integer, piece.whole_id = whole_id::integer');
SELECT state FROM accord.rollback('piece');
SELECT * FROM keys() WHERE of_table::text ~ 'piece';

-- a version adds one
CREATE TABLE note (id integer, item integer) PARTITION BY LIST (id);
CREATE TABLE note_1 PARTITION OF note DEFAULT;
INSERT INTO note VALUES (1, 2), (2, 99);
SELECT accord.register_contract('note');
SELECT state FROM accord.stage('note', 'ALTER TABLE note ALTER COLUMN item TYPE bigint, ADD CONSTRAINT to_item FOREIGN KEY (item) REFERENCES item',
    up => 'item = CASE WHEN item < 50 THEN item END');
CALL accord.backfill('note');
SELECT * FROM note_v2.note ORDER BY id;
SELECT * FROM keys() WHERE of_table::text ~ 'note';
SELECT state FROM accord.complete('note');
INSERT INTO note VALUES (3, 99);
SELECT state FROM accord.rollback('note');
SELECT * FROM keys() WHERE of_table::text ~ 'note';

-- a key to itself of which one end is replaced
CREATE TABLE tree (id integer PRIMARY KEY, parent integer REFERENCES tree) PARTITION BY LIST (id);
CREATE TABLE tree_1 PARTITION OF tree DEFAULT;
CREATE TABLE leaf (tree_id integer REFERENCES tree);
SELECT accord.register_contract('tree');
SELECT accord.stage('tree', 'ALTER TABLE tree ALTER COLUMN parent TYPE bigint');
CALL accord.backfill('tree');
SELECT * FROM keys() WHERE of_table::text ~ 'tree|leaf';
INSERT INTO tree_v2.tree VALUES (1, NULL), (2, 1);
INSERT INTO tree_v2.tree VALUES (3, 4);
DELETE FROM tree WHERE id = 1;
SELECT state FROM accord.complete('tree');
DELETE FROM tree WHERE id = 1;
SELECT * FROM accord.drift();
SELECT state FROM accord.purge('tree');
SELECT * FROM keys() WHERE of_table::text ~ 'tree|leaf';
DELETE FROM tree WHERE id = 1;
