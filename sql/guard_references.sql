-- A foreign key of another table hits those who delete from the contracted one, change its keys or empty it, and nobody else.
CREATE EXTENSION pg_accord;
SET client_min_messages = warning;
CREATE ROLE regress_reader;
CREATE ROLE regress_eraser;
CREATE ROLE regress_keeper;
CREATE ROLE regress_inserter;
CREATE TABLE flights (flight_id integer PRIMARY KEY, carrier text NOT NULL UNIQUE, delay integer);
GRANT SELECT ON flights TO regress_reader;
GRANT SELECT, DELETE ON flights TO regress_eraser;
GRANT SELECT, INSERT ON flights TO regress_inserter;
GRANT SELECT, UPDATE (flight_id, carrier) ON flights TO regress_keeper;
SELECT FROM accord.register_contract('flights');
SELECT FROM accord.register_consumer('reader', role => 'regress_reader');
SELECT FROM accord.register_consumer('eraser', role => 'regress_eraser');
SELECT FROM accord.register_consumer('inserter', role => 'regress_inserter');
SELECT FROM accord.register_consumer('keeper', role => 'regress_keeper');
SELECT FROM accord.subscribe('flights', 'reader', access => 'read');
SELECT FROM accord.subscribe('flights', 'eraser', columns => '{delay}');
SELECT FROM accord.subscribe('flights', 'inserter');
SELECT FROM accord.subscribe('flights', 'keeper', columns => '{flight_id}');

CREATE TABLE bookings (booking integer, flight_id integer, code text);
INSERT INTO flights VALUES (1, 'AA', 0);
INSERT INTO bookings VALUES (1, 1, 'AA');
ALTER TABLE bookings ADD FOREIGN KEY (flight_id) REFERENCES flights;
ALTER TABLE bookings ADD FOREIGN KEY (flight_id) REFERENCES flights NOT VALID;
ALTER TABLE bookings ADD CONSTRAINT by_carrier FOREIGN KEY (code) REFERENCES flights (carrier);
ALTER TABLE bookings ADD COLUMN next integer REFERENCES flights;
CREATE TABLE seats (seat text, flight_id integer REFERENCES flights);
CREATE TABLE seats (seat text, flight_id integer, FOREIGN KEY (flight_id) REFERENCES flights ON DELETE RESTRICT);
CREATE SCHEMA more CREATE TABLE seats (flight_id integer REFERENCES public.flights);
DO $$ BEGIN CREATE TABLE seats (flight_id integer REFERENCES flights); END $$;
-- the rows that refer go with it, or let it go; what is left is UPDATE of the key, and TRUNCATE, which nobody does here
ALTER TABLE bookings ADD FOREIGN KEY (flight_id) REFERENCES flights ON DELETE CASCADE;
ALTER TABLE bookings ADD FOREIGN KEY (flight_id) REFERENCES flights ON DELETE SET NULL ON UPDATE CASCADE;
BEGIN;
GRANT TRUNCATE ON flights TO regress_inserter;
ALTER TABLE bookings ADD FOREIGN KEY (code) REFERENCES flights (carrier) ON DELETE SET NULL ON UPDATE CASCADE;
ROLLBACK;
-- nothing is made
CREATE TABLE IF NOT EXISTS bookings (flight_id integer REFERENCES flights);
CREATE TEMPORARY TABLE seats (flight_id integer REFERENCES flights);
CREATE TABLE bookings (flight_id integer REFERENCES flights);
-- PostgreSQL's own refusal comes first
CREATE ROLE regress_stranger;
GRANT CREATE ON SCHEMA public TO regress_stranger;
SET ROLE regress_stranger;
ALTER TABLE bookings ADD FOREIGN KEY (flight_id) REFERENCES flights;
CREATE TABLE seats (flight_id integer REFERENCES flights);
RESET ROLE;
-- no contract is concerned
CREATE TABLE crews (crew integer PRIMARY KEY);
CREATE TABLE shifts (crew integer REFERENCES crews);

-- what a waiver lets through is audited, and is no worse the second time
SELECT FROM accord.waive('flights', rule => 'table-referenced', reason => 'agreed');
ALTER TABLE bookings ADD CONSTRAINT by_id FOREIGN KEY (flight_id) REFERENCES flights;
SELECT action, detail->>'cause' AS cause, detail->>'rules' AS rules, detail->>'consumers' AS consumers
  FROM accord_catalog.audit_log WHERE action = 'alter table' ORDER BY id;
ALTER TABLE bookings DROP CONSTRAINT by_id, ADD CONSTRAINT by_id FOREIGN KEY (flight_id) REFERENCES flights (flight_id) ON DELETE CASCADE ON UPDATE CASCADE;
ALTER TABLE bookings DROP CONSTRAINT by_id, ADD CONSTRAINT by_id FOREIGN KEY (flight_id) REFERENCES flights;
SET ROLE regress_eraser;
DELETE FROM flights;
RESET ROLE;

-- partitions: of a contracted table, and of a table that is referred to
CREATE TABLE legs (leg integer PRIMARY KEY) PARTITION BY RANGE (leg);
CREATE TABLE legs_1 PARTITION OF legs FOR VALUES FROM (0) TO (10);
CREATE TABLE legs_2 PARTITION OF legs FOR VALUES FROM (10) TO (20);
SELECT FROM accord.register_contract('legs');
SELECT FROM accord.subscribe('legs', 'inserter');
CREATE TABLE unharmed (leg integer REFERENCES legs_1);
SELECT FROM accord.register_consumer('anybody');
SELECT FROM accord.subscribe('legs', 'anybody', access => 'write');
CREATE TABLE meals (leg integer REFERENCES legs_1);
CREATE TABLE trips (trip integer PRIMARY KEY) PARTITION BY RANGE (trip);
CREATE TABLE trips_1 PARTITION OF trips FOR VALUES FROM (0) TO (10);
SELECT FROM accord.register_contract('trips_1');
SELECT FROM accord.subscribe('trips_1', 'anybody', access => 'write');
CREATE TABLE meals (trip integer REFERENCES trips);
-- a key of the table to itself is its own
ALTER TABLE flights ADD FOREIGN KEY (delay) REFERENCES flights;
