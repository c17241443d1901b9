-- Moves with expressions, quoted names and composite keys; a link table in the place of a column; two tables at once.
CREATE EXTENSION pg_accord;
SET client_min_messages = warning;
CREATE SCHEMA "My Schema";
CREATE TABLE "My Schema"."Order" ("Key A" integer, "key""b" text, "Über" text, "select" numeric(6,2) DEFAULT 7, PRIMARY KEY ("Key A", "key""b"));
INSERT INTO "My Schema"."Order" VALUES (1, 'x', 'ä', 1.50), (2, 'it''s', NULL, 7.00), (3, 'z', 'z', 0);
SELECT accord.register_contract('"My Schema"."Order"');
SELECT contract_relation, state, view FROM accord.stage('"My Schema"."Order"', $$
    CREATE TABLE "My Schema"."Paid ""At""" ("O B" text, "O A" integer, "Cents" bigint NOT NULL, "Who" text, FOREIGN KEY ("O A", "O B") REFERENCES "My Schema"."Order" ON DELETE CASCADE ON UPDATE CASCADE, UNIQUE ("O A", "O B"));
    ALTER TABLE "My Schema"."Order" DROP COLUMN "select", DROP COLUMN "Über"
$$, up => $$ "Paid ""At"""."Cents" = "select" * 100, "Paid ""At"""."Who" = "Order"."Über" || '!' $$,
    down => $$ "select" = "Paid ""At"""."Cents" / 100.0, "Über" = rtrim("Paid ""At"""."Who", '!') $$);
CALL accord.backfill('"My Schema"."Order"');
SELECT * FROM "My Schema"."Paid ""At""" ORDER BY 1;
INSERT INTO "My Schema"."Order" VALUES (4, '$1', 'q', 4);
INSERT INTO "Order_v2"."Order" VALUES (5, 'n');
INSERT INTO "My Schema"."Paid ""At""" VALUES ('n', 5, 555, 'N!');
UPDATE "My Schema"."Paid ""At""" SET "Cents" = 160 WHERE "O A" = 1;
UPDATE "Order_v1"."Order" SET "key""b" = 'other' WHERE "Key A" = 1;
DELETE FROM "Order_v1"."Order" WHERE "Key A" = 3;
SELECT * FROM "Order_v1"."Order" ORDER BY 1;
SELECT * FROM "My Schema"."Paid ""At""" ORDER BY 1;
SELECT * FROM accord.verify('"My Schema"."Order"') LIMIT 1;
-- columns that hold their default have no row in the new table
UPDATE "Order_v1"."Order" SET "select" = 7, "Über" = NULL WHERE "Key A" = 4;
SELECT count(*) FROM "My Schema"."Paid ""At""" WHERE "O A" = 4;
SELECT contract_relation, state FROM accord.complete('"My Schema"."Order"');
UPDATE "Order_v1"."Order" SET "select" = 9 WHERE "Key A" = 4;
SELECT * FROM "My Schema"."Paid ""At""" WHERE "O A" = 4;
SELECT contract_relation, state FROM accord.rollback('"My Schema"."Order"');
SELECT * FROM "My Schema"."Order" ORDER BY 1;
SELECT accord.drop_contract('"My Schema"."Order"');
DROP SCHEMA "My Schema" CASCADE;

-- one to many becomes many to many
CREATE TABLE department (id integer PRIMARY KEY);
CREATE TABLE employee (id integer PRIMARY KEY, name text, department_id integer REFERENCES department);
INSERT INTO department SELECT generate_series(1, 5);
INSERT INTO employee VALUES (1, 'a', 1), (2, 'b', 2), (3, 'c', NULL);
SELECT accord.register_contract('employee');
SELECT contract_relation, state FROM accord.stage('employee', $$
    CREATE TABLE employee_department (employee_id integer REFERENCES employee ON DELETE CASCADE, department_id integer REFERENCES department, since date DEFAULT '2020-01-01', PRIMARY KEY (employee_id, department_id));
    ALTER TABLE employee DROP COLUMN department_id
$$, up => 'employee_department.department_id = department_id');
UPDATE employee SET department_id = 5 WHERE id = 2;
CALL accord.backfill('employee');
CREATE VIEW both_sides AS SELECT e.id, e.department_id, array_agg(d.department_id ORDER BY d.department_id) AS linked FROM employee_v1.employee e LEFT JOIN employee_department d ON d.employee_id = e.id GROUP BY 1, 2;
SELECT * FROM both_sides ORDER BY 1;
-- a new client: the old one keeps what it sees
INSERT INTO employee_department VALUES (1, 2), (1, 3), (3, 4), (3, 2);
SELECT * FROM both_sides ORDER BY 1;
-- an old client changes the one that it sees
UPDATE employee_v1.employee SET department_id = 5 WHERE id = 1;
SELECT * FROM both_sides ORDER BY 1;
UPDATE employee_v1.employee SET department_id = 3 WHERE id = 1;
SELECT * FROM both_sides ORDER BY 1;
UPDATE employee_v1.employee SET department_id = department_id, name = 'full-row save' WHERE id = 1;
-- the one that it sees goes, or becomes another
DELETE FROM employee_department WHERE (employee_id, department_id) IN ((1, 3), (3, 4));
SELECT * FROM both_sides ORDER BY 1;
UPDATE employee_department SET department_id = 1 WHERE employee_id = 1 AND department_id = 2;
SELECT * FROM both_sides ORDER BY 1;
UPDATE employee_department SET employee_id = 3 WHERE employee_id = 2;
SELECT * FROM both_sides ORDER BY 1;
UPDATE employee_v1.employee SET department_id = 9 WHERE id = 1;
INSERT INTO employee_v1.employee VALUES (4, 'd', 4);
INSERT INTO employee_v2.employee VALUES (5, 'e');
UPDATE employee_v1.employee SET department_id = NULL WHERE id = 3;
UPDATE employee_v1.employee SET id = 40 WHERE id = 4;
SELECT * FROM both_sides ORDER BY 1;
SELECT * FROM accord.verify('employee') LIMIT 1;
DELETE FROM employee_v1.employee WHERE id = 40;
SELECT contract_relation, state FROM accord.complete('employee');
INSERT INTO employee_department VALUES (5, 5);
SELECT * FROM both_sides ORDER BY 1;
TRUNCATE employee_department;
SELECT * FROM both_sides ORDER BY 1;
INSERT INTO employee_department VALUES (1, 2), (1, 3);
DROP VIEW both_sides;
SELECT contract_relation, state FROM accord.purge('employee');
SELECT * FROM employee ORDER BY 1;
SELECT * FROM employee_department ORDER BY 1, 2;

-- a moved column beside one with another type, two new tables, forced row security, and an owner who is nobody special
CREATE ROLE regress_owner;
GRANT CREATE ON SCHEMA public TO regress_owner;
GRANT CREATE ON DATABASE :"DBNAME" TO regress_owner;
SET ROLE regress_owner;
CREATE TABLE part (id bigint PRIMARY KEY, size integer, colour text, maker text, tenant text DEFAULT 'a');
INSERT INTO part VALUES (1, 10, 'red', 'Acme'), (2, 20, NULL, 'Best'), (3, NULL, 'blue', NULL);
ALTER TABLE part ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY own ON part USING (tenant = current_setting('app.tenant', true));
SELECT accord.register_contract('part');
SELECT contract_relation, state FROM accord.stage('part', $$
    CREATE TABLE paint (part_id bigint PRIMARY KEY REFERENCES part ON DELETE CASCADE, colour text NOT NULL);
    CREATE TABLE origin (part_id bigint PRIMARY KEY REFERENCES part ON DELETE CASCADE, maker text NOT NULL, label text);
    ALTER TABLE part DROP COLUMN colour, DROP COLUMN maker, ALTER COLUMN size TYPE numeric USING size / 10.0
$$, up => 'paint.colour = colour, origin.maker = maker, origin.label = maker || size', down => 'size = size * 10');
CALL accord.backfill('part');
SET app.tenant = 'a';
SELECT * FROM part_v1.part ORDER BY 1;
SELECT * FROM part_v2.part ORDER BY 1;
SELECT * FROM paint ORDER BY 1;
SELECT * FROM origin ORDER BY 1;
UPDATE part_v1.part SET size = 30, colour = 'green' WHERE id = 2;
SET app.tenant = 'b';
UPDATE origin SET maker = 'Unseen' WHERE part_id = 1;
SET app.tenant = 'a';
SELECT * FROM part_v1.part ORDER BY 1;
SELECT * FROM origin ORDER BY 1;
SELECT * FROM paint ORDER BY 1;
SELECT contract_relation, state FROM accord.complete('part');
UPDATE paint SET colour = 'pink' WHERE part_id = 1;
SELECT * FROM part_v1.part ORDER BY 1;
SELECT contract_relation, state FROM accord.purge('part');
SELECT * FROM part ORDER BY 1;
RESET ROLE;

-- A table that is known as empty when the first row comes is not read as a whole for each of those that follow.
CREATE TABLE wide (id integer PRIMARY KEY, a text);
INSERT INTO wide SELECT i, i FROM generate_series(1, 300) i;
SELECT FROM accord.register_contract('wide');
SELECT state FROM accord.stage('wide', $$
    CREATE TABLE narrow (id integer PRIMARY KEY REFERENCES wide, a text); ALTER TABLE wide DROP COLUMN a
$$, up => 'narrow.a = wide.a');
ANALYZE narrow;
SET client_min_messages = warning;
CALL accord.backfill('wide');
RESET client_min_messages;
SELECT pg_stat_force_next_flush();
SELECT seq_scan < 30 AS by_key FROM pg_stat_user_tables WHERE relname = 'narrow';

-- Clients of the old version delete rows and change keys whatever the new table's foreign key says: the guard has nothing against it.
SET client_min_messages = warning;
CREATE TABLE guest (id integer PRIMARY KEY, name text, room text);
CREATE TABLE stay (id integer PRIMARY KEY);
CREATE TABLE ward (id integer PRIMARY KEY, room text);
INSERT INTO guest SELECT i, 'g' || i, 'r' || i FROM generate_series(1, 6) i;
INSERT INTO stay VALUES (1);
CREATE ROLE regress_desk LOGIN;
GRANT SELECT, INSERT, UPDATE, DELETE ON guest, stay TO regress_desk;
GRANT TRUNCATE ON ward TO regress_desk;
SELECT accord.register_contract(t) FROM unnest('{guest,stay,ward}'::regclass[]) t;
SELECT accord.register_consumer('desk', role => 'regress_desk');
SELECT accord.subscribe(t, 'desk', version => '1') FROM unnest('{guest,stay,ward}'::regclass[]) t;
\set ddl 'CREATE TABLE bed (guest_id integer PRIMARY KEY REFERENCES guest, room text); ALTER TABLE guest DROP COLUMN room'
\set up 'bed.room = room'
-- not so of a key to another table, of a table to which nothing moves, and for who may empty the table
\set VERBOSITY terse
SELECT state FROM accord.stage('guest', 'CREATE TABLE bed (guest_id integer PRIMARY KEY REFERENCES guest, room text, stay_id integer REFERENCES stay); ALTER TABLE guest DROP COLUMN room', up => :'up');
SELECT state FROM accord.stage('guest', :'ddl' || '; CREATE TABLE bill (guest_id integer REFERENCES guest)', up => :'up');
SELECT state FROM accord.stage('ward', 'CREATE TABLE bed (ward_id integer PRIMARY KEY REFERENCES ward, room text); ALTER TABLE ward DROP COLUMN room', up => :'up');
\set VERBOSITY default
SELECT state FROM accord.stage('guest', :'ddl', up => :'up');
CALL accord.backfill('guest');
SET ROLE regress_desk;
UPDATE guest SET id = 10 WHERE id = 1;
DELETE FROM guest WHERE id = 2;
RESET ROLE;
SELECT FROM accord.switch_version('guest', 'desk', '2');
SELECT state FROM accord.complete('guest');
SET ROLE regress_desk;
UPDATE guest_v1.guest SET id = 30 WHERE id = 3;
DELETE FROM guest_v1.guest WHERE id = 4;
UPDATE guest SET id = 50 WHERE id = 5;
DELETE FROM guest WHERE id = 6;
SELECT * FROM guest_v1.guest ORDER BY 1;
RESET ROLE;
SELECT * FROM bed ORDER BY 1;
SELECT kind, element FROM accord.drift();
