-- accord.impact: who and what a script would hit.
CREATE EXTENSION pg_accord;
SET client_min_messages = warning;
SET lock_timeout = '1min';
CREATE TABLE flights (flight_id bigint PRIMARY KEY, dep_delay integer, carrier text NOT NULL);
CREATE TABLE legs (id integer PRIMARY KEY, flight bigint CONSTRAINT of_flight REFERENCES flights);
CREATE VIEW delays AS SELECT flight_id, dep_delay FROM flights;
CREATE VIEW worst AS SELECT max(dep_delay) FROM delays;
CREATE MATERIALIZED VIEW counts AS SELECT count(*) AS n FROM flights;
CREATE FUNCTION sure(flights) RETURNS integer LANGUAGE sql AS 'SELECT $1.dep_delay';
CREATE FUNCTION likely() RETURNS bigint LANGUAGE plpgsql AS 'BEGIN RETURN (SELECT count(*) FROM public.flights); END';
CREATE FUNCTION possible() RETURNS bigint LANGUAGE plpgsql AS 'BEGIN RETURN (SELECT count(*) FROM flights); END';
CREATE FUNCTION unrelated() RETURNS text LANGUAGE sql AS 'SELECT ''nightflights''';
CREATE FUNCTION noop() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
CREATE TRIGGER noop BEFORE INSERT ON flights FOR EACH ROW EXECUTE FUNCTION noop();
CREATE POLICY own ON flights USING (true);
SET client_min_messages = error;  -- wal_level
CREATE PUBLICATION pub FOR TABLE flights;
SET client_min_messages = warning;
INSERT INTO flights SELECT i, i, 'x' FROM generate_series(1, 1000) i;
ANALYZE flights;
SELECT FROM accord.register_contract('flights');
SELECT FROM accord.register_consumer('billing');
SELECT FROM accord.subscribe('flights', 'billing', columns => '{flight_id,dep_delay}');
SELECT FROM accord.register_consumer('boards');
SELECT FROM accord.subscribe('flights', 'boards', columns => '{carrier}');
SELECT kind, object, relation, effect, confidence, "rows", bytes > 0 AS bytes, audience FROM accord.impact('ALTER TABLE flights ALTER COLUMN dep_delay TYPE text') WHERE kind <> 'summary';
ALTER VIEW delays RENAME COLUMN dep_delay TO delay;
DROP VIEW delays CASCADE;
DROP MATERIALIZED VIEW counts;
SELECT object, effect FROM accord.impact('ALTER TABLE flights ALTER COLUMN dep_delay TYPE text') WHERE kind = 'summary';
-- through a type, partitions, and what hits nobody
CREATE TYPE mood AS ENUM ('sad');
CREATE TABLE feelings (m mood, at date) PARTITION BY RANGE (at);
CREATE TABLE feelings_1 PARTITION OF feelings DEFAULT;
SELECT kind, object, relation, effect FROM accord.impact('ALTER TYPE mood RENAME VALUE ''sad'' TO ''blue''') WHERE kind <> 'summary';
SELECT kind, object, effect FROM accord.impact('CREATE TABLE nobody (a integer)');
SELECT * FROM accord.impact(NULL);
SELECT * FROM accord.impact('ALTER TABLE nowhere ADD a integer');
