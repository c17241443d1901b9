-- Columns that move to a table that is there already and stays: its rows are not ours to take away, and who inserts them may know nothing of the columns.
CREATE EXTENSION pg_accord;
SET client_min_messages = warning;
CREATE TABLE customer (id integer PRIMARY KEY, name text, street text, city text);
CREATE TABLE address (customer_id integer PRIMARY KEY REFERENCES customer, note text DEFAULT '-', street text DEFAULT '', city text);
INSERT INTO customer SELECT g, 'c' || g, g || ' Main St', 'Oslo' FROM generate_series(1, 5) g;
INSERT INTO customer VALUES (6, 'c6');
INSERT INTO address VALUES (1, 'n1'), (2, 'n2'), (6, 'n6');
SELECT accord.register_contract('customer');
SELECT accord.register_contract('address');
\set ddl 'ALTER TABLE customer DROP COLUMN street, DROP COLUMN city'
\set up 'address.street = customer.street, address.city = city'

-- refused: what stands in the way, and what to write instead
\set VERBOSITY default
SELECT accord.stage('customer', :'ddl', up => :'up');
SET accord.allow_unused = on;
ALTER TABLE public.address DROP CONSTRAINT address_customer_id_fkey, ADD FOREIGN KEY (customer_id) REFERENCES public.customer (id) ON DELETE CASCADE;
SELECT accord.stage('customer', :'ddl', up => :'up');
ALTER TABLE address ALTER COLUMN street DROP DEFAULT, ALTER COLUMN note DROP DEFAULT;
SELECT accord.stage('customer', :'ddl', up => :'up');
UPDATE public.address SET street = NULL, city = NULL;
SELECT accord.stage('customer', :'ddl', up => 'address.street = street, address.town = city');
SELECT accord.stage('customer', :'ddl', up => 'address.street = upper(street), address.city = city');
SELECT accord.stage('customer', :'ddl', up => 'address.customer_id = id + 1, address.street = street');
SELECT accord.stage('customer', :'ddl', up => 'adress.street = street');
SELECT accord.stage('customer', 'ALTER TABLE customer DROP COLUMN name', up => 'other_schema.address.note = name');
SELECT accord.stage('customer', 'ALTER TABLE customer ADD COLUMN note text', up => 'note = address.note');
SELECT accord.stage('customer', 'ALTER TABLE customer DROP COLUMN name; ALTER TABLE address ADD COLUMN name text', up => 'address.name = customer.name');
CREATE TABLE tag (customer_id integer REFERENCES customer ON DELETE CASCADE, city text, PRIMARY KEY (customer_id, city));
SELECT accord.stage('customer', 'ALTER TABLE customer DROP COLUMN city', up => 'tag.city = city');
CREATE TABLE several (customer_id integer REFERENCES customer ON DELETE CASCADE, city text);
SELECT accord.stage('customer', 'ALTER TABLE customer DROP COLUMN city', up => 'several.city = city');
CREATE VIEW shown AS SELECT * FROM several;
SELECT accord.stage('customer', 'ALTER TABLE customer DROP COLUMN city', up => 'shown.city = city');
DROP VIEW shown;
DROP TABLE several, tag;
RESET accord.allow_unused;
SELECT count(*) FROM accord_catalog.migration;
SELECT setval(pg_get_serial_sequence('accord_catalog.migration', 'id'), 1, false);

SET client_min_messages = notice;
SELECT contract_relation, target_version, state FROM accord.stage('customer', :'ddl', up => :'up');
SET client_min_messages = warning;
-- before the backfill: who writes the table and knows nothing of the columns
INSERT INTO address (customer_id, note) VALUES (3, 'n3');
UPDATE address SET note = note || '!' WHERE customer_id = 1;
INSERT INTO address (customer_id, note) VALUES (2, 'again') ON CONFLICT (customer_id) DO UPDATE SET note = excluded.note;
SELECT * FROM address ORDER BY 1;
SELECT id, street, city, _accord_1_pending AS pending FROM ONLY customer ORDER BY 1;
CALL accord.backfill('customer');
SELECT * FROM accord.verify('customer');
CREATE VIEW both_sides AS SELECT c.id, c.street, c.city, a.customer_id, a.note, a.street AS new_street, a.city AS new_city FROM customer_v1.customer c LEFT JOIN address a ON a.customer_id = c.id;
SELECT * FROM both_sides ORDER BY 1;
-- an old client
UPDATE customer_v1.customer SET street = NULL, city = NULL WHERE id IN (1, 4);
UPDATE customer_v1.customer SET street = 'new' WHERE id = 6;
INSERT INTO customer_v1.customer VALUES (7, 'c7', '7th', NULL), (8, 'c8', NULL, NULL);
UPDATE customer_v1.customer SET id = 50 WHERE id = 5;
-- a new one, and one that knows nothing
INSERT INTO address VALUES (8, 'n8', NULL, 'Bergen');
UPDATE address SET street = 'moved' WHERE customer_id = 4;
DELETE FROM address WHERE customer_id = 2;
INSERT INTO address (customer_id, note) VALUES (2, 'back');
SELECT * FROM both_sides ORDER BY 1;
SELECT * FROM accord.verify('customer');
BEGIN;
TRUNCATE address;
SELECT * FROM both_sides ORDER BY 1;
ROLLBACK;
-- the other table is part of the migration
ALTER TABLE address DROP COLUMN street;
SELECT accord.stage('address', 'ALTER TABLE address ALTER COLUMN note TYPE integer USING length(note)', down => 'note = note::text');
SELECT accord.stage('address', 'ALTER TABLE address RENAME COLUMN note TO remark');
-- rolled back its rows stay, with what they have; where that is what the table says it can be staged again
SELECT contract_relation, state FROM accord.rollback('customer');
SELECT * FROM address ORDER BY 1;
SELECT count(*) FROM pg_trigger WHERE tgname LIKE '!accord%';
UPDATE customer SET city = 'Moss' WHERE id = 3;
SELECT accord.stage('customer', :'ddl', up => :'up');
UPDATE address SET city = 'Moss' WHERE customer_id = 3;
SELECT contract_relation, state FROM accord.stage('customer', :'ddl', up => :'up');
CALL accord.backfill('customer');
SELECT contract_relation, state FROM accord.complete('customer');
UPDATE address SET city = 'Voss' WHERE customer_id = 3;
DELETE FROM customer WHERE id = 50;
SELECT v.id, v.street, v.city, a.* FROM customer_v1.customer v FULL JOIN address a ON a.customer_id = v.id ORDER BY 1;
SELECT * FROM accord.verify('customer');
SELECT * FROM accord.drift();
DROP VIEW both_sides;
SELECT contract_relation, state FROM accord.purge('customer');
SELECT * FROM customer ORDER BY 1;
SELECT * FROM address ORDER BY 1;
SELECT * FROM accord.drift();
SELECT accord.stage('address', 'ALTER TABLE address ALTER COLUMN note TYPE integer USING length(note)', down => 'note = note::text') IS NOT NULL AS staged;
