-- Columns move out of a partitioned table: through the table and through single partitions, with rows that change partitions, and partitions that come and go.
\getenv root PG_ABS_SRCDIR
\set fixture :root '/test/fixtures/migration.sql'
CREATE EXTENSION pg_accord;
SET client_min_messages = warning;
\set ECHO none
\i :fixture
\set ECHO all
CREATE TABLE customer (id integer, region text, name text, street text, city varchar(20), PRIMARY KEY (id, region)) PARTITION BY LIST (region);
CREATE TABLE customer_north PARTITION OF customer FOR VALUES IN ('north');
CREATE TABLE customer_south (junk integer, city varchar(20), region text NOT NULL, street text, id integer NOT NULL, name text);
ALTER TABLE customer_south DROP COLUMN junk;
ALTER TABLE customer ATTACH PARTITION customer_south FOR VALUES IN ('south');
CREATE TABLE customer_rest PARTITION OF customer DEFAULT PARTITION BY HASH (id);
CREATE TABLE customer_rest_0 PARTITION OF customer_rest FOR VALUES WITH (MODULUS 2, REMAINDER 0);
CREATE TABLE customer_rest_1 PARTITION OF customer_rest FOR VALUES WITH (MODULUS 2, REMAINDER 1);
INSERT INTO customer SELECT g, (ARRAY['north', 'south', 'east', 'west'])[g % 4 + 1], 'c' || g, CASE WHEN g % 5 > 0 THEN g || ' Main St' END, CASE WHEN g % 5 > 0 THEN 'Oslo' END FROM generate_series(1, 12) g;
SELECT accord.register_contract('customer');
CREATE TABLE before_all AS SELECT relid::regclass AS relation, looks(relid) AS line FROM pg_partition_tree('customer');
\set ddl 'CREATE TABLE address (id integer, region text, street text NOT NULL, city varchar(20), note text DEFAULT ''-'', PRIMARY KEY (id, region), FOREIGN KEY (id, region) REFERENCES customer); ALTER TABLE customer DROP COLUMN street, DROP COLUMN city'
\set up 'address.street = customer.street, address.city = city'

-- refused: what stands in the way, and what to write instead
\set VERBOSITY default
\set SHOW_CONTEXT never
SELECT accord.stage('customer', 'CREATE TABLE address (id integer, region text, street text, PRIMARY KEY (id, region), FOREIGN KEY (id, region) REFERENCES customer) PARTITION BY HASH (id); ALTER TABLE customer DROP COLUMN street', up => 'address.street = street');
SELECT accord.stage('customer', 'CREATE TABLE address (id integer PRIMARY KEY, region text, street text, FOREIGN KEY (id, region) REFERENCES customer_north); ALTER TABLE customer DROP COLUMN street', up => 'address.street = street');
SELECT accord.stage('customer', 'CREATE TABLE address (id integer, region text, street text, place text, PRIMARY KEY (id, region), FOREIGN KEY (id, region) REFERENCES customer); ALTER TABLE customer DROP COLUMN region', up => 'address.place = region');
SELECT accord.stage('customer_north', 'CREATE TABLE address (id integer, region text, street text, PRIMARY KEY (id, region), FOREIGN KEY (id, region) REFERENCES customer_north); ALTER TABLE customer_north DROP COLUMN street', up => 'address.street = street');
SELECT count(*) FROM accord_catalog.migration;
SELECT setval(pg_get_serial_sequence('accord_catalog.migration', 'id'), 1, false);

SET client_min_messages = notice;
SELECT contract_relation, state FROM accord.stage('customer', :'ddl', up => :'up');
SET client_min_messages = warning;
SELECT tgrelid::regclass, tgname, tgenabled FROM pg_trigger WHERE tgname ~ '^!accord_move' ORDER BY 1, 2;
-- before the backfill: rows that are pending change and change partitions
UPDATE customer SET street = 'early' WHERE id = 1;
UPDATE customer_north SET street = 'early north' WHERE id = 4;
INSERT INTO address VALUES (2, 'east', 'by the new', 'Bergen');
UPDATE customer SET region = 'south' WHERE id IN (3, 7, 8);
DELETE FROM customer WHERE id = 12;
SET accord.allow_unused = on;
CREATE TABLE customer_attached (LIKE customer INCLUDING ALL);
INSERT INTO customer_attached (id, region, street) VALUES (70, 'attached', '70 St'), (71, 'attached', NULL);
ALTER TABLE customer ATTACH PARTITION customer_attached FOR VALUES IN ('attached');
RESET accord.allow_unused;
UPDATE customer SET region = 'north' WHERE id = 70;
SELECT id, region, street, city, _accord_1_pending AS pending FROM customer ORDER BY 1;
SELECT * FROM address ORDER BY 1;
CALL accord.backfill('customer', partition => 'customer_south');
SELECT tableoid::regclass, count(*) FILTER (WHERE _accord_1_pending) AS pending FROM customer GROUP BY 1 ORDER BY 1;
CALL accord.backfill('customer');
SELECT * FROM accord.verify('customer');
CREATE VIEW both_sides AS SELECT c.id, c.region, c.street, c.city, a.street AS new_street, a.city AS new_city, a.note FROM customer_v1.customer c LEFT JOIN address a USING (id, region);
SELECT * FROM both_sides ORDER BY 1;

-- an old client, through the table, through partitions, and through one that has partitions itself
UPDATE customer_v1.customer SET street = 'x', city = 'Bodø' WHERE id IN (1, 2, 3);
UPDATE customer_south SET city = 'Moss' WHERE id = 9;
UPDATE customer_rest SET street = NULL, city = NULL WHERE id = 6;
INSERT INTO customer_v1.customer VALUES (20, 'north', 'c20', '20 St'), (21, 'south', 'c21', '21 St'), (22, 'far', 'c22', '22 St'), (23, 'far', 'c23', NULL);
INSERT INTO customer_south (id, region, street) VALUES (24, 'south', '24 St');
INSERT INTO customer_v1.customer VALUES (20, 'north', 'c20', 'again') ON CONFLICT (id, region) DO UPDATE SET street = excluded.street || ' and again';
DELETE FROM customer_south WHERE id = 24;
-- a new one
INSERT INTO address VALUES (23, 'far', 'twenty-third');
UPDATE address SET city = upper(city), note = 'kept' WHERE id IN (1, 2, 3, 4);
DELETE FROM address WHERE id = 9;
UPDATE address SET id = 5, region = 'south' WHERE id = 22;
INSERT INTO address VALUES (1, 'north', 'nowhere');
SELECT * FROM both_sides ORDER BY 1;
SELECT check_name, rows, pending, mismatched, verdict FROM accord.verify('customer');

-- a row that changes its partition takes its row of the new table along, with all that it has and all that refers to it
CREATE TABLE visit (id integer, region text, at date, FOREIGN KEY (id, region) REFERENCES address ON DELETE CASCADE ON UPDATE CASCADE);
INSERT INTO visit VALUES (1, 'south', '2024-01-01'), (2, 'east', '2024-01-02'), (3, 'south', '2024-01-03'), (4, 'north', '2024-01-04');
CREATE TABLE log (line text);
CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN INSERT INTO log VALUES (concat_ws(' ', TG_TABLE_NAME, TG_OP, CASE WHEN TG_OP <> 'INSERT' THEN OLD END, CASE WHEN TG_OP <> 'DELETE' THEN NEW END)); RETURN NULL; END $$;
CREATE TRIGGER note AFTER INSERT OR UPDATE OR DELETE ON address FOR EACH ROW EXECUTE FUNCTION note();
UPDATE customer_v1.customer SET region = 'north' WHERE id IN (1, 2);
UPDATE customer_v2.customer SET region = 'west', name = 'renamed' WHERE id = 3;
UPDATE customer_v1.customer SET region = 'south', street = 'moved', id = 40 WHERE id = 4;
UPDATE customer_v1.customer SET region = 'south', street = NULL, city = NULL WHERE id = 20;
UPDATE customer_v1.customer SET region = 'north', street = 'new there' WHERE id = 9;
UPDATE customer_v1.customer SET region = 'south' WHERE id = 23;
SELECT * FROM log;
DROP TRIGGER note ON address;
SELECT tableoid::regclass, id, region FROM customer WHERE id IN (1, 2, 3, 40, 20, 9, 23) ORDER BY 2;
SELECT * FROM both_sides ORDER BY 1;
SELECT * FROM visit ORDER BY at;
SELECT check_name, rows, pending, mismatched, verdict FROM accord.verify('customer');
-- between the partitions of a partition; the key alone; where the whole of it is refused by the other table
UPDATE customer_rest SET id = 34 WHERE id = 3;
UPDATE customer_v1.customer SET id = 100 WHERE id = 1;
UPDATE customer_v1.customer SET region = 'south', street = NULL WHERE id = 2;
-- MERGE, several at once with triggers that write to the table themselves, one that keeps a row from arriving, one that fails half-way
MERGE INTO customer c USING (VALUES (2, 'east'), (50, 'north')) AS s(id, region) ON c.id = s.id WHEN MATCHED THEN UPDATE SET region = s.region WHEN NOT MATCHED THEN INSERT (id, region, street) VALUES (s.id, s.region, 'merged');
CREATE FUNCTION meddle() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.name = 'meddle' THEN
        UPDATE customer SET region = CASE region WHEN 'north' THEN 'south' ELSE 'north' END WHERE id = 100;
        INSERT INTO customer (id, region, street) VALUES (OLD.id + 1000, 'north', 'meddled');
        BEGIN
            UPDATE customer SET region = 'far' WHERE id = 50;
            RAISE EXCEPTION 'taken back';
        EXCEPTION WHEN raise_exception THEN NULL;
        END;
    END IF;
    RETURN NULL;
END $$;
SET accord.allow_unused = on;
CREATE TRIGGER "a meddler" AFTER DELETE ON customer FOR EACH ROW EXECUTE FUNCTION meddle();
UPDATE customer SET name = 'meddle' WHERE id IN (2, 34);
UPDATE customer SET region = 'north' WHERE id IN (2, 34);
DROP TRIGGER "a meddler" ON customer;
SELECT * FROM both_sides WHERE id IN (2, 34, 50, 100) OR id > 1000 ORDER BY 1;
CREATE FUNCTION swallow() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN CASE WHEN NEW.id <> 50 THEN NEW END; END $$;
CREATE TRIGGER swallow BEFORE INSERT ON customer FOR EACH ROW EXECUTE FUNCTION swallow();
BEGIN;
WITH one AS (UPDATE customer SET region = 'east' WHERE id = 50) UPDATE customer SET region = 'south' WHERE id IN (2, 34);
SELECT id, region FROM address WHERE id IN (2, 34, 50) ORDER BY 1;
ROLLBACK;
DROP TRIGGER swallow ON customer;
SELECT check_name, rows, pending, mismatched, verdict FROM accord.verify('customer');

-- partitions come and go
CREATE TABLE customer_new PARTITION OF customer FOR VALUES IN ('new');
INSERT INTO customer_v1.customer VALUES (60, 'new', 'c60', '60 St'), (61, 'new', 'c61', NULL);
UPDATE customer_new SET city = 'Voss' WHERE id = 60;
UPDATE address SET note = 'followed' WHERE id = 60;
SELECT * FROM both_sides WHERE id >= 60 AND id < 80 ORDER BY 1;
SELECT tgname, tgenabled FROM pg_trigger WHERE tgrelid = 'customer_attached'::regclass AND tgname ~ '^!accord_move' ORDER BY 1;
\set VERBOSITY sqlstate
ALTER TABLE customer DETACH PARTITION customer_new;
DROP TABLE customer_new;
\set VERBOSITY default
DROP TABLE customer_new CASCADE;
TRUNCATE customer_new;
DELETE FROM address WHERE region = 'new';
ALTER TABLE customer DETACH PARTITION customer_new;
DROP TABLE customer_new;
ALTER TABLE customer DETACH PARTITION customer_attached;
DROP TABLE customer_attached;
RESET accord.allow_unused;
SELECT * FROM accord.drift();
-- nobody takes it apart
DROP TRIGGER "!accord_move_1_1" ON customer_north;
ALTER TABLE customer_north DISABLE TRIGGER "!accord_move_1_1";
DROP TRIGGER "!accord_move_1_1" ON address;
DROP TABLE address CASCADE;
ALTER TABLE address DROP CONSTRAINT address_id_region_fkey;
SET accord.guard = off;
ALTER TABLE customer_north DISABLE TRIGGER "!accord_move_1_1";
RESET accord.guard;
SELECT kind, element FROM accord.drift();
SET accord.guard = off;
ALTER TABLE customer_north ENABLE ALWAYS TRIGGER "!accord_move_1_1";
RESET accord.guard;
BEGIN;
TRUNCATE address CASCADE;
SELECT count(*), count(street) FROM customer;
ROLLBACK;

-- completed, undone, completed, purged
SELECT contract_relation, state FROM accord.complete('customer');
SELECT * FROM accord.drift();
INSERT INTO customer_v1.customer VALUES (80, 'south', 'c80', '80 St');
UPDATE address SET city = 'Narvik' WHERE id = 80;
UPDATE customer SET region = 'north' WHERE id = 80;
SELECT * FROM both_sides WHERE id = 80;
SELECT * FROM customer WHERE id = 80;
BEGIN;
DROP VIEW both_sides;
DROP TABLE visit;
SELECT contract_relation, state FROM accord.rollback('customer');
SELECT tableoid::regclass, * FROM customer ORDER BY id LIMIT 4;
SELECT to_regclass('address');
SELECT relid::regclass, looks(relid) FROM pg_partition_tree('customer') EXCEPT SELECT relation, line FROM before_all;
SELECT relation, line FROM before_all EXCEPT SELECT relid::regclass, looks(relid) FROM pg_partition_tree('customer');
SELECT count(*) FROM pg_trigger WHERE tgname LIKE '!accord%';
SELECT contract_relation, state FROM accord.stage('customer', :'ddl', up => :'up');
CALL fill('customer');
SELECT check_name, rows, pending, mismatched, verdict FROM accord.verify('customer');
ROLLBACK;
DROP VIEW both_sides;
SELECT contract_relation, state FROM accord.purge('customer');
SELECT tableoid::regclass, * FROM customer ORDER BY id;
SELECT * FROM address ORDER BY 1;
SELECT count(*) FROM pg_trigger WHERE tgname LIKE '!accord%';
SELECT * FROM accord.drift();
