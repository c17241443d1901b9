-- Columns of another table come into the one that the call names, and the other table goes with the old version.
\getenv root PG_ABS_SRCDIR
\set fixture :root '/test/fixtures/migration.sql'
CREATE EXTENSION pg_accord;
SET client_min_messages = warning;
\set ECHO none
\i :fixture
\set ECHO all
CREATE TABLE customer (id integer PRIMARY KEY, name text);
CREATE TABLE address (id serial PRIMARY KEY, customer_id integer NOT NULL UNIQUE REFERENCES customer ON DELETE CASCADE, street text NOT NULL, city varchar(20), note text);
INSERT INTO customer SELECT g, 'c' || g FROM generate_series(1, 7) g;
INSERT INTO address (customer_id, street, city, note) SELECT g, g || ' Main St', 'Oslo', 'n' || g FROM generate_series(1, 5) g;
SELECT accord.register_contract('customer');
CREATE TABLE before_all AS SELECT looks('customer') AS line UNION ALL SELECT looks('address');
\set ddl 'ALTER TABLE customer ADD COLUMN street text, ADD COLUMN city varchar(20); DROP TABLE address'
\set up 'street = address.street, city = address.city'

-- refused: what stands in the way, and what to write instead
CREATE FUNCTION refused(ddl text, up text, down text DEFAULT NULL) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    detail text; hint text;
BEGIN
    PERFORM accord.stage('customer', ddl, up => up, down => down);
    RETURN 'staged';
EXCEPTION WHEN OTHERS THEN
    GET STACKED DIAGNOSTICS detail = PG_EXCEPTION_DETAIL, hint = PG_EXCEPTION_HINT;
    RETURN concat_ws(E'\n', SQLSTATE || ': ' || SQLERRM, detail, hint);
END $$;
\pset format unaligned
\pset tuples_only on
SELECT refused(:'ddl', 'street = upper(address.street), city = address.city');
SELECT refused(:'ddl', 'street = address.street, name = address.city');
SELECT refused(:'ddl', 'street = address.road');
SELECT refused(:'ddl', 'street = address.street', 'address.road = street');
SELECT refused(:'ddl', 'street = address.street', 'address.customer_id = id + 1');
SELECT refused(:'ddl', 'street = address.street, city = address.street, street = address.city');
SELECT refused(:'ddl', 'street = address.street || random()', 'address.street = street');
SELECT refused(:'ddl', NULL, 'address.street = street');
SELECT refused('ALTER TABLE customer ADD COLUMN street text NOT NULL; DROP TABLE address', 'street = address.street');
SELECT refused('ALTER TABLE customer ADD COLUMN street text; DROP TABLE address', 'street = address.note');
SELECT refused('ALTER TABLE customer ADD COLUMN street text, ALTER COLUMN id TYPE bigint; DROP TABLE address', 'street = address.street');
SELECT refused('ALTER TABLE customer ADD COLUMN street text; CREATE TABLE names (customer_id integer PRIMARY KEY REFERENCES customer, name text); ALTER TABLE customer DROP COLUMN name; DROP TABLE address', 'street = address.street, names.name = name');
BEGIN;
ALTER TABLE address DROP CONSTRAINT address_customer_id_key;
SELECT refused(:'ddl', :'up');
ROLLBACK;
BEGIN;
ALTER TABLE address DROP CONSTRAINT address_customer_id_fkey;
SELECT refused(:'ddl', :'up');
ROLLBACK;
BEGIN;
CREATE TABLE child () INHERITS (address);
SELECT refused(:'ddl', :'up');
ROLLBACK;
BEGIN;
CREATE ROLE regress_other_owner;
ALTER TABLE address OWNER TO regress_other_owner;
SELECT refused(:'ddl', :'up');
ROLLBACK;
BEGIN;
CREATE TABLE visit (address_id integer REFERENCES address);
SELECT refused(:'ddl', :'up');
ROLLBACK;
\pset tuples_only off
\pset format aligned

-- what sampled rows say: a value that the new version does not take, one that does not come back, and a way back that fails
SELECT refused('ALTER TABLE customer ADD COLUMN street integer; DROP TABLE address', 'street = address.street::integer', 'address.street = street::text');
SELECT refused('ALTER TABLE customer ADD COLUMN city text NOT NULL DEFAULT ''-''; DROP TABLE address', 'city = nullif(address.city, ''Oslo'')', 'address.city = city, address.street = ''?''');
BEGIN;
SELECT state FROM accord.stage('customer', 'ALTER TABLE customer ADD COLUMN street text; DROP TABLE address', up => 'street = upper(address.street)', down => 'address.street = street');
ROLLBACK;
BEGIN;
SELECT state FROM accord.stage('customer', 'ALTER TABLE customer ADD COLUMN street text; DROP TABLE address', up => 'street = address.street', down => 'address.street = street, address.city = street::integer');
ROLLBACK;

-- both ways, before, during and after the backfill
SELECT setval(pg_get_serial_sequence('accord_catalog.migration', 'id'), 1, false);
SELECT phase, statement FROM accord.plan('customer', :'ddl', up => :'up') WHERE statement ~ 'CREATE TRIGGER.*move|DROP TABLE' OR phase = 'announcement' ORDER BY step;
SELECT phase, note FROM accord.plan('customer', :'ddl', up => :'up') WHERE phase = 'announcement' ORDER BY step;
SELECT contract_relation, state FROM accord.stage('customer', :'ddl', up => :'up');
SELECT * FROM accord.drift();
CREATE VIEW both_sides AS SELECT c.id, c.name, c.street, c.city, a.street AS old_street, a.city AS old_city, a.note FROM customer_v2.customer c LEFT JOIN address a ON a.customer_id = c.id;
UPDATE address SET city = 'Bergen' WHERE customer_id = 1;
UPDATE customer_v2.customer SET city = 'Moss' WHERE id = 2;
DELETE FROM address WHERE customer_id = 3;
UPDATE customer_v1.customer SET name = 'touched' WHERE id = 4;
INSERT INTO address (customer_id, street) VALUES (6, '6 New St');
INSERT INTO customer_v2.customer VALUES (8, 'c8', '8 St', 'Voss');
INSERT INTO customer_v1.customer VALUES (9, 'c9');
SELECT * FROM both_sides ORDER BY 1;
SELECT id, _accord_1_pending AS pending FROM customer ORDER BY 1;
SELECT * FROM accord.verify('customer');
CALL accord.backfill('customer');
SELECT * FROM both_sides ORDER BY 1;
-- a new client
UPDATE customer_v2.customer SET street = 'x', city = 'Bodø' WHERE id IN (1, 7);
UPDATE customer_v2.customer SET street = NULL, city = NULL WHERE id = 2;
UPDATE customer_v2.customer SET name = 'full-row save', street = street, city = city WHERE id = 4;
INSERT INTO customer_v2.customer VALUES (8, 'again', 'again') ON CONFLICT (id) DO UPDATE SET street = excluded.street || ' and again';
UPDATE customer_v2.customer SET street = NULL WHERE id = 1;
-- an old one
INSERT INTO address (customer_id, street) VALUES (9, 'ninth');
UPDATE address SET note = 'only for the old' WHERE customer_id = 1;
UPDATE address SET customer_id = 3 WHERE customer_id = 6;
UPDATE customer_v1.customer SET id = 80 WHERE id = 8;
DELETE FROM customer_v1.customer WHERE id = 5;
SELECT * FROM both_sides ORDER BY 1;
BEGIN;
TRUNCATE address;
SELECT * FROM both_sides ORDER BY 1;
ROLLBACK;
SELECT * FROM accord.verify('customer');
SELECT * FROM accord.drift();
-- a row that was left to somebody else is taken over by whoever writes it, and by complete
SET accord.guard = off;
ALTER TABLE customer DISABLE TRIGGER "!accord_move_1_1", DISABLE TRIGGER "!accord_sync", DISABLE TRIGGER "!accord_move_1_1_fill";
SELECT kind, element, detail FROM accord.drift();
UPDATE customer SET _accord_1_street = 'ahead', _accord_1_city = 'Voss', _accord_1_pending = false WHERE id IN (1, 3, 80);
ALTER TABLE customer ENABLE ALWAYS TRIGGER "!accord_move_1_1", ENABLE ALWAYS TRIGGER "!accord_sync", ENABLE ALWAYS TRIGGER "!accord_move_1_1_fill";
ALTER TABLE address DISABLE TRIGGER "!accord_move_1_1_lock";
SELECT kind, element, detail FROM accord.drift();
SELECT accord.complete('customer');
ALTER TABLE address ENABLE ALWAYS TRIGGER "!accord_move_1_1_lock";
RESET accord.guard;
SELECT check_name, rows, pending, mismatched, verdict FROM accord.verify('customer') LIMIT 1;
UPDATE address SET city = 'newer' WHERE customer_id = 1;
UPDATE customer SET name = 'touched' WHERE id = 3;
SELECT * FROM both_sides WHERE id IN (1, 3, 80) ORDER BY 1;
-- nobody takes it apart
DROP TABLE address CASCADE;
DROP TRIGGER "!accord_move_1_1_fill" ON customer;
ALTER TABLE address RENAME COLUMN street TO road;

-- completed and rolled back, completed and purged
SELECT contract_relation, state FROM accord.complete('customer');
SELECT * FROM accord.drift();
INSERT INTO address (customer_id, street) VALUES (7, 'seventh') ON CONFLICT (customer_id) DO UPDATE SET street = 'seventh once more';
INSERT INTO customer VALUES (10, 'c10', '10 St');
SELECT * FROM both_sides ORDER BY 1;
BEGIN;
DROP VIEW both_sides;
SELECT contract_relation, state FROM accord.rollback('customer');
SELECT * FROM customer ORDER BY 1;
SELECT customer_id, street, city, note FROM address ORDER BY 1;
SELECT looks('customer') UNION ALL SELECT looks('address') EXCEPT SELECT line FROM before_all;
SELECT line FROM before_all EXCEPT (SELECT looks('customer') UNION ALL SELECT looks('address'));
SELECT * FROM accord.drift();
ROLLBACK;
DROP VIEW both_sides;
SELECT contract_relation, state FROM accord.purge('customer');
SELECT * FROM customer ORDER BY 1;
SELECT to_regclass('address'), count(*) FROM accord_catalog.migration_move;
SELECT tgname FROM pg_trigger WHERE tgrelid = 'customer'::regclass AND NOT tgisinternal;
SELECT * FROM accord.drift();
