-- Columns of another table come into a partitioned one; columns of a partitioned one move to a table that is there, and to a link.
\getenv root PG_ABS_SRCDIR
\set fixture :root '/test/fixtures/migration.sql'
CREATE EXTENSION pg_accord;
SET client_min_messages = warning;
\set SHOW_CONTEXT never
\set ECHO none
\i :fixture
\set ECHO all
CREATE TABLE customer (id integer, region text, name text, PRIMARY KEY (region, id)) PARTITION BY LIST (region);
CREATE TABLE customer_north PARTITION OF customer FOR VALUES IN ('north');
CREATE TABLE customer_rest (junk integer, name text, region text NOT NULL, id integer NOT NULL) PARTITION BY LIST (region);
ALTER TABLE customer_rest DROP COLUMN junk;
ALTER TABLE customer ATTACH PARTITION customer_rest DEFAULT;
CREATE TABLE customer_south (name text, id integer NOT NULL, region text NOT NULL);
ALTER TABLE customer_rest ATTACH PARTITION customer_south FOR VALUES IN ('south');
CREATE TABLE customer_far PARTITION OF customer_rest DEFAULT;
CREATE TABLE address (customer_id integer, customer_region text, street text NOT NULL, city varchar(20), note text, PRIMARY KEY (customer_id, customer_region), FOREIGN KEY (customer_id, customer_region) REFERENCES customer (id, region));
INSERT INTO customer SELECT g, (ARRAY['north', 'south', 'east'])[g % 3 + 1], 'c' || g FROM generate_series(1, 9) g;
INSERT INTO address SELECT id, region, id || ' Main St', 'Oslo', 'n' || id FROM customer WHERE id < 8;
SELECT accord.register_contract('customer');
CREATE TABLE before_all AS SELECT relid::regclass AS relation, looks(relid) AS line FROM pg_partition_tree('customer') UNION ALL SELECT 'address', looks('address');
\set ddl 'ALTER TABLE customer ADD COLUMN street text, ADD COLUMN city varchar(20); DROP TABLE address'
\set up 'street = address.street, city = address.city'

SET client_min_messages = notice;
SELECT contract_relation, state FROM accord.stage('customer', :'ddl', up => :'up');
SET client_min_messages = warning;
SELECT tgrelid::regclass, tgname, tgenabled FROM pg_trigger WHERE tgname ~ '^!accord_move' ORDER BY 1, 2;
CREATE VIEW both_sides AS SELECT c.id, c.region, c.name, c.street, c.city, a.street AS old_street, a.city AS old_city, a.note FROM customer_v2.customer c LEFT JOIN address a ON (a.customer_id, a.customer_region) = (c.id, c.region);
-- before the backfill: rows that are not filled change, and change partitions
UPDATE address SET city = 'Bergen' WHERE customer_id = 1;
UPDATE customer_v2.customer SET city = 'Moss' WHERE id = 2;
DELETE FROM address WHERE customer_id = 3;
UPDATE customer_v1.customer SET region = 'north' WHERE id = 4;
UPDATE customer_v2.customer SET region = 'south', city = 'Bodø' WHERE id = 5;
UPDATE customer_rest SET region = 'south' WHERE id = 8;
INSERT INTO customer_v2.customer VALUES (10, 'south', 'c10', '10 St', 'Voss');
INSERT INTO customer_v1.customer VALUES (11, 'north', 'c11');
SELECT * FROM both_sides ORDER BY 1;
SELECT tableoid::regclass, id, _accord_1_pending AS pending FROM customer ORDER BY 2;
SELECT check_name, rows, pending, mismatched, verdict FROM accord.verify('customer');
CALL accord.backfill('customer');
SELECT * FROM accord.verify('customer');
-- a new client, an old one, rows that change partitions for either
UPDATE customer_v2.customer SET street = 'x' WHERE id IN (1, 8);
UPDATE customer_v2.customer SET street = NULL, city = NULL WHERE id = 2;
UPDATE customer_v2.customer SET region = 'north', city = 'Narvik' WHERE id IN (1, 10);
INSERT INTO address VALUES (11, 'north', 'eleventh');
UPDATE address SET note = 'only for the old' WHERE customer_id IN (1, 5);
UPDATE address SET customer_id = 2, customer_region = 'east' WHERE customer_id = 6;
UPDATE customer_v1.customer SET region = 'west' WHERE id IN (1, 5, 11);
UPDATE customer_v1.customer SET region = 'south', name = 'both at once' WHERE id IN (5, 11);
DELETE FROM customer_v1.customer WHERE id = 7;
CREATE TABLE customer_west PARTITION OF customer_rest FOR VALUES IN ('west far');
INSERT INTO customer_v2.customer VALUES (12, 'west far', 'c12', '12 St', NULL);
SELECT tableoid::regclass, id FROM customer ORDER BY 2;
SELECT * FROM both_sides ORDER BY 1;
SELECT check_name, rows, pending, mismatched, verdict FROM accord.verify('customer');
BEGIN;
TRUNCATE address;
SELECT count(*), count(street) FROM customer_v2.customer;
ROLLBACK;
SELECT * FROM accord.drift();

-- completed and rolled back, completed and purged
SELECT contract_relation, state FROM accord.complete('customer');
SELECT * FROM accord.drift();
INSERT INTO address VALUES (9, 'north', 'ninth') ON CONFLICT (customer_id, customer_region) DO UPDATE SET street = 'ninth once more';
UPDATE customer SET region = 'south', city = 'Hamar' WHERE id = 9;
SELECT * FROM both_sides WHERE id = 9;
DROP VIEW both_sides;
BEGIN;
SELECT contract_relation, state FROM accord.rollback('customer');
SELECT tableoid::regclass, * FROM customer ORDER BY id;
SELECT * FROM address ORDER BY 1;
SELECT * FROM (SELECT relid::regclass, looks(relid) FROM pg_partition_tree('customer') UNION ALL SELECT 'address', looks('address')) now(relation, line) WHERE concat(relation, line) !~ 'customer_west' EXCEPT SELECT relation, line FROM before_all;
SELECT relation, line FROM before_all EXCEPT (SELECT relid::regclass, looks(relid) FROM pg_partition_tree('customer') UNION ALL SELECT 'address', looks('address'));
ROLLBACK;
SELECT contract_relation, state FROM accord.purge('customer');
SELECT tableoid::regclass, * FROM customer ORDER BY id;
SELECT to_regclass('address'), count(*) FROM pg_trigger WHERE tgname LIKE '!accord%';

-- to a table that is there: it keeps its rows, also those of rows that change partitions
CREATE TABLE extra (region text, id integer, remark text DEFAULT '-', street text, city varchar(20), PRIMARY KEY (region, id), FOREIGN KEY (region, id) REFERENCES customer ON DELETE CASCADE ON UPDATE CASCADE);
INSERT INTO extra (region, id, remark) VALUES ('south', 9, 'first'), ('south', 5, 'second'), ('north', 4, 'third');
SELECT contract_relation, state FROM accord.stage('customer', 'ALTER TABLE customer DROP COLUMN street, DROP COLUMN city', up => 'extra.street = street, extra.city = city');
INSERT INTO extra (region, id, remark) VALUES ('east', 2, 'fourth');
UPDATE customer_v2.customer SET region = 'north' WHERE id = 5;
CALL accord.backfill('customer');
UPDATE customer_v3.customer SET region = 'south' WHERE id IN (2, 4, 5);
UPDATE customer_v2.customer SET region = 'north', street = NULL, city = NULL WHERE id = 9;
DELETE FROM customer WHERE id = 12;
SELECT v.id, v.region, v.street, v.city, e.* FROM customer_v2.customer v LEFT JOIN extra e USING (region, id) ORDER BY 1;
SELECT check_name, rows, pending, mismatched, verdict FROM accord.verify('customer');
SELECT contract_relation, state FROM accord.rollback('customer');
SELECT * FROM extra ORDER BY id;

-- a link
CREATE TABLE department (id integer PRIMARY KEY);
INSERT INTO department SELECT generate_series(1, 5);
CREATE TABLE employee (id integer, site integer, department_id integer REFERENCES department, PRIMARY KEY (id, site)) PARTITION BY HASH (site);
CREATE TABLE employee_0 PARTITION OF employee FOR VALUES WITH (MODULUS 2, REMAINDER 0);
CREATE TABLE employee_1 PARTITION OF employee FOR VALUES WITH (MODULUS 2, REMAINDER 1);
INSERT INTO employee VALUES (1, 1, 1), (2, 2, 2), (3, 3, NULL);
SELECT accord.register_contract('employee');
SELECT contract_relation, state FROM accord.stage('employee', 'CREATE TABLE works_in (id integer, site integer, department_id integer REFERENCES department ON DELETE CASCADE, since date DEFAULT ''2020-01-01'', PRIMARY KEY (id, site, department_id), FOREIGN KEY (id, site) REFERENCES employee ON DELETE CASCADE); ALTER TABLE employee DROP COLUMN department_id', up => 'works_in.department_id = department_id');
CALL accord.backfill('employee');
INSERT INTO works_in VALUES (1, 1, 3, '2021-01-01'), (1, 1, 4, '2022-01-01'), (3, 3, 5, '2023-01-01');
UPDATE employee_v1.employee SET site = site + 10 WHERE id IN (1, 3);
UPDATE employee_v1.employee SET site = site + 1, department_id = 4 WHERE id = 2;
UPDATE employee_v2.employee SET site = site + 2 WHERE id = 2;
SELECT tableoid::regclass, id, site, department_id FROM employee ORDER BY id;
SELECT * FROM works_in ORDER BY 1, 3;
SELECT check_name, rows, pending, mismatched, verdict FROM accord.verify('employee');
SELECT contract_relation, state FROM accord.complete('employee');
SELECT contract_relation, state FROM accord.purge('employee');
SELECT * FROM accord.drift();
