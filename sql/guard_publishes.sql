-- Compatible DDL publishes the next version by itself, once a transaction; a breaking change that is let through becomes the next major.
CREATE EXTENSION pg_accord;
SET client_min_messages = warning;
CREATE TABLE flights (flight_id bigint PRIMARY KEY, dep_delay integer, carrier text NOT NULL);
SELECT FROM accord.register_contract('flights');
CREATE VIEW log AS
SELECT version, status, reason, statement FROM accord.contract_versions WHERE table_name IN ('flights', 'departures') ORDER BY major, minor, patch;

ALTER TABLE flights ADD COLUMN note text;
TABLE log;

-- once a transaction, with everything that it did
BEGIN;
ALTER TABLE flights ADD COLUMN a integer;
ALTER TABLE flights ADD COLUMN b integer;
ALTER TABLE flights DROP COLUMN a;
COMMIT;
TABLE log;
SELECT array_agg(c->>'name' ORDER BY o) FROM accord.contract_versions v,
       jsonb_array_elements(shape->'columns') WITH ORDINALITY x (c, o) WHERE version = '1.2.0';

-- nothing when it is rolled back
BEGIN;
ALTER TABLE flights ADD COLUMN c integer;
ROLLBACK;
BEGIN;
SAVEPOINT s;
ALTER TABLE flights ADD COLUMN c integer;
ROLLBACK TO s;
COMMIT;
SELECT count(*) FROM log;

-- comments are a patch
COMMENT ON COLUMN flights.dep_delay IS 'minutes';
COMMENT ON TABLE flights IS 'departures';
TABLE log;

-- the mode "off" of a contract: passes, and the promise is replaced
SELECT accord.set_guard_mode('off', 'flights');
ALTER TABLE flights DROP COLUMN carrier;
ALTER TABLE flights RENAME TO departures;
TABLE log;
SELECT table_name, kind, name, type, dropped_in FROM accord.tombstones ORDER BY 1, 2, 3;
SELECT table_name, mode FROM accord.contracts;

-- and dropped: the contract stays, without a table
DROP TABLE departures;
SELECT contract IS NULL AS gone, table_name FROM accord.contracts;
