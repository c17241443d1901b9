-- PostgreSQL's own errors come first, and nothing is said where there is nothing to say.
CREATE EXTENSION pg_accord;
CREATE ROLE regress_guard_owner;
CREATE ROLE regress_guard_stranger;
GRANT CREATE, USAGE ON SCHEMA public TO regress_guard_owner, regress_guard_stranger;
CREATE TABLE flights (flight_id bigint PRIMARY KEY, dep_delay integer, carrier text NOT NULL);
ALTER TABLE flights OWNER TO regress_guard_owner;
SELECT FROM accord.register_contract('flights');

-- who does not own the table
SET ROLE regress_guard_stranger;
ALTER TABLE flights DROP COLUMN dep_delay;
ALTER TABLE flights ALTER COLUMN dep_delay TYPE text;
ALTER TABLE flights RENAME TO departures;
DROP TABLE flights;
ALTER TABLE flights ADD COLUMN note text;
RESET ROLE;

-- what is not there
ALTER TABLE flights DROP COLUMN nothing;
ALTER TABLE flights RENAME COLUMN nothing TO something;
ALTER TABLE flights ALTER COLUMN nothing TYPE text;
\set VERBOSITY sqlstate
ALTER TABLE flights ALTER COLUMN dep_delay TYPE nothing;
\set VERBOSITY default
ALTER TABLE nothing DROP COLUMN dep_delay;
DROP TABLE flights, nothing;
ALTER TABLE flights ADD COLUMN dep_delay integer;
ALTER TABLE flights DROP CONSTRAINT nothing;

-- IF EXISTS and IF NOT EXISTS that do nothing
ALTER TABLE flights DROP COLUMN IF EXISTS nothing;
ALTER TABLE IF EXISTS nothing DROP COLUMN dep_delay;
ALTER TABLE flights ADD COLUMN IF NOT EXISTS dep_delay integer;
DROP TABLE IF EXISTS nothing;
ALTER TABLE flights ALTER COLUMN dep_delay DROP NOT NULL;
ALTER TABLE flights ALTER COLUMN dep_delay TYPE integer;
ALTER TABLE flights ALTER COLUMN dep_delay DROP DEFAULT;

-- IF EXISTS that does something
ALTER TABLE IF EXISTS flights DROP COLUMN IF EXISTS dep_delay;
DROP TABLE IF EXISTS nothing, flights;

-- a temporary table of the same name is another table
CREATE TEMPORARY TABLE flights (flight_id bigint, dep_delay integer);
ALTER TABLE flights DROP COLUMN dep_delay;
DROP TABLE flights;

-- tables without a contract, and what clients cannot see
CREATE TABLE other (a integer, b text);
ALTER TABLE other DROP COLUMN a, ALTER COLUMN b TYPE varchar(3);
ALTER TABLE other RENAME TO another;
DROP TABLE another;
ALTER TABLE flights SET (fillfactor = 70), ALTER COLUMN dep_delay SET STATISTICS 500;
CREATE INDEX ON flights (dep_delay);
ALTER TABLE flights OWNER TO CURRENT_USER;
SELECT version, statement FROM accord.contract_versions ORDER BY 1;

-- the event triggers can be called by nobody else
SELECT accord_catalog.on_ddl_command_start();
SELECT evtname, evtevent, evtenabled FROM pg_event_trigger ORDER BY 1;
