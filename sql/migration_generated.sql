-- Generated columns of a table that migrates: as the new version has them, before the table itself can compute them and after.
\set VERBOSITY terse
SET client_min_messages = warning;
CREATE EXTENSION pg_accord;
CREATE TABLE item (id integer PRIMARY KEY, price integer NOT NULL, pieces integer NOT NULL, total integer NOT NULL GENERATED ALWAYS AS (price * pieces) STORED);
INSERT INTO item (id, price, pieces) VALUES (1, 10, 2), (2, 20, 3);
SELECT accord.register_contract('item');
SELECT state FROM accord.stage('item', $$ ALTER TABLE item ALTER COLUMN price TYPE numeric(10,2) $$, down => $$ price = ceil(price)::integer $$);
-- Nobody writes a generated column, whoever computes it now; a save of what is there is no write.
INSERT INTO item_v2.item (id, price, pieces, total) VALUES (3, 1, 1, 7);
INSERT INTO item_v2.item (id, price, pieces, total) VALUES (3, 1.5, 3, DEFAULT);
UPDATE item_v2.item SET total = 5 WHERE id = 1;
UPDATE item_v2.item SET price = 10.25, total = total WHERE id = 1;
UPDATE item_v1.item SET total = 5 WHERE id = 2;
UPDATE item SET pieces = 4 WHERE id = 2;
CALL accord.backfill('item');
SELECT * FROM item_v1.item ORDER BY id;
SELECT * FROM item_v2.item ORDER BY id;
SELECT check_name, verdict FROM accord.verify('item');
-- A user's trigger has the last word on what it is computed from.
CREATE FUNCTION one_more() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.pieces := NEW.pieces + 1; RETURN NEW; END $$;
SELECT accord.waive('item', 'trigger-added', 'a test', interval '1 hour') IS NOT NULL;
CREATE TRIGGER more BEFORE UPDATE ON item FOR EACH ROW EXECUTE FUNCTION one_more();
UPDATE item_v2.item SET price = 2 WHERE id = 3;
SELECT accord.waive('item', 'trigger-dropped', 'a test', interval '1 hour') IS NOT NULL;
DROP TRIGGER more ON item;
SELECT * FROM item_v2.item WHERE id = 3;
SELECT state FROM accord.complete('item');
SELECT attname, attgenerated FROM pg_attribute WHERE attrelid = 'item'::regclass AND attname ~ 'total' ORDER BY 1;
INSERT INTO item (id, price, pieces, total) VALUES (4, 1, 1, 7);
INSERT INTO item (id, price, pieces) VALUES (4, 2.5, 2);
UPDATE item_v1.item SET price = 7 WHERE id = 1;
SELECT * FROM item_v1.item ORDER BY id;
SELECT * FROM item_v2.item ORDER BY id;
SELECT state FROM accord.purge('item');
-- Refusals change nothing.
SELECT accord.stage('item', $$ ALTER TABLE item ALTER COLUMN pieces TYPE bigint $$, up => $$ total = 3 $$);
SELECT accord.stage('item', $$ ALTER TABLE item ADD COLUMN later timestamptz GENERATED ALWAYS AS (now()) STORED $$);
SELECT accord.stage('item', $$ ALTER TABLE item ADD COLUMN again numeric GENERATED ALWAYS AS (total * 2) STORED $$);
SELECT count(*) FROM accord.status;

-- partitions of partitions, children of children: undo takes the expression from all of them
CREATE TABLE deep (id integer, k integer, a integer, g integer GENERATED ALWAYS AS (a * 2) STORED) PARTITION BY LIST (k);
CREATE TABLE deep_1 (g integer GENERATED ALWAYS AS (a * 2) STORED, a integer, k integer, id integer) PARTITION BY LIST (id);
CREATE TABLE deep_1_1 PARTITION OF deep_1 DEFAULT;
ALTER TABLE deep ATTACH PARTITION deep_1 DEFAULT;
CREATE TABLE grand (id integer, a integer, g integer GENERATED ALWAYS AS (a * 2) STORED);
CREATE TABLE parent () INHERITS (grand);
CREATE TABLE child () INHERITS (parent);
INSERT INTO deep VALUES (1, 1, 1);
INSERT INTO child VALUES (1, 1);
SELECT accord.register_contract('deep'), accord.register_contract('grand');
SELECT contract_relation, state FROM accord.stage('deep', 'ALTER TABLE deep ALTER a TYPE bigint; ALTER TABLE grand ALTER a TYPE bigint');
SET client_min_messages = warning;
CALL accord.backfill('deep');
RESET client_min_messages;
SELECT state FROM accord.complete('deep');
SELECT state FROM accord.rollback('deep');
SELECT attrelid::regclass, attname, attgenerated, pg_get_expr(adbin, adrelid) FROM pg_attribute LEFT JOIN pg_attrdef ON adrelid = attrelid AND adnum = attnum
 WHERE attrelid = ANY ('{deep,deep_1,deep_1_1,grand,parent,child}'::regclass[]) AND attname ~ 'g$|accord' AND NOT attisdropped ORDER BY attrelid, attnum;
UPDATE deep SET a = 4 RETURNING *;
UPDATE grand SET a = 5 RETURNING *;

-- NOT NULL of a computed column has no value to be given: the guard's call is one that stage takes, and the column means what it says
CREATE TABLE sums (id integer PRIMARY KEY, a integer, b integer, s integer GENERATED ALWAYS AS (a + b) STORED);
SELECT accord.register_contract('sums');
ALTER TABLE sums ALTER s SET NOT NULL;
SELECT contract_relation, state FROM accord.stage('public.sums', $accord$ALTER TABLE public.sums ALTER COLUMN s SET NOT NULL$accord$);
INSERT INTO sums_v1.sums (id, a) VALUES (1, 1);
INSERT INTO sums_v1.sums (id, a, b) VALUES (2, 1, 2);
SELECT * FROM sums_v2.sums;
SELECT state FROM accord.rollback('sums');
