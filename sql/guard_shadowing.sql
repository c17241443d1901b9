-- A new relation that takes the place of a contracted table in a consumer's stored search_path.
CREATE EXTENSION pg_accord;
SET client_min_messages = warning;
CREATE ROLE regress_shadow_app;
CREATE ROLE regress_shadow_other;
CREATE SCHEMA sales;
CREATE SCHEMA staging;
GRANT USAGE ON SCHEMA sales, staging TO regress_shadow_app;
CREATE TABLE sales.flights (flight_id integer, carrier text);
GRANT SELECT, INSERT ON sales.flights TO regress_shadow_app;
SELECT FROM accord.register_contract('sales.flights');
SELECT FROM accord.register_consumer('board', role => 'regress_shadow_app');
SELECT FROM accord.register_consumer('other', role => 'regress_shadow_other');
ALTER ROLE regress_shadow_app SET search_path = "$user", staging, sales;
SELECT FROM accord.subscribe('sales.flights', 'board');
SELECT FROM accord.subscribe('sales.flights', 'other');

-- whatever it is, and however it comes there
CREATE TABLE staging.flights (flight_id integer, carrier text);
CREATE VIEW staging.flights AS SELECT 1;
CREATE MATERIALIZED VIEW staging.flights AS SELECT 1;
CREATE TABLE staging.flights AS SELECT 1;
SELECT 1 AS one INTO staging.flights;
CREATE SEQUENCE staging.flights;
CREATE TYPE staging.flights AS (a integer);
CREATE TABLE staging.flights_new (flight_id integer);
ALTER TABLE staging.flights_new RENAME TO flights;
CREATE TABLE public.flights (flight_id integer);
ALTER TABLE public.flights SET SCHEMA staging;
CREATE SCHEMA regress_shadow_app AUTHORIZATION regress_shadow_app CREATE TABLE flights (flight_id integer);
DO $$ BEGIN EXECUTE 'CREATE TABLE staging.flights (a integer)'; END $$;
ALTER SCHEMA public RENAME TO regress_shadow_app;

-- what the role cannot see does not shadow, until it may see it
CREATE SCHEMA regress_shadow_app;
CREATE TABLE regress_shadow_app.flights (flight_id integer);
GRANT USAGE ON SCHEMA regress_shadow_app TO regress_shadow_app;
SELECT kind, element FROM accord.drift('sales.flights');

-- what comes later in the path, is called otherwise, is temporary or somebody else's is nobody's business
CREATE SCHEMA archive;
CREATE TABLE archive.flights (flight_id integer);
CREATE TEMP TABLE flights (flight_id integer);
CREATE TABLE staging.gates (flight_id integer);

-- modes and waivers are those of all DDL
SELECT accord.waive('sales.flights', rule => 'search-path-changed', reason => 'a trial run') > 0 AS granted;
CREATE TABLE staging.flights (flight_id integer, carrier text);
SELECT action, detail FROM accord.audit_log WHERE action LIKE 'create%' ORDER BY id;
SELECT kind, element, consumers FROM accord.drift('sales.flights');
CREATE OR REPLACE VIEW sales.flights_view AS SELECT * FROM sales.flights;
DROP TABLE staging.flights;
SELECT kind, element FROM accord.drift('sales.flights');
