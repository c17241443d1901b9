-- While a migration lives, a table's owner who is no superuser makes, attaches and drops partitions and children like anybody, and nobody can
-- put its triggers on another table.
CREATE EXTENSION pg_accord;
SET client_min_messages = warning;
\set SHOW_CONTEXT never
CREATE ROLE regress_keeper;
CREATE ROLE regress_passer_by;
GRANT CREATE ON SCHEMA public TO regress_keeper, regress_passer_by;
SET ROLE regress_keeper;
CREATE TABLE parcel (id integer, depot integer, weight integer, place text, PRIMARY KEY (id, depot)) PARTITION BY LIST (depot);
CREATE TABLE parcel_1 PARTITION OF parcel FOR VALUES IN (1);
CREATE TABLE animal (id integer, legs integer);
INSERT INTO parcel VALUES (1, 1, 10, 'here');
SELECT accord.register_contract('parcel'), accord.register_contract('animal');
SELECT state FROM accord.stage('parcel', 'ALTER TABLE parcel ALTER weight TYPE bigint');
SELECT state FROM accord.stage('animal', 'ALTER TABLE animal ALTER legs TYPE bigint');
CREATE TABLE parcel_2 PARTITION OF parcel FOR VALUES IN (2);
CREATE TABLE parcel_3 (LIKE parcel INCLUDING ALL);
ALTER TABLE parcel ATTACH PARTITION parcel_3 FOR VALUES IN (3);
INSERT INTO parcel_v1.parcel VALUES (2, 2, 20), (3, 3, 30);
SELECT id, weight FROM parcel_v2.parcel ORDER BY id;
CALL accord.backfill('parcel');
CALL accord.backfill('animal');
SET accord.allow_unused = on;
ALTER TABLE parcel DETACH PARTITION parcel_3;
RESET accord.allow_unused;
SELECT state FROM accord.complete('parcel');
SELECT state FROM accord.purge('parcel');

-- columns that move, out of the one and into the other
SELECT state FROM accord.stage('parcel', $$
    CREATE TABLE label (parcel integer, depot integer, place text, PRIMARY KEY (parcel, depot), FOREIGN KEY (parcel, depot) REFERENCES parcel)
        PARTITION BY LIST (depot);
    CREATE TABLE label_1 PARTITION OF label FOR VALUES IN (1, 2);
    ALTER TABLE parcel DROP COLUMN place $$, up => 'label.place = place');
CREATE TABLE label_4 PARTITION OF label FOR VALUES IN (4);
CREATE TABLE parcel_4 PARTITION OF parcel FOR VALUES IN (4);
INSERT INTO parcel_v2.parcel (id, depot, place) VALUES (4, 4, 'there');
UPDATE label_4 SET place = 'elsewhere';
SELECT id, place FROM parcel_v2.parcel WHERE depot = 4;
TRUNCATE label_4;
SELECT id, place FROM parcel_v2.parcel WHERE depot = 4;

-- the functions are nobody's to use, and do nothing on a table that is none of theirs
RESET ROLE;
SET ROLE regress_passer_by;
CREATE TABLE own (id integer, legs integer, parcel integer, depot integer, place text);
CREATE TRIGGER mine BEFORE INSERT ON own FOR EACH ROW EXECUTE FUNCTION accord_catalog.sync_first('1', '2');
CREATE TRIGGER mine AFTER TRUNCATE ON own FOR EACH STATEMENT EXECUTE FUNCTION accord_catalog.move_target('1', '3', '1');
RESET ROLE;
CREATE TRIGGER mine BEFORE INSERT ON own FOR EACH ROW EXECUTE FUNCTION accord_catalog.sync_first('1', '2');
INSERT INTO own VALUES (1, 4);
DROP TRIGGER mine ON own;
CREATE TRIGGER mine AFTER TRUNCATE ON own FOR EACH STATEMENT EXECUTE FUNCTION accord_catalog.move_target('1', '3', '1');
TRUNCATE own;
DROP TRIGGER mine ON own;
CREATE TRIGGER mine BEFORE INSERT ON own FOR EACH ROW EXECUTE FUNCTION accord_catalog.move_lock('1', '3', '1');
INSERT INTO own (parcel, depot) VALUES (1, 1);
DROP TRIGGER mine ON own;
CREATE TRIGGER mine AFTER INSERT ON own FOR EACH ROW EXECUTE FUNCTION accord_catalog.move_source('1', '3', '1');
INSERT INTO own (parcel, depot) VALUES (1, 1);
DROP TABLE own;
SELECT state FROM accord.rollback('parcel');
SELECT state FROM accord.rollback('animal');
SELECT accord.drop_contract('parcel', force => true), accord.drop_contract('animal', force => true);
DROP OWNED BY regress_keeper, regress_passer_by;
DROP ROLE regress_keeper, regress_passer_by;
