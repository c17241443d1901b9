-- Columns that move to a table of their own, kept in step with it while both versions live.
\getenv root PG_ABS_SRCDIR
\set fixture :root '/test/fixtures/migration.sql'
CREATE EXTENSION pg_accord;
SET client_min_messages = warning;
\set ECHO none
\i :fixture
\set ECHO all
CREATE TABLE customer (id integer PRIMARY KEY, name text, street text, city varchar(20), since date NOT NULL, points integer NOT NULL DEFAULT 0);
INSERT INTO customer SELECT g, 'c' || g, CASE WHEN g % 3 > 0 THEN g || ' Main St' END, CASE WHEN g % 3 > 0 THEN 'Oslo' END, '2020-01-01', g % 2 FROM generate_series(1, 6) g;
CREATE TABLE other (id integer PRIMARY KEY, customer integer);
CREATE TABLE log (line text);
CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN INSERT INTO log SELECT concat_ws(' ', TG_TABLE_NAME, TG_OP, NEW) WHERE current_setting('app.log', true) = 'on'; RETURN NULL; END $$;
CREATE TRIGGER note AFTER INSERT OR UPDATE ON customer FOR EACH ROW EXECUTE FUNCTION note();
SELECT accord.register_contract('customer');
CREATE TABLE before_all AS SELECT looks('customer') AS line;
\set ddl 'CREATE TABLE address (customer_id integer PRIMARY KEY REFERENCES customer, street text NOT NULL, city varchar(20), note text DEFAULT ''-''); ALTER TABLE customer DROP COLUMN street, DROP COLUMN city'
\set up 'address.street = street, address.city = customer.city'

-- refused: what stands in the way, and what to write instead
CREATE FUNCTION refused(new_table text, up text, down text DEFAULT NULL, more text DEFAULT '') RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    detail text; hint text;
BEGIN
    PERFORM accord.stage('customer', format('CREATE TABLE address (%s); ALTER TABLE customer DROP COLUMN street, DROP COLUMN city%s', new_table, more), up => up, down => down);
    RETURN 'staged';
EXCEPTION WHEN OTHERS THEN
    GET STACKED DIAGNOSTICS detail = PG_EXCEPTION_DETAIL, hint = PG_EXCEPTION_HINT;
    RETURN concat_ws(E'\n', SQLSTATE || ': ' || SQLERRM, detail, hint);
END $$;
\pset format unaligned
\pset tuples_only on
SELECT refused('customer_id integer PRIMARY KEY, street text, city varchar(20)', :'up');
SELECT refused('customer_id integer PRIMARY KEY REFERENCES customer, street text, city varchar(20), billed integer REFERENCES customer', :'up');
SELECT refused('customer_id integer PRIMARY KEY REFERENCES customer DEFERRABLE, street text, city varchar(20)', :'up');
SELECT refused('customer_id bigint PRIMARY KEY REFERENCES customer, street text, city varchar(20)', :'up');
SELECT refused('customer_id integer REFERENCES customer, street text, city varchar(20)', :'up');
SELECT refused('customer_id integer REFERENCES customer, street text, city varchar(20), PRIMARY KEY (customer_id, street)', 'address.street = street, address.city = upper(city)', 'city = address.city');
SELECT refused('customer_id integer PRIMARY KEY REFERENCES customer, street text, city varchar(20), country text NOT NULL', :'up');
SELECT refused('customer_id integer PRIMARY KEY REFERENCES customer, street text, city varchar(20)', 'address.street = street, address.town = city');
SELECT refused('customer_id integer PRIMARY KEY REFERENCES customer, street text, city varchar(20)', 'address.street = street, address.street = city');
SELECT refused('customer_id integer PRIMARY KEY REFERENCES customer, street text, city varchar(20)', 'address.street = upper(street)');
SELECT refused('customer_id integer PRIMARY KEY REFERENCES customer, street text, city varchar(20)', 'address.customer_id = id + 1, address.street = street');
SELECT refused('customer_id integer PRIMARY KEY REFERENCES customer, street text, city varchar(20)', 'address.street = name');
SELECT refused('customer_id integer PRIMARY KEY REFERENCES customer, street text, city varchar(20)', 'address.street = street', 'name = address.city');
SELECT refused('customer_id integer PRIMARY KEY REFERENCES customer, street text, city varchar(20)', NULL, 'street = address.street');
SELECT refused('customer_id integer PRIMARY KEY REFERENCES customer, street text, city varchar(20)', 'address.street = street', 'street = address.road');
SELECT refused('customer_id integer PRIMARY KEY REFERENCES customer, street text, city varchar(20)', 'address.street = street', 'street = address.street, city = address.street, street = address.city');
SELECT refused('customer_id integer PRIMARY KEY REFERENCES customer, street text, city varchar(20)', 'address.street = street || random()', 'street = address.street');
SELECT refused('customer_id integer PRIMARY KEY REFERENCES customer, street integer, city varchar(20)', 'address.street = street');
SELECT refused('customer_id integer PRIMARY KEY REFERENCES customer, street text, city varchar(20), since date', :'up' || ', address.since = since', NULL, ', DROP COLUMN since');
SELECT refused('customer_id integer PRIMARY KEY REFERENCES customer, street text, city varchar(20)', :'up', NULL, '; ALTER TABLE customer ALTER COLUMN id TYPE bigint');
SELECT refused('customer_id integer, street text, city varchar(20)) PARTITION BY HASH (customer_id', :'up');
SELECT refused('customer_id integer PRIMARY KEY REFERENCES customer, street text, city varchar(20)', 'addres.street = street');
SELECT refused('customer_id integer PRIMARY KEY REFERENCES customer, street text GENERATED ALWAYS AS (''x'') STORED, city varchar(20)', 'address.street = street');
-- what sampled rows say: a value that the new table does not take, one that does not come back, and a way back that fails
SELECT refused('customer_id integer PRIMARY KEY REFERENCES customer, street integer, city varchar(20)', 'address.street = street::integer', 'street = address.street::text');
SELECT refused('customer_id integer PRIMARY KEY REFERENCES customer, street text NOT NULL, city varchar(20)', 'address.street = nullif(street, ''1 Main St''), address.city = city', 'street = address.street');
BEGIN;
SELECT refused('customer_id integer PRIMARY KEY REFERENCES customer, street text, city varchar(20)', 'address.street = upper(street), address.city = city', 'street = address.street');
ROLLBACK;
BEGIN;
SELECT refused('customer_id integer PRIMARY KEY REFERENCES customer, street text, city varchar(20)', 'address.street = street, address.city = city', 'street = address.street::integer::text');
ROLLBACK;
CREATE ROLE regress_other_owner;
SELECT refused('customer_id integer PRIMARY KEY REFERENCES customer, street text, city varchar(20)); ALTER TABLE address OWNER TO regress_other_owner; ALTER TABLE customer RENAME name TO name2; CREATE TABLE nothing (id integer', :'up');
\pset tuples_only off
\pset format aligned
SELECT to_regclass('address'), count(*) FROM accord_catalog.migration;

SELECT setval(pg_get_serial_sequence('accord_catalog.migration', 'id'), 1, false);

-- both ways, before, during and after the backfill
SELECT phase, statement FROM accord.plan('customer', :'ddl', up => :'up') WHERE statement LIKE '%TRIGGER%move%' ORDER BY step;
SELECT contract_relation, state FROM accord.stage('customer', :'ddl', up => :'up');
UPDATE customer SET street = 'early' WHERE id = 1;
INSERT INTO address VALUES (2, 'by the new', 'Bergen');
DELETE FROM customer WHERE id = 5;
SELECT * FROM address ORDER BY 1;
SELECT id, street, city, _accord_1_pending AS pending FROM customer ORDER BY 1;
SELECT * FROM accord.verify('customer');
CALL accord.backfill('customer');
CREATE VIEW both_sides AS SELECT c.id, c.street, c.city, a.street AS new_street, a.city AS new_city, a.note FROM customer_v1.customer c LEFT JOIN address a ON a.customer_id = c.id;
SELECT * FROM both_sides ORDER BY 1;
-- an old client
UPDATE customer_v1.customer SET street = 'x', city = 'Bodø' WHERE id IN (3, 4);
UPDATE customer_v1.customer SET street = NULL, city = NULL WHERE id = 2;
UPDATE customer_v1.customer SET name = 'named', street = street, city = city WHERE id = 1;
INSERT INTO customer_v1.customer (id, street, since) VALUES (7, 'seventh', '2021-01-01'), (8, NULL, '2021-01-01');
INSERT INTO customer_v1.customer (id, street, since) VALUES (7, 'again', '2021-01-01') ON CONFLICT (id) DO UPDATE SET street = excluded.street || ' and again';
SELECT * FROM both_sides ORDER BY 1;
-- what the new table cannot hold
UPDATE customer SET street = NULL WHERE id = 4;
-- a new client
INSERT INTO customer_v2.customer (id, name, since) VALUES (9, 'nine', '2022-01-01');
INSERT INTO address (customer_id, street) VALUES (9, 'ninth'), (8, 'eighth');
INSERT INTO address (customer_id, street) VALUES (9, 'once more') ON CONFLICT (customer_id) DO UPDATE SET note = 'conflict', city = 'Moss';
UPDATE address SET note = 'only for the new' WHERE customer_id = 1;
UPDATE address SET city = upper(city) WHERE customer_id = 4;
DELETE FROM address WHERE customer_id = 3;
UPDATE address SET customer_id = 2 WHERE customer_id = 8;
INSERT INTO address (customer_id, street) VALUES (99, 'nowhere');
INSERT INTO address (customer_id, street, city) VALUES (3, 'a', 'far too long for that column');
SELECT * FROM both_sides ORDER BY 1;
-- the key
UPDATE customer_v1.customer SET id = 70 WHERE id = 7;
DELETE FROM customer_v1.customer WHERE id = 9;
SELECT * FROM both_sides ORDER BY 1;
SELECT * FROM accord.verify('customer');
BEGIN;
TRUNCATE address;
SELECT * FROM both_sides ORDER BY 1;
ROLLBACK;
-- user triggers of either table see what comes from the other, under the search_path of the client
CREATE TRIGGER note AFTER INSERT OR UPDATE ON address FOR EACH ROW EXECUTE FUNCTION note();
SET app.log = on;
UPDATE customer SET street = 'from the old' WHERE id = 1;
UPDATE address SET street = 'from the new' WHERE customer_id = 1;
SELECT * FROM log;
RESET app.log;
DROP TRIGGER note ON address;
-- a trigger that writes to the other table itself is a client like any other
CREATE FUNCTION answer() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF NEW.street = 'ask' THEN UPDATE customer_v1.customer SET street = 'answered' WHERE id = NEW.customer_id; END IF; RETURN NULL; END $$;
CREATE TRIGGER answer AFTER INSERT OR UPDATE ON address FOR EACH ROW EXECUTE FUNCTION answer();
UPDATE address SET street = 'ask' WHERE customer_id = 1;
UPDATE customer SET street = 'ask' WHERE id = 4;
SELECT * FROM both_sides WHERE id IN (1, 4) ORDER BY 1;
DROP TRIGGER answer ON address;
-- a pending row is filled by whoever writes it
ALTER TABLE customer DISABLE TRIGGER "!accord_move_1_1";
SET accord.guard = off;
ALTER TABLE customer DISABLE TRIGGER "!accord_move_1_1", DISABLE TRIGGER "!accord_sync";
SELECT kind, element, detail FROM accord.drift();
UPDATE customer SET street = 'behind', city = 'Voss', _accord_1_pending = true WHERE id IN (1, 2, 4, 70);
UPDATE customer SET street = NULL, city = NULL WHERE id = 70;
ALTER TABLE customer ENABLE ALWAYS TRIGGER "!accord_move_1_1", ENABLE ALWAYS TRIGGER "!accord_sync";
RESET accord.guard;
SELECT check_name, rows, pending, mismatched, verdict FROM accord.verify('customer') LIMIT 1;
UPDATE address SET street = 'newer' WHERE customer_id = 1;
UPDATE address SET note = 'touched' WHERE customer_id IN (2, 70);
UPDATE customer SET name = 'touched' WHERE id = 4;
SELECT *, (SELECT _accord_1_pending FROM customer c WHERE c.id = both_sides.id) AS pending FROM both_sides WHERE id IN (1, 2, 4, 70) ORDER BY 1;
-- nobody takes it apart
DROP TABLE address CASCADE;
DROP TRIGGER "!accord_move_1_1_lock" ON address;
ALTER TABLE address RENAME TO addresses;
ALTER TABLE address RENAME COLUMN street TO road;
ALTER TABLE address ALTER COLUMN city TYPE text;
ALTER TABLE address DROP COLUMN city;
ALTER TABLE address DISABLE TRIGGER ALL;
ALTER TABLE address ADD COLUMN extra integer;
SELECT accord.register_contract('address');

-- completed, undone, completed, purged
SELECT contract_relation, state FROM accord.complete('customer');
SELECT * FROM accord.drift();
INSERT INTO customer_v1.customer (id, street, since) VALUES (10, 'tenth', '2023-01-01');
UPDATE address SET city = 'Narvik' WHERE customer_id = 10;
SELECT * FROM both_sides ORDER BY 1;
SELECT * FROM customer WHERE id = 10;
BEGIN;
DROP VIEW both_sides;
SELECT accord.drop_contract('address');
SELECT contract_relation, state FROM accord.rollback('customer');
SELECT * FROM customer ORDER BY 1;
SELECT to_regclass('address');
SELECT looks('customer') EXCEPT SELECT line FROM before_all;
SELECT line FROM before_all EXCEPT SELECT looks('customer');
SELECT count(*) FROM accord_catalog.migration_move;
ROLLBACK;
DROP VIEW both_sides;
SELECT contract_relation, state FROM accord.purge('customer');
SELECT * FROM customer ORDER BY 1;
SELECT * FROM address ORDER BY 1;
SELECT count(*) FROM accord_catalog.migration_move;
SELECT tgname FROM pg_trigger WHERE tgrelid IN ('customer'::regclass, 'address'::regclass) AND NOT tgisinternal;
UPDATE address SET street = 'free' WHERE customer_id = 1;
DROP TABLE address;
