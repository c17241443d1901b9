-- Rows that come to a table, or go from it, with a partition or with a table that inherits from it.
CREATE EXTENSION pg_accord;
SET client_min_messages = warning;
CREATE TABLE measure (taken date NOT NULL, value integer) PARTITION BY RANGE (taken);
CREATE TABLE measure_old PARTITION OF measure FOR VALUES FROM ('2000-01-01') TO ('2020-01-01');
CREATE TABLE measure_now PARTITION OF measure FOR VALUES FROM ('2020-01-01') TO ('2030-01-01') PARTITION BY LIST (value);
SELECT FROM accord.register_contract('measure');
SELECT FROM accord.register_consumer('board');
SELECT FROM accord.subscribe('measure', 'board', access => 'read');

-- an empty one changes nothing, however it comes, and is no new version
CREATE TABLE measure_now_1 PARTITION OF measure_now FOR VALUES IN (1);
CREATE TABLE measure_next (LIKE measure);
ALTER TABLE measure ATTACH PARTITION measure_next FOR VALUES FROM ('2030-01-01') TO ('2040-01-01');
SELECT version FROM accord.contract_versions ORDER BY version;
SELECT kind, element FROM accord.drift();

-- one with rows does, also two levels below
CREATE TABLE measure_2 (LIKE measure);
INSERT INTO measure_2 VALUES ('2021-01-01', 2);
ALTER TABLE measure_now ATTACH PARTITION measure_2 FOR VALUES IN (2);

-- and so does one that goes
ALTER TABLE measure DETACH PARTITION measure_old;
ALTER TABLE measure DETACH PARTITION measure_old CONCURRENTLY;
DROP TABLE measure_old;
DROP TABLE measure_2, measure_old;
CREATE SCHEMA attic;
ALTER TABLE measure_old SET SCHEMA attic;
DROP SCHEMA attic CASCADE;
CREATE ROLE regress_children;
ALTER TABLE attic.measure_old OWNER TO regress_children;
DROP OWNED BY regress_children;
SELECT relid FROM pg_partition_tree('measure') ORDER BY 1;

-- what was empty and promised nothing to anybody may go
ALTER TABLE measure_now DETACH PARTITION measure_now_1;
CREATE TABLE measure_now_3 PARTITION OF measure_now FOR VALUES IN (3);
INSERT INTO measure VALUES ('2022-02-02', 3);
DROP TABLE measure_now_3;
TRUNCATE measure_now_3;
DROP TABLE measure_now_3;

-- what is attached nowhere, or to another table, is nobody's business
DROP TABLE measure_2;
CREATE TABLE other (taken date) PARTITION BY RANGE (taken);
CREATE TABLE other_1 PARTITION OF other DEFAULT;
ALTER TABLE other DETACH PARTITION other_1;
DROP TABLE other_1;

-- inheritance
CREATE TABLE flights (flight_id integer, carrier text);
SELECT FROM accord.register_contract('flights');
SELECT FROM accord.subscribe('flights', 'board', access => 'read');
CREATE TABLE charter () INHERITS (flights);
CREATE TABLE cargo (LIKE flights);
INSERT INTO cargo VALUES (1, 'AA');
ALTER TABLE cargo INHERIT flights;
INSERT INTO charter VALUES (2, 'BB');
ALTER TABLE charter NO INHERIT flights;
DROP TABLE charter;
TRUNCATE charter;
ALTER TABLE charter NO INHERIT flights;
BEGIN;
SELECT accord.waive('flights', rule => 'inheritance-changed', reason => 'cargo moves in') > 0 AS granted;
ALTER TABLE cargo INHERIT flights;
SELECT count(*) FROM flights;
ROLLBACK;

-- who is subscribed to a version goes along when it gives way to one that does not hit it
CREATE ROLE regress_children_reader;
GRANT SELECT ON flights TO regress_children_reader;
SELECT FROM accord.register_consumer('ledger');
SELECT FROM accord.subscribe('flights', 'ledger', columns => '{carrier}');
SELECT FROM accord.unsubscribe('flights', 'board');
SET accord.allow_unused = on;
ALTER TABLE flights DROP COLUMN flight_id;
SELECT consumer, version FROM accord.subscriptions WHERE table_name = 'flights';
ALTER TABLE flights DROP COLUMN carrier;
