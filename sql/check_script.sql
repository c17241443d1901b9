-- accord.check by execution on clones: scripts in which each statement meets the result of those before, and what must never happen.
CREATE EXTENSION pg_accord;
SET client_min_messages = warning;
SET lock_timeout = '1min';
CREATE SCHEMA shop;
CREATE TYPE mood AS ENUM ('sad', 'ok');
CREATE DOMAIN positive AS integer CHECK (VALUE > 0);
CREATE TABLE customers (id bigint PRIMARY KEY, email text NOT NULL, feeling mood DEFAULT 'ok', size positive);
CREATE TABLE orders (id serial PRIMARY KEY, customer bigint REFERENCES customers, total numeric(8,2), note text);
CREATE TABLE shop."Odd ""Table" (id integer GENERATED ALWAYS AS IDENTITY, "Odd Column" varchar(5));
CREATE VIEW spenders AS SELECT c.email, sum(o.total) FROM customers c JOIN orders o ON o.customer = c.id GROUP BY 1;
CREATE TABLE parts (id integer, at date) PARTITION BY RANGE (at);
CREATE TABLE parts_1 PARTITION OF parts FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');
INSERT INTO customers SELECT i, 'e' || i FROM generate_series(1, 10) i;
INSERT INTO orders (customer, total) SELECT i, i FROM generate_series(1, 10) i;
CREATE FUNCTION brief(ddl text) RETURNS TABLE (line integer, severity text, rule text, element text, locks text, rewrite boolean, scan boolean, basis text)
LANGUAGE sql AS 'SELECT line, severity, rule, element, locks, rewrite, scan, basis FROM accord.check(ddl)';

-- names that move
SELECT * FROM brief($$
ALTER TABLE customers RENAME TO clients;
ALTER TABLE clients ALTER COLUMN id TYPE numeric;
ALTER TABLE public.clients SET SCHEMA shop;
ALTER TABLE shop.clients ADD COLUMN x uuid DEFAULT gen_random_uuid();
ALTER SCHEMA shop RENAME TO store;
ALTER TABLE store.clients DROP COLUMN x;
CREATE TABLE public.customers (id integer);
ALTER TABLE public.customers ALTER COLUMN id TYPE bigint;
$$);
-- a CHECK that an earlier statement made proves what a later one needs
SELECT * FROM brief($$
ALTER TABLE orders ADD CONSTRAINT known CHECK (note IS NOT NULL) NOT VALID;
ALTER TABLE orders VALIDATE CONSTRAINT known;
ALTER TABLE orders ALTER COLUMN note SET NOT NULL;
ALTER TABLE orders DROP CONSTRAINT known;
$$);
-- types, domains, quoting, defaults with sequences
SELECT * FROM brief($$
ALTER DOMAIN public.positive ADD CONSTRAINT small CHECK (VALUE < 100);
ALTER TYPE mood RENAME VALUE 'sad' TO 'blue';
ALTER TABLE shop."Odd ""Table" ALTER COLUMN "Odd Column" TYPE varchar(10);
ALTER TABLE shop."Odd ""Table" ALTER COLUMN "Odd Column" SET NOT NULL;
DROP TYPE mood CASCADE;
ALTER TABLE customers ADD COLUMN feeling text;
$$);
SELECT * FROM brief('DROP TYPE mood CASCADE; ALTER TABLE customers DROP COLUMN feeling');
-- texts that are no names
SELECT line, severity FROM accord.check($$ INSERT INTO orders (note) VALUES ('1a0001'), ('a.b'), ('"x.') $$);
SELECT * FROM brief('DROP SEQUENCE orders_id_seq CASCADE; DROP SCHEMA shop CASCADE; DROP SCHEMA public CASCADE');
-- what PostgreSQL would refuse
SELECT * FROM brief('DROP TABLE customers; DROP TABLE customers CASCADE; SELECT * FROM spenders');
SELECT * FROM brief('ALTER TABLE orders ALTER COLUMN total TYPE text');
-- a default can name what the script has made
SELECT * FROM brief('CREATE SEQUENCE public.numbers; CREATE FUNCTION made() RETURNS integer LANGUAGE sql IMMUTABLE AS ''SELECT 1''; ALTER TABLE orders ADD n bigint, ADD m integer DEFAULT made(); ALTER TABLE orders ALTER n SET DEFAULT nextval(''public.numbers'')');
SELECT * FROM brief('CREATE INDEX CONCURRENTLY ON parts (id); BEGIN; CREATE INDEX CONCURRENTLY i ON orders (note); COMMIT; CREATE INDEX CONCURRENTLY i ON orders (note)');
SELECT * FROM brief('ALTER TABLE orders ADD CONSTRAINT big CHECK (total > 5); ALTER TABLE customers ALTER COLUMN feeling SET NOT NULL');
-- the script as a whole
SET lock_timeout = 0;
SELECT * FROM brief($$
BEGIN;
ALTER TABLE orders ADD CONSTRAINT known CHECK (id > 0) NOT VALID;
ALTER TABLE orders VALIDATE CONSTRAINT known;
UPDATE orders SET note = 'x';
$$);
SELECT rule, safe_sql FROM accord.check('SET lock_timeout = ''2s''; CREATE INDEX ON orders (note); ALTER TABLE orders ALTER note SET NOT NULL; ALTER TABLE orders ADD CHECK (total > 0); ALTER TABLE orders ADD COLUMN t timestamptz DEFAULT clock_timestamp() NOT NULL') WHERE rule IS NOT NULL;
-- rows that are named one by one are what a migration tool writes down of itself, and no backfill
CREATE TABLE applied (version text PRIMARY KEY, part integer);
SELECT line, rule FROM brief($$BEGIN;
ALTER TABLE orders ADD COLUMN y integer;
UPDATE applied SET version = '2' WHERE version = '1';
UPDATE applied SET version = '2' WHERE part = 3 AND applied.version = '1';
INSERT INTO applied VALUES ('3', 1);
DELETE FROM applied WHERE version = '3';
UPDATE applied SET version = '2' WHERE part = 3;
UPDATE applied SET version = '2' WHERE version > '1';
UPDATE applied SET version = '2' WHERE version = '1' OR part = 4;
INSERT INTO applied SELECT note FROM orders;
UPDATE applied SET version = o.note FROM orders o WHERE version = 'x';
COMMIT$$) WHERE rule = 'DM02';
SET lock_timeout = '1min';

-- no event trigger of anybody's, no rows, no functions of the script
CREATE TABLE seen (what text);
CREATE FUNCTION forbid() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'an event trigger ran'; END $$;
CREATE FUNCTION loud() RETURNS integer LANGUAGE plpgsql VOLATILE AS $$ BEGIN RAISE 'a function ran'; END $$;
CREATE EVENT TRIGGER forbid ON ddl_command_start EXECUTE FUNCTION forbid();
CREATE EVENT TRIGGER forbid_rewrite ON table_rewrite EXECUTE FUNCTION forbid();
SELECT * FROM brief('ALTER TABLE orders ADD COLUMN a integer DEFAULT loud(); CREATE TABLE x AS SELECT loud(); INSERT INTO orders (note) VALUES (''x''); DELETE FROM orders; TRUNCATE orders');
DROP EVENT TRIGGER forbid;
DROP EVENT TRIGGER forbid_rewrite;
SELECT count(*) FROM orders;
SELECT nspname FROM pg_namespace WHERE nspname LIKE 'accord\_check%';

-- locks: nothing above ACCESS SHARE on what is the user's, also in a transaction that goes on
BEGIN;
SELECT count(*) FROM accord.check('DROP TABLE customers CASCADE; ALTER TABLE orders ADD x integer DEFAULT 1; DROP TYPE mood CASCADE; ALTER TABLE parts ADD y integer; DROP SCHEMA shop CASCADE');
SELECT l.relation::regclass, l.mode FROM pg_locks l JOIN pg_class c ON c.oid = l.relation
 WHERE l.pid = pg_backend_pid() AND l.mode <> 'AccessShareLock' AND c.relnamespace IN ('public'::regnamespace, 'shop'::regnamespace);
COMMIT;

-- an owner who may create nothing in the database
CREATE ROLE check_owner;
CREATE SCHEMA own AUTHORIZATION check_owner;
SET ROLE check_owner;
CREATE TABLE own.mine (id integer PRIMARY KEY, x text);
SELECT has_database_privilege(current_database(), 'CREATE');
SELECT * FROM brief('ALTER TABLE own.mine ALTER COLUMN x SET NOT NULL; ALTER TABLE own.mine ADD COLUMN s serial');
SELECT * FROM brief('ALTER TABLE public.customers ADD COLUMN y integer');
RESET ROLE;
-- a read-only transaction: from the parse tree, and marked
BEGIN READ ONLY;
SELECT * FROM brief('ALTER TABLE orders ALTER COLUMN total TYPE text');
COMMIT;
-- temporary tables are nobody else's
CREATE TEMP TABLE mine (a integer);
SELECT * FROM brief('ALTER TABLE mine ALTER COLUMN a TYPE bigint; CREATE TEMP TABLE other (a integer)');
DROP SCHEMA own CASCADE;
DROP ROLE check_owner;
