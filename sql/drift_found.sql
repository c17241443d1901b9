-- accord.drift: what changed outside the guard's sight.
CREATE EXTENSION pg_accord;
SET client_min_messages = warning;
CREATE ROLE regress_drift_owner;
CREATE ROLE regress_drift_stranger;
CREATE ROLE regress_drift_readers;
CREATE ROLE regress_drift_billing;
CREATE TABLE flights (flight_id bigint PRIMARY KEY, carrier varchar(10), gate text NOT NULL);
CREATE TABLE seats (seat_id integer);
ALTER TABLE flights OWNER TO regress_drift_owner;
GRANT SELECT ON flights TO regress_drift_readers;
GRANT regress_drift_readers TO regress_drift_billing;
SELECT FROM accord.register_contract('flights', owner => 'regress_drift_owner');
SELECT FROM accord.register_contract('seats');
SELECT FROM accord.register_consumer('billing', role => 'regress_drift_billing');
SELECT FROM accord.subscribe('flights', 'billing', columns => '{flight_id,carrier}', access => 'read');
CREATE VIEW found AS
    SELECT table_name, kind, element, rule, detail, readers, writers, consumers, since < until AND until = now() AS window FROM accord.drift();

-- all is well
SELECT * FROM found;
SELECT contract_id, rights, names FROM accord_catalog.known_good ORDER BY 1 NULLS FIRST;
-- DDL that the guard saw is no drift
ALTER TABLE seats ADD COLUMN note text;
SELECT accord.waive('seats', reason => 'test') > 0 AS granted;
ALTER TABLE seats ALTER COLUMN seat_id TYPE bigint;
SELECT * FROM found;

-- by hand in the catalog
SET allow_system_table_mods = on;
UPDATE pg_attribute SET atttypmod = 24 WHERE attrelid = 'flights'::regclass AND attname = 'carrier';
RESET allow_system_table_mods;
SELECT * FROM found;
-- while the guard was off
SET accord.guard = off;
ALTER TABLE seats DROP COLUMN note;
ALTER TABLE seats ADD COLUMN row_letter text;
SELECT table_name, kind, element, rule, consumers FROM found;
-- undone again
ALTER TABLE flights ALTER COLUMN carrier TYPE varchar(10);
RESET accord.guard;
SELECT table_name, kind, element, rule, consumers FROM found;
-- published as it is
SELECT accord.accept_drift('seats', reason => 'kept');
SELECT FROM accord.publish_version('seats');
SELECT * FROM found;

-- memberships and search_path
SET accord.guard = off;
CREATE SCHEMA regress_drift_shadow;
CREATE TABLE regress_drift_shadow.flights ();
GRANT USAGE ON SCHEMA regress_drift_shadow TO PUBLIC;
ALTER ROLE regress_drift_billing SET search_path = regress_drift_shadow, public;
REVOKE regress_drift_readers FROM regress_drift_billing;
RESET accord.guard;
SELECT * FROM found;
GRANT SELECT (flight_id, carrier) ON flights TO regress_drift_billing;
SELECT table_name, kind, element FROM found;
-- taken for good
SELECT accord.accept_drift('flights', reason => ' ');
SELECT accord.accept_drift('flights');
SELECT accord.accept_drift('flights', reason => 'billing qualifies its names');
SELECT * FROM found;
SELECT actor, detail FROM accord.audit_log WHERE action = 'accept drift';
ALTER ROLE regress_drift_billing RESET search_path;

-- tables that come to refer; a renamed one says nothing new, and what the guard let pass is known
SELECT FROM accord.register_consumer('cleaner', role => 'regress_drift_readers');
GRANT INSERT, UPDATE, DELETE ON flights TO regress_drift_readers;
SELECT FROM accord.subscribe('flights', 'cleaner', columns => '{flight_id}', access => 'write');
SET accord.guard = off;
CREATE TABLE bookings (flight_id bigint CONSTRAINT of_flight REFERENCES flights);
RESET accord.guard;
SELECT * FROM found;
SELECT accord.accept_drift('flights', reason => 'bookings need it');
ALTER TABLE bookings RENAME TO reservations;
ALTER TABLE reservations RENAME flight_id TO flight;
SELECT * FROM found;
SELECT accord.waive('flights', rule => 'table-referenced', reason => 'test') > 0 AS granted;
CREATE TABLE meals (flight_id bigint REFERENCES flights);
SELECT * FROM found;
SET accord.guard = off;
ALTER TABLE meals ADD FOREIGN KEY (flight_id) REFERENCES flights ON DELETE SET NULL;
RESET accord.guard;
SELECT * FROM found;
DROP TABLE meals, reservations;

-- the guard itself
SET accord.guard = off;
ALTER EVENT TRIGGER accord_sql_drop DISABLE;
ALTER EVENT TRIGGER accord_table_rewrite RENAME TO another_name;
ALTER DATABASE contrib_regression SET accord.guard = off;
SELECT * FROM found;
ALTER EVENT TRIGGER accord_sql_drop ENABLE ALWAYS;
ALTER DATABASE contrib_regression RESET accord.guard;
RESET accord.guard;
SELECT * FROM found;

-- the table is gone from the catalog's point of view
BEGIN;
SET LOCAL accord.guard = off;
UPDATE accord_catalog.contract SET relation = 1 WHERE relation = 'seats'::regclass;
SELECT * FROM found;
ROLLBACK;

-- who may see what
CREATE TABLE mine ();
SET accord.guard = off;
ALTER TABLE seats DROP COLUMN row_letter;
ALTER TABLE flights DROP COLUMN gate;
RESET accord.guard;
SET ROLE regress_drift_owner;
SELECT table_name, kind, element FROM accord.drift();
SELECT table_name, kind, element FROM accord.drift('flights');
SELECT * FROM accord.drift('seats');
SET ROLE regress_drift_stranger;
SELECT * FROM accord.drift();
SELECT * FROM accord.drift('flights');
SELECT accord.accept_drift('flights', reason => 'x');
RESET ROLE;
SELECT * FROM accord.drift('mine');
SELECT accord.accept_drift(NULL, 'x');
BEGIN READ ONLY;
SELECT table_name, kind, element FROM accord.drift();
COMMIT;
-- the window begins with the last time all was well
SELECT d.since = k.at AS since_then FROM accord.drift('flights') d, accord_catalog.known_good k JOIN accord_catalog.contract c ON c.id = k.contract_id AND c.relation = 'flights'::regclass;
