-- A link becomes a column; rows that would be lost; expressions, quoted names and composite keys; two tables that go at once.
CREATE EXTENSION pg_accord;
SET client_min_messages = warning;

-- many to many becomes one to many
CREATE TABLE department (id integer PRIMARY KEY);
CREATE TABLE employee (id integer PRIMARY KEY, name text);
CREATE TABLE employee_department (employee_id integer REFERENCES employee ON DELETE CASCADE, department_id integer REFERENCES department ON DELETE CASCADE, since date DEFAULT '2020-01-01', PRIMARY KEY (employee_id, department_id));
INSERT INTO department SELECT generate_series(1, 9);
INSERT INTO employee SELECT g, 'e' || g FROM generate_series(1, 5) g;
INSERT INTO employee_department VALUES (1, 1), (1, 2), (1, 3), (2, 4), (3, 5), (3, 7), (4, 9), (4, 8);
SELECT accord.register_contract('employee');
SET client_min_messages = notice;
SELECT contract_relation, state FROM accord.stage('employee', 'ALTER TABLE employee ADD COLUMN department_id integer REFERENCES department ON DELETE SET NULL; DROP TABLE employee_department', up => 'department_id = employee_department.department_id');
SET client_min_messages = warning;
SELECT * FROM accord.drift();
CREATE VIEW both_sides AS SELECT e.id, e.department_id, array_agg(d.department_id ORDER BY d.department_id) AS linked FROM employee_v2.employee e LEFT JOIN employee_department d ON d.employee_id = e.id GROUP BY 1, 2;
-- rows that are not filled: the one that is shown is replaced, or is among them already
UPDATE employee_v2.employee SET department_id = 6 WHERE id = 1;
UPDATE employee_v2.employee SET department_id = 7 WHERE id = 3;
INSERT INTO employee_department VALUES (4, 1);
SELECT * FROM both_sides ORDER BY 1;
CALL accord.backfill('employee');
SELECT * FROM both_sides ORDER BY 1;
-- a new client changes the one that it sees, an old one any
UPDATE employee_v2.employee SET department_id = 3 WHERE id = 1;
UPDATE employee_v2.employee SET department_id = NULL WHERE id = 3;
INSERT INTO employee_v2.employee VALUES (6, 'e6', 6);
DELETE FROM employee_department WHERE employee_id = 2;
INSERT INTO employee_department VALUES (5, 5), (5, 4), (3, 1);
UPDATE employee_department SET department_id = 2 WHERE (employee_id, department_id) = (4, 1);
SELECT * FROM both_sides ORDER BY 1;
-- what it shows goes with what both refer to: the next one is seen
DELETE FROM department WHERE id IN (2, 6);
SELECT * FROM both_sides ORDER BY 1;
SELECT * FROM accord.verify('employee');
SET client_min_messages = notice;
SELECT contract_relation, state FROM accord.complete('employee');
SET client_min_messages = warning;
SELECT * FROM accord.drift();
DROP VIEW both_sides;
SELECT contract_relation, state FROM accord.purge('employee');
SELECT state FROM accord.migrations;
BEGIN;
DELETE FROM employee_department WHERE (employee_id, department_id) IN ((4, 9), (5, 4));
SELECT contract_relation, state FROM accord.purge('employee');
ROLLBACK;
SELECT contract_relation, state FROM accord.purge('employee', force => true);
SELECT detail FROM accord_catalog.audit_log WHERE action = 'purge';
SELECT * FROM employee ORDER BY 1;
SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint WHERE conrelid = 'employee'::regclass AND contype = 'f';
SELECT accord.drop_contract('employee');
DROP TABLE employee CASCADE;

-- the same where the column leaves: a link that is left is seen when the one before it goes
CREATE TABLE employee (id integer PRIMARY KEY, department_id integer REFERENCES department ON DELETE SET NULL);
INSERT INTO employee VALUES (1, 1), (2, 3);
SELECT accord.register_contract('employee');
SELECT contract_relation, state FROM accord.stage('employee', 'CREATE TABLE employee_department (employee_id integer REFERENCES employee ON DELETE CASCADE, department_id integer REFERENCES department ON DELETE CASCADE, PRIMARY KEY (employee_id, department_id)); ALTER TABLE employee DROP COLUMN department_id', up => 'employee_department.department_id = department_id');
CALL accord.backfill('employee');
INSERT INTO employee_department VALUES (1, 3), (1, 4);
DELETE FROM department WHERE id = 1;
SELECT * FROM employee_v1.employee ORDER BY 1;
SELECT * FROM employee_department ORDER BY 1, 2;
SELECT accord.rollback('employee');
SELECT accord.drop_contract('employee');
DROP TABLE employee;

-- rows that belong to nobody would be lost too
CREATE TABLE sheet (id integer PRIMARY KEY);
CREATE TABLE tone (sheet_id integer UNIQUE REFERENCES sheet, colour text);
INSERT INTO sheet VALUES (1);
INSERT INTO tone VALUES (1, 'red'), (NULL, 'blue');
SELECT accord.register_contract('sheet');
SELECT state FROM accord.stage('sheet', 'ALTER TABLE sheet ADD COLUMN colour text; DROP TABLE tone', up => 'colour = tone.colour');
CALL accord.backfill('sheet');
SELECT * FROM accord.verify('sheet');
SELECT state FROM accord.complete('sheet');
SELECT state FROM accord.purge('sheet');
DELETE FROM tone WHERE sheet_id IS NULL;
SELECT state FROM accord.purge('sheet');
SELECT * FROM sheet;

-- expressions, defaults, quoted names, a composite key
CREATE SCHEMA "My Schema";
CREATE TABLE "My Schema"."Order" ("Key A" integer, "key""b" text, PRIMARY KEY ("Key A", "key""b"));
CREATE TABLE "My Schema"."Paid ""At""" ("O B" text, "O A" integer, "Cents" bigint NOT NULL, "Who" text, FOREIGN KEY ("O A", "O B") REFERENCES "My Schema"."Order" ON DELETE CASCADE ON UPDATE CASCADE, UNIQUE ("O A", "O B"));
INSERT INTO "My Schema"."Order" VALUES (1, 'x'), (2, 'it''s'), (3, 'z');
INSERT INTO "My Schema"."Paid ""At""" VALUES ('x', 1, 150, 'a!'), ('it''s', 2, 700, NULL);
SELECT accord.register_contract('"My Schema"."Order"');
SELECT contract_relation, state, view FROM accord.stage('"My Schema"."Order"', $$
    ALTER TABLE "My Schema"."Order" ADD COLUMN "select" numeric(6,2) NOT NULL DEFAULT 7, ADD COLUMN "Über" text, ADD COLUMN plain integer DEFAULT 3;
    DROP TABLE "My Schema"."Paid ""At"""
$$, up => $$ "select" = "Paid ""At"""."Cents" / 100.0, "Order"."Über" = rtrim("Paid ""At"""."Who", '!') $$,
    down => $$ "Paid ""At"""."Cents" = "select" * 100, "Paid ""At"""."Who" = "Order"."Über" || '!' $$);
UPDATE "Order_v2"."Order" SET "key""b" = 'other' WHERE "Key A" = 1;
CALL accord.backfill('"My Schema"."Order"');
SELECT * FROM "Order_v2"."Order" ORDER BY 1;
INSERT INTO "Order_v2"."Order" VALUES (4, '$1', 4, 'q');
INSERT INTO "Order_v1"."Order" VALUES (5, 'n');
INSERT INTO "My Schema"."Paid ""At""" VALUES ('n', 5, 555, 'N!');
UPDATE "My Schema"."Paid ""At""" SET "Cents" = 160 WHERE "O A" = 1;
UPDATE "Order_v2"."Order" SET "select" = 7, "Über" = NULL WHERE "Key A" = 2;
SELECT * FROM "Order_v2"."Order" ORDER BY 1;
SELECT * FROM "My Schema"."Paid ""At""" ORDER BY "O A";
SELECT check_name, mismatched, verdict FROM accord.verify('"My Schema"."Order"');
SELECT contract_relation, state FROM accord.complete('"My Schema"."Order"');
UPDATE "My Schema"."Order" SET "select" = 9 WHERE "Key A" = 4;
SELECT contract_relation, state FROM accord.rollback('"My Schema"."Order"');
SELECT * FROM "My Schema"."Order" ORDER BY 1;
SELECT * FROM "My Schema"."Paid ""At""" ORDER BY "O A";
SELECT * FROM accord.drift();

-- two tables that go, one with a contract of its own and a subscriber, beside a column of another type; forced row security, and an owner who is nobody special
CREATE ROLE regress_owner;
CREATE ROLE regress_reader;
GRANT CREATE ON SCHEMA public TO regress_owner;
GRANT CREATE ON DATABASE :"DBNAME" TO regress_owner;
SET ROLE regress_owner;
CREATE TABLE part (id bigint PRIMARY KEY, size integer, tenant text DEFAULT 'a');
CREATE TABLE paint (part_id bigint PRIMARY KEY REFERENCES part ON DELETE CASCADE, colour text);
CREATE TABLE origin (part_id bigint PRIMARY KEY REFERENCES part ON DELETE CASCADE, maker text NOT NULL, label text);
INSERT INTO part VALUES (1, 10), (2, 20), (3, NULL);
INSERT INTO paint VALUES (1, 'red'), (3, 'blue');
INSERT INTO origin VALUES (1, 'Acme', 'A'), (2, 'Best', 'B');
ALTER TABLE part ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY own ON part USING (tenant = current_setting('app.tenant', true));
ALTER TABLE paint ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
SELECT accord.register_contract('part'), accord.register_contract('paint');
RESET ROLE;
SELECT accord.register_consumer('reader', role => 'regress_reader', team => 't');
GRANT SELECT ON paint TO regress_reader;
SELECT accord.subscribe('paint', 'reader', version => '1');
SET ROLE regress_owner;
SELECT contract_relation, state FROM accord.stage('part', $$
    ALTER TABLE part ADD COLUMN colour text, ADD COLUMN maker text, ADD COLUMN label text, ALTER COLUMN size TYPE numeric USING size / 10.0;
    DROP TABLE paint, origin
$$, up => 'colour = paint.colour, maker = origin.maker, label = origin.label', down => 'size = size * 10');
-- what one of them writes into a row that is not filled does not hide the other
SET app.tenant = 'a';
UPDATE origin SET maker = 'Unseen' WHERE part_id = 1;
SELECT * FROM part_v2.part ORDER BY 1;
CALL accord.backfill('part');
SELECT * FROM part_v2.part ORDER BY 1;
UPDATE part_v2.part SET colour = 'green', size = 3 WHERE id = 2;
UPDATE part_v2.part SET maker = NULL, label = NULL WHERE id = 1;
SELECT * FROM part_v1.part ORDER BY 1;
SELECT * FROM origin ORDER BY 1;
RESET ROLE;
SELECT * FROM paint ORDER BY 1;
SET ROLE regress_owner;
SELECT contract_relation, state FROM accord.complete('part');
RESET ROLE;
SELECT accord.unsubscribe('paint', 'reader', version => '1');
SET ROLE regress_owner;
SELECT contract_relation, state FROM accord.complete('part');
SELECT contract_relation, state FROM accord.purge('part');
SELECT * FROM part ORDER BY 1;
SELECT to_regclass('paint'), to_regclass('origin');
SELECT * FROM accord.drift();
RESET ROLE;

-- two tables that come: what a client writes into one of them does not hide the other
CREATE TABLE piece (id integer PRIMARY KEY, colour text, maker text);
INSERT INTO piece VALUES (1, 'red', 'Acme'), (2, 'blue', 'Best');
SELECT accord.register_contract('piece');
SELECT state FROM accord.stage('piece', 'CREATE TABLE tint (piece_id integer PRIMARY KEY REFERENCES piece, colour text); CREATE TABLE source (piece_id integer PRIMARY KEY REFERENCES piece, maker text); ALTER TABLE piece DROP COLUMN colour, DROP COLUMN maker', up => 'tint.colour = colour, source.maker = maker');
INSERT INTO tint VALUES (1, 'pink');
SELECT * FROM source;
CALL accord.backfill('piece');
SELECT check_name, pending, mismatched, verdict FROM accord.verify('piece') LIMIT 2;
