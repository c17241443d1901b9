-- needs: citext
-- A change of something else reaches the contracts behind it, whoever runs it and however.
CREATE EXTENSION pg_accord;
SET client_min_messages = warning;
\set SHOW_CONTEXT never
CREATE ROLE regress_fan_owner;
CREATE ROLE regress_fan_group;
CREATE ROLE regress_fan_client IN ROLE regress_fan_group;
CREATE TYPE mood AS ENUM ('sad', 'ok');
CREATE DOMAIN short AS varchar(10);
CREATE DOMAIN shorter AS short;
CREATE TYPE pair AS (a integer, b short);
CREATE FUNCTION next_code() RETURNS integer LANGUAGE sql AS 'SELECT 7';
CREATE FUNCTION sane(integer) RETURNS boolean LANGUAGE sql IMMUTABLE AS 'SELECT $1 < 100';
CREATE FUNCTION visible(text) RETURNS boolean LANGUAGE sql STABLE AS 'SELECT true';
CREATE TABLE t (id integer DEFAULT next_code() CHECK (sane(id)), feeling mood, moods mood[], tag shorter, both_of pair);
CREATE POLICY p ON t USING (visible(tag));
ALTER TABLE t ENABLE ROW LEVEL SECURITY;
ALTER TABLE t OWNER TO regress_fan_owner;
GRANT SELECT, INSERT ON t TO regress_fan_group;
SELECT FROM accord.register_contract('t');
SELECT FROM accord.register_consumer('app', role => 'regress_fan_client');
SELECT FROM accord.subscribe('t', 'app');

-- types: an enum in an array, a domain over a domain, a composite type with a domain in it
ALTER TYPE mood RENAME VALUE 'ok' TO 'fine';
ALTER DOMAIN short ADD CHECK (length(value) > 1);
ALTER DOMAIN shorter ADD CHECK (length(value) > 1);
ALTER DOMAIN shorter SET NOT NULL;
ALTER TYPE pair DROP ATTRIBUTE a;
ALTER TYPE pair RENAME ATTRIBUTE a TO n;
ALTER TYPE pair ADD ATTRIBUTE c text;
ALTER TYPE pair ALTER ATTRIBUTE a TYPE bigint;
-- the row type of another table, in an array within a composite type; PostgreSQL knows one column from the other
CREATE TABLE legs (leg integer, "From" text);
CREATE TYPE journey AS (name text, legs legs[]);
CREATE TABLE trips (id integer, first legs, taken journey, given journey[]);
SELECT FROM accord.register_contract('trips');
SELECT FROM accord.register_consumer('traveller');
SELECT FROM accord.subscribe('trips', 'traveller', strictness => 'text', columns => '{first,taken}');
ALTER TABLE legs RENAME "From" TO "to";
ALTER TABLE legs ADD COLUMN stops integer, DROP COLUMN leg;
ALTER TABLE legs ADD CHECK (leg > 0);
ALTER TYPE journey RENAME ATTRIBUTE name TO title;
ALTER TYPE journey ADD ATTRIBUTE note text;
ALTER TYPE journey RENAME TO way;
-- enums and domains within: of an attribute, also in an array of rows, and of the elements of an array
CREATE TYPE berth AS ENUM ('upper', 'lower');
CREATE DOMAIN fare AS integer CHECK (value > 0);
CREATE TYPE ticket AS (berth berth, paid fare);
CREATE TABLE bookings (id integer, ticket ticket, others ticket[], fares fare[]);
SELECT FROM accord.register_contract('bookings');
SELECT FROM accord.register_consumer('conductor');
SELECT FROM accord.subscribe('bookings', 'conductor', strictness => 'prepared', columns => '{others}');
SELECT FROM accord.register_consumer('seller');
SELECT FROM accord.subscribe('bookings', 'seller', access => 'write', columns => '{fares}');
ALTER TYPE berth RENAME VALUE 'upper' TO 'top';
ALTER TYPE berth ADD VALUE 'middle';
ALTER TYPE berth RENAME TO bunk;
ALTER DOMAIN fare ADD CONSTRAINT cheap CHECK (value < 100) NOT VALID;
ALTER DOMAIN fare DROP CONSTRAINT fare_check;
-- nobody gets that filled in
ALTER DOMAIN fare SET DEFAULT 1;
-- one that nobody has
CREATE TYPE lonely AS (a integer);
ALTER TYPE lonely RENAME ATTRIBUTE a TO b;
ALTER TYPE lonely ADD ATTRIBUTE c integer;
ALTER TYPE mood RENAME TO spirit;
DROP DOMAIN shorter CASCADE;
DROP TYPE pair CASCADE;

-- names: of types and collations, and of the schemas and extensions that have them
CREATE SCHEMA words;
CREATE SCHEMA elsewhere;
CREATE EXTENSION citext SCHEMA words;
CREATE COLLATION words.plain FROM "C";
CREATE DOMAIN words.amount AS numeric(10, 2);
CREATE TABLE glossary (term words.citext, terms words.citext[], plain text COLLATE words.plain, price words.amount, id integer);
SELECT FROM accord.register_contract('glossary');
SELECT FROM accord.subscribe('glossary', 'app');
ALTER SCHEMA words RENAME TO vocabulary;
ALTER EXTENSION citext SET SCHEMA elsewhere;
ALTER TYPE words.citext RENAME TO word;
ALTER TYPE words.citext SET SCHEMA elsewhere;
ALTER COLLATION words.plain RENAME TO simple;
ALTER COLLATION words.plain SET SCHEMA elsewhere;
ALTER DOMAIN words.amount RENAME TO sum;
SELECT FROM accord.drift('glossary');
-- a type that is renamed and another of its old name
DO $$ BEGIN ALTER TYPE words.citext RENAME TO word; CREATE DOMAIN words.citext AS text; ALTER TABLE glossary ALTER term TYPE words.citext; END $$;
-- there and back
SET accord.judge_at = 'commit';
BEGIN;
ALTER EXTENSION citext SET SCHEMA elsewhere;
ALTER EXTENSION citext SET SCHEMA words;
COMMIT;
ALTER EXTENSION citext SET SCHEMA elsewhere;
RESET accord.judge_at;
SELECT accord.waive('glossary', reason => 'clients name no types');
ALTER EXTENSION citext SET SCHEMA elsewhere;
SELECT FROM accord.drift('glossary');
SELECT FROM accord.unsubscribe('glossary', 'app');
SELECT FROM accord.drop_contract('glossary');
DROP TABLE glossary;
-- while a migration is live
CREATE TABLE terms (term elsewhere.citext, id integer PRIMARY KEY);
SELECT FROM accord.register_contract('terms');
SELECT FROM accord.stage('terms', 'ALTER TABLE terms ADD COLUMN note text');
ALTER EXTENSION citext SET SCHEMA words;
ALTER TYPE elsewhere.citext RENAME TO word;
SELECT FROM accord.rollback('terms');
SELECT FROM accord.drop_contract('terms');
DROP TABLE terms;
-- nobody has these
ALTER COLLATION words.plain RENAME TO simple;
ALTER SCHEMA words RENAME TO vocabulary;
DROP SCHEMA vocabulary CASCADE;
DROP SCHEMA elsewhere CASCADE;

-- functions behind a default, a check, a policy
CREATE OR REPLACE FUNCTION next_code() RETURNS integer LANGUAGE sql AS 'SELECT 8';
CREATE OR REPLACE FUNCTION sane(integer) RETURNS boolean LANGUAGE sql IMMUTABLE AS 'SELECT $1 < 10';
CREATE OR REPLACE FUNCTION visible(text) RETURNS boolean LANGUAGE sql STABLE AS 'SELECT false';
DROP FUNCTION next_code() CASCADE;
DROP FUNCTION sane(integer) CASCADE;
-- behind a unique index
CREATE FUNCTION normal(text) RETURNS text LANGUAGE sql IMMUTABLE AS 'SELECT lower($1)';
CREATE TABLE sayings (id integer, said text);
CREATE UNIQUE INDEX once ON sayings (normal(said));
CREATE INDEX often ON sayings (normal(said), id);
SELECT FROM accord.register_contract('sayings');
SELECT FROM accord.subscribe('sayings', 'app', access => 'write');
DROP FUNCTION normal(text) CASCADE;
DROP INDEX often;
SELECT FROM accord.unsubscribe('sayings', 'app');
SELECT FROM accord.drop_contract('sayings');
DROP TABLE sayings;

-- policies, ownership, privileges of a group and of a schema
ALTER POLICY p ON t USING (false);
DROP POLICY p ON t;
REVOKE SELECT ON t FROM regress_fan_group;
REVOKE ALL ON ALL TABLES IN SCHEMA public FROM regress_fan_group;
DROP OWNED BY regress_fan_group;
ALTER TABLE t OWNER TO regress_fan_group;
ALTER TABLE t OWNER TO regress_fan_client;
ALTER TABLE t OWNER TO regress_fan_owner;
REVOKE USAGE ON SCHEMA public FROM PUBLIC;
SELECT version, status FROM accord.contract_versions;

-- inside DO blocks, functions and procedures
DO $$ BEGIN EXECUTE 'ALTER TABLE t DROP COLUMN tag'; END $$;
CREATE FUNCTION change() RETURNS void LANGUAGE sql AS 'ALTER TABLE t DROP COLUMN tag';
SELECT change();
CREATE PROCEDURE change_too() LANGUAGE plpgsql AS $$ BEGIN COMMIT; ALTER TABLE t DROP COLUMN tag; END $$;
CALL change_too();
-- elements of CREATE SCHEMA
CREATE SCHEMA more CREATE VIEW v AS SELECT id FROM public.t GRANT SELECT ON v TO PUBLIC;
CREATE TABLE more.u (id integer);
SELECT FROM accord.register_contract('more.u');
SELECT FROM accord.subscribe('more.u', 'app', access => 'write');

CREATE SCHEMA still CREATE TABLE child () INHERITS (more.u) GRANT SELECT ON child TO PUBLIC;
-- extension scripts: dropping one with what it made
CREATE EXTENSION citext;
CREATE TABLE people (name citext, id integer);
SELECT FROM accord.register_contract('people');
SELECT FROM accord.subscribe('people', 'app');
DROP EXTENSION citext CASCADE;
DROP SCHEMA more CASCADE;
DROP VIEW more.v;
DROP OWNED BY regress_fan_client;
