-- TRUNCATE fires no event trigger: with the library preloaded it is judged and audited all the same.
CREATE EXTENSION pg_accord;
SET client_min_messages = warning;
CREATE ROLE regress_utility_owner;
CREATE ROLE regress_utility_etl;
CREATE TABLE flights (flight_id bigint PRIMARY KEY, carrier text);
CREATE TABLE seats (seat_id bigint PRIMARY KEY, flight_id bigint REFERENCES flights);
CREATE TABLE plain (id integer);
CREATE TABLE parted (id integer, note text) PARTITION BY LIST (id);
CREATE TABLE parted_1 PARTITION OF parted FOR VALUES IN (1);
ALTER TABLE flights OWNER TO regress_utility_owner;
GRANT ALL ON flights, seats, plain, parted, parted_1 TO regress_utility_etl;
GRANT TRUNCATE ON seats TO regress_utility_owner;
INSERT INTO flights VALUES (1, 'AA');
INSERT INTO seats VALUES (1, 1);
INSERT INTO parted VALUES (1, 'a');
SELECT FROM accord.register_contract('flights', owner => 'regress_utility_owner');
SELECT FROM accord.register_contract('seats');
SELECT FROM accord.register_contract('parted');
SELECT FROM accord.register_consumer('billing', role => 'regress_utility_etl');
SELECT FROM accord.subscribe('seats', 'billing');
\c -

-- somebody else who has the privilege
SET ROLE regress_utility_etl;
TRUNCATE plain;
TRUNCATE seats;
TRUNCATE plain, seats;
TRUNCATE parted_1;
TRUNCATE parted;
-- PostgreSQL's own errors come first
TRUNCATE nowhere;
RESET ROLE;
SET accord.guard = off;
REVOKE TRUNCATE ON seats FROM regress_utility_etl;
RESET accord.guard;
SET ROLE regress_utility_etl;
TRUNCATE seats;
RESET ROLE;
SET accord.guard = off;
GRANT TRUNCATE ON seats TO regress_utility_etl;
RESET accord.guard;
SELECT count(*) FROM seats;

-- the owner, by name; but not what is reached from another table
SET ROLE regress_utility_owner;
TRUNCATE flights;
TRUNCATE flights CASCADE;
SELECT accord.waive('seats', reason => 'not the owner');
RESET ROLE;
TRUNCATE flights CASCADE;
SELECT count(*) FROM seats;
TRUNCATE flights, seats;
SELECT count(*) FROM seats;
INSERT INTO flights VALUES (1, 'AA');
INSERT INTO seats VALUES (1, 1);

-- modes and waivers
SELECT accord.set_guard_mode('warn', 'seats');
SET ROLE regress_utility_etl;
TRUNCATE seats;
INSERT INTO seats VALUES (1, 1);
RESET ROLE;
SELECT accord.set_guard_mode('off', 'seats');
SET ROLE regress_utility_etl;
TRUNCATE seats;
RESET ROLE;
SELECT accord.set_guard_mode('default', 'seats');
SELECT accord.waive('seats', rule => 'table-truncated', reason => 'reload') > 0 AS granted;
SET ROLE regress_utility_etl;
INSERT INTO seats VALUES (1, 1);
BEGIN;
TRUNCATE seats;
ROLLBACK;
TRUNCATE seats;
-- nothing to lose
TRUNCATE seats;
INSERT INTO seats VALUES (1, 1);
TRUNCATE seats;
RESET ROLE;
SELECT rule, state, used_by, used_for FROM accord.waivers;

-- in a function, and prepared
SET ROLE regress_utility_etl;
DO $$ BEGIN TRUNCATE seats; END $$;
DO $$ BEGIN TRUNCATE seats; EXCEPTION WHEN OTHERS THEN RAISE WARNING '% %', sqlstate, sqlerrm; END $$;
RESET ROLE;

-- the kill switch
SET accord.guard = off;
SET ROLE regress_utility_etl;
TRUNCATE seats;
RESET ROLE;
RESET accord.guard;

SELECT action, actor, table_name, a.detail->>'statement' AS statement, a.detail->>'cause' AS cause, a.detail->>'rules' AS rules, a.detail->>'consumers' AS consumers
  FROM accord.audit_log a LEFT JOIN accord.contracts USING (contract_id) WHERE action = 'truncate table' ORDER BY id, table_name;

-- a session without contracts in its database
DROP EXTENSION pg_accord CASCADE;
TRUNCATE flights CASCADE;
