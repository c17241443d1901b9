-- Partitions with rows that come while a migration lives: nothing is taken in that nobody would fill, and that purge would lose.
CREATE EXTENSION pg_accord;
SET client_min_messages = warning;
\set SHOW_CONTEXT never
CREATE TABLE p (id integer, region text, a integer, PRIMARY KEY (id, region)) PARTITION BY LIST (region);
CREATE TABLE p_north PARTITION OF p FOR VALUES IN ('north');
INSERT INTO p VALUES (1, 'north', 1);
SELECT accord.register_contract('p');
SET accord.allow_unused = on;
SELECT state FROM accord.stage('p', 'ALTER TABLE p ALTER COLUMN a TYPE numeric', down => 'a = round(a)');
-- marked, as a table LIKE this one has its rows
CREATE TABLE p_b (LIKE p INCLUDING ALL);
INSERT INTO p_b (id, region, a) VALUES (5, 'b', 5);
ALTER TABLE p ATTACH PARTITION p_b FOR VALUES IN ('b');
-- not marked, below a partition that comes with it
CREATE TABLE "P c" (LIKE p INCLUDING ALL) PARTITION BY LIST (id);
CREATE TABLE p_c_6 PARTITION OF "P c" FOR VALUES IN (6);
CREATE TABLE "P c 7" (a integer, _accord_1_a numeric, _accord_1_pending boolean, region text NOT NULL, id integer NOT NULL);
INSERT INTO "P c 7" (id, region, a) VALUES (7, 'c', 7);
ALTER TABLE "P c" ATTACH PARTITION "P c 7" FOR VALUES IN (7);
ALTER TABLE p ATTACH PARTITION "P c" FOR VALUES IN ('c');
UPDATE public."P c 7" SET _accord_1_pending = true;
ALTER TABLE p ATTACH PARTITION "P c" FOR VALUES IN ('c');
CALL accord.backfill('p');
SELECT * FROM p ORDER BY id;
SELECT check_name, rows, pending, mismatched, verdict FROM accord.verify('p') LIMIT 1;
-- the backfill is over: a partition comes empty
CREATE TABLE p_d (LIKE p INCLUDING ALL);
INSERT INTO p_d (id, region, a) VALUES (8, 'd', 8);
ALTER TABLE p ATTACH PARTITION p_d FOR VALUES IN ('d');
CREATE TABLE p_new PARTITION OF p FOR VALUES IN ('d');
INSERT INTO p_v1.p SELECT id, region, a FROM p_d;
-- one that was away has not been kept in step
BEGIN;
ALTER TABLE p DETACH PARTITION p_north;
ALTER TABLE p ATTACH PARTITION p_north FOR VALUES IN ('north');
ROLLBACK;
SELECT state FROM accord.complete('p');
CREATE TABLE p_e (LIKE p INCLUDING ALL);
INSERT INTO p_e (id, region, a) VALUES (9, 'e', 9);
ALTER TABLE p ATTACH PARTITION p_e FOR VALUES IN ('e');
DELETE FROM p_e;
ALTER TABLE p ATTACH PARTITION p_e FOR VALUES IN ('e');
INSERT INTO p (id, region, a) VALUES (9, 'e', 9.5);
SELECT state FROM accord.purge('p');
SELECT * FROM p ORDER BY id;
-- without a migration it is the contract's business
CREATE TABLE p_f (LIKE p INCLUDING ALL);
INSERT INTO p_f (id, region, a) VALUES (10, 'f', 10);
ALTER TABLE p ATTACH PARTITION p_f FOR VALUES IN ('f');
SELECT count(*) FROM p;
