-- Columns move to a table that is partitioned, and come from one: rows in partitions with columns in another order, keys that take them to
-- another partition, partitions that are emptied, made and kept.
\getenv root PG_ABS_SRCDIR
\set fixture :root '/test/fixtures/migration.sql'
CREATE EXTENSION pg_accord;
SET client_min_messages = warning;
\set ECHO none
\i :fixture
\set ECHO all
\set VERBOSITY default
\set SHOW_CONTEXT never
CREATE TABLE customer (id integer PRIMARY KEY, name text, street text, city varchar(20));
INSERT INTO customer SELECT g, 'c' || g, CASE WHEN g % 5 > 0 THEN g || ' Main St' END, CASE WHEN g % 5 > 0 THEN 'Oslo' END FROM generate_series(1, 12) g;
SELECT accord.register_contract('customer');
\set ddl 'CREATE TABLE address (note text DEFAULT ''-'', id integer PRIMARY KEY REFERENCES customer, street text NOT NULL, city varchar(20)) PARTITION BY RANGE (id); CREATE TABLE address_low PARTITION OF address FOR VALUES FROM (MINVALUE) TO (6); CREATE TABLE address_rest PARTITION OF address DEFAULT PARTITION BY HASH (id); CREATE TABLE address_rest_0 PARTITION OF address_rest FOR VALUES WITH (MODULUS 1, REMAINDER 0); ALTER TABLE customer DROP COLUMN street, DROP COLUMN city'
\set up 'address.street = customer.street, address.city = city'

-- refused
SELECT accord.stage('customer', 'CREATE TABLE kept (id integer) PARTITION BY HASH (id); CREATE TABLE other PARTITION OF elsewhere DEFAULT; ALTER TABLE customer DROP COLUMN city');
SELECT accord.stage('customer', 'CREATE TABLE lived_at (id integer REFERENCES customer, street text, PRIMARY KEY (id, street)) PARTITION BY HASH (id); CREATE TABLE lived_0 PARTITION OF lived_at FOR VALUES WITH (MODULUS 1, REMAINDER 0); ALTER TABLE customer DROP COLUMN street', up => 'lived_at.street = street');
CREATE TABLE whole (id integer PRIMARY KEY REFERENCES customer ON DELETE CASCADE, city varchar(20)) PARTITION BY HASH (id);
CREATE TABLE part PARTITION OF whole FOR VALUES WITH (MODULUS 1, REMAINDER 0);
SELECT accord.stage('customer', 'ALTER TABLE customer DROP COLUMN city', up => 'part.city = city');
DROP TABLE whole;
SELECT count(*) FROM accord_catalog.migration;
SELECT setval(pg_get_serial_sequence('accord_catalog.migration', 'id'), 1, false);

-- rolled back: the partitions that the script made go with their table
SELECT contract_relation, state FROM accord.stage('customer', :'ddl', up => :'up');
SELECT contract_relation, state FROM accord.rollback('customer');
SELECT relname FROM pg_class WHERE relname LIKE 'address%';

SET client_min_messages = notice;
SELECT contract_relation, state FROM accord.stage('customer', :'ddl', up => :'up');
SET client_min_messages = warning;
SELECT tgrelid::regclass, tgname, tgenabled FROM pg_trigger WHERE tgname ~ '^!accord_move' ORDER BY 1, 2;
-- a new partition, with its columns in another order, is kept in step from its first row on
CREATE TABLE address_high PARTITION OF address FOR VALUES FROM (100) TO (200);
ALTER TABLE address_low ALTER note SET DEFAULT 'low';
UPDATE customer SET street = 'early' WHERE id = 1;
INSERT INTO address (id, street, city) VALUES (2, 'by the new', 'Bergen'), (10, 'tenth', NULL);
SELECT * FROM customer WHERE id IN (1, 2, 10) ORDER BY 1;
CALL accord.backfill('customer');
SELECT * FROM accord.verify('customer');
CREATE VIEW both_sides AS SELECT c.id, c.street, c.city, a.tableoid::regclass AS partition, a.street AS new_street, a.city AS new_city, a.note FROM customer_v1.customer c LEFT JOIN address a USING (id);
SELECT * FROM both_sides ORDER BY 1;

-- an old client: its rows of the new table change, come, go, and go to other partitions
UPDATE customer_v1.customer SET street = 'x', city = 'Moss' WHERE id IN (1, 7);
UPDATE customer_v1.customer SET street = NULL, city = NULL WHERE id IN (2, 8);
INSERT INTO customer_v1.customer VALUES (20, 'c20', '20 St'), (120, 'c120', '120 St');
UPDATE customer_v1.customer SET id = 130 WHERE id = 3;
UPDATE customer_v1.customer SET id = 0, city = 'Rana' WHERE id = 11;
DELETE FROM customer_v1.customer WHERE id IN (4, 12);
-- a new one: through the table and through partitions
INSERT INTO address_low (id, street) VALUES (5, 'fifth');
UPDATE address SET city = upper(city), note = 'kept' WHERE id IN (1, 6, 7);
UPDATE address_high SET street = 'through a partition' WHERE id = 120;
UPDATE address SET id = 2 WHERE id = 9;
UPDATE address SET id = 8, note = 'from afar' WHERE id = 130;
DELETE FROM address_rest WHERE id = 10;
INSERT INTO address (id, street) VALUES (6, 'again') ON CONFLICT (id) DO UPDATE SET street = excluded.street;
INSERT INTO address (id, street) VALUES (77, 'nobody''s');
SELECT * FROM both_sides ORDER BY 1;
SELECT check_name, rows, pending, mismatched, verdict FROM accord.verify('customer');
-- one partition is emptied, on either level, and all of it
BEGIN;
TRUNCATE address_low;
SELECT id, street, new_street FROM both_sides ORDER BY 1;
TRUNCATE address_rest_0;
SELECT check_name, rows, pending, mismatched, verdict FROM accord.verify('customer');
INSERT INTO customer (id, street) VALUES (190, 'again');
TRUNCATE address_high;
SELECT count(*), count(street), count(new_street) FROM both_sides;
ROLLBACK;
BEGIN;
TRUNCATE address;
SELECT count(*), count(street), count(new_street) FROM both_sides;
ROLLBACK;
-- the partitions stay, and each is like the others
ALTER TABLE address DETACH PARTITION address_high;
ALTER TABLE address DETACH PARTITION address_high CONCURRENTLY;
DROP TABLE address_high;
DROP TABLE address_rest_0;
CREATE TABLE address_far (LIKE address);
ALTER TABLE address ATTACH PARTITION address_far FOR VALUES FROM (300) TO (400);
DROP TABLE address_far;
DROP TRIGGER "!accord_move_2_1_empty" ON address_high;
ALTER TABLE address_high DISABLE TRIGGER "!accord_move_2_1_empty";
ALTER TABLE address DROP COLUMN city;
ALTER TABLE address ADD COLUMN zip text;
CREATE TABLE address_more PARTITION OF address_rest FOR VALUES WITH (MODULUS 2, REMAINDER 1);
CREATE TABLE address_next PARTITION OF address FOR VALUES FROM (200) TO (300) PARTITION BY LIST (id);
CREATE TABLE address_next_0 PARTITION OF address_next DEFAULT;
SELECT tgrelid::regclass, tgname, tgenabled FROM pg_trigger WHERE tgname ~ '^!accord_move.*_empty$' ORDER BY 1;
SELECT * FROM accord.drift();
-- completed, taken back, completed again and purged
SELECT contract_relation, state FROM accord.complete('customer');
UPDATE customer_v1.customer SET city = 'after' WHERE id = 20;
INSERT INTO address (id, street) VALUES (10, 'back');
SELECT * FROM both_sides WHERE id IN (10, 20) ORDER BY 1;
DROP VIEW both_sides;
BEGIN;
SELECT contract_relation, state FROM accord.rollback('customer');
SELECT id, street, city FROM customer ORDER BY 1;
SELECT count(*) FROM pg_trigger WHERE tgname LIKE '!accord%';
ROLLBACK;
SELECT contract_relation, state FROM accord.purge('customer');
SELECT tableoid::regclass, * FROM address ORDER BY id;
SELECT count(*) FROM pg_trigger WHERE tgname LIKE '!accord%';
DROP TABLE address_high;
SELECT * FROM accord.drift();

-- the other way: the partitioned table goes
SELECT contract_relation, state FROM accord.stage('customer', 'ALTER TABLE customer ADD COLUMN street text, ADD COLUMN city varchar(20); DROP TABLE address', up => 'street = address.street, city = address.city');
UPDATE address SET street = 'before' WHERE id = 1;
UPDATE customer_v3.customer SET city = 'Molde' WHERE id = 7;
CALL accord.backfill('customer');
SELECT * FROM accord.verify('customer');
UPDATE customer_v3.customer SET street = 'new client' WHERE id IN (2, 12, 5);
UPDATE customer_v3.customer SET id = 260 WHERE id = 6;
INSERT INTO customer_v3.customer VALUES (9, 'c9', 'ninth') ON CONFLICT (id) DO UPDATE SET street = excluded.street;
UPDATE address SET id = 4 WHERE id = 260;
INSERT INTO customer (id) VALUES (4);
UPDATE address SET id = 4 WHERE id = 260;
TRUNCATE address_next, address_rest;
UPDATE customer_v3.customer SET street = 'back again' WHERE id IN (8, 260);
SELECT a.tableoid::regclass, c.id, c.street, c.city, a.street, a.city, a.note FROM customer_v3.customer c LEFT JOIN address a USING (id) ORDER BY 2;
SELECT check_name, rows, pending, mismatched, verdict FROM accord.verify('customer');
SELECT contract_relation, state FROM accord.complete('customer');
SELECT contract_relation, state FROM accord.purge('customer');
SELECT * FROM customer ORDER BY id;
SELECT relname FROM pg_class WHERE relname LIKE 'address%';

-- to one that is there, and keeps its rows
CREATE TABLE extra (remark text DEFAULT '-', street text, customer_id integer PRIMARY KEY REFERENCES customer ON DELETE CASCADE) PARTITION BY HASH (customer_id);
CREATE TABLE extra_0 PARTITION OF extra FOR VALUES WITH (MODULUS 2, REMAINDER 0);
CREATE TABLE extra_1 (customer_id integer NOT NULL, junk text, street text, remark text DEFAULT 'of 1');
ALTER TABLE extra_1 DROP COLUMN junk;
ALTER TABLE extra ATTACH PARTITION extra_1 FOR VALUES WITH (MODULUS 2, REMAINDER 1);
INSERT INTO extra (customer_id, remark) VALUES (1, 'first'), (2, 'second'), (5, 'fifth');
SELECT contract_relation, state FROM accord.stage('customer', 'ALTER TABLE customer DROP COLUMN street', up => 'extra.street = street');
INSERT INTO extra (customer_id, remark) VALUES (7, 'seventh'), (8, 'eighth'), (9, 'ninth');
CALL accord.backfill('customer');
UPDATE customer SET street = NULL WHERE id IN (1, 2);
UPDATE customer SET street = 'old client' WHERE id IN (5, 8, 10);
UPDATE extra SET remark = upper(remark), street = customer_id || ' by the new' WHERE customer_id IN (7, 9);
DELETE FROM extra WHERE customer_id = 20;
SELECT e.tableoid::regclass, c.id, c.street, e.* FROM customer c LEFT JOIN extra e ON customer_id = id ORDER BY 2;
SELECT check_name, rows, pending, mismatched, verdict FROM accord.verify('customer');
SELECT * FROM accord.drift();
SELECT contract_relation, state FROM accord.complete('customer');
SELECT contract_relation, state FROM accord.purge('customer');
SELECT * FROM extra ORDER BY customer_id;
