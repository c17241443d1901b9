-- What breaks a contract is refused with a way out, and leaves nothing behind.
CREATE EXTENSION pg_accord;
SET client_min_messages = warning;
CREATE TABLE flights (
    flight_id bigint PRIMARY KEY,
    dep_delay integer,
    carrier   text NOT NULL,
    gate      text DEFAULT 'A1'
);
SELECT FROM accord.register_contract('flights');
SELECT FROM accord.register_consumer('billing');
SELECT FROM accord.subscribe('flights', 'billing', columns => '{flight_id,dep_delay}', access => 'read write');

-- the kinds of change, one by one
ALTER TABLE flights ALTER COLUMN dep_delay TYPE text;
ALTER TABLE flights ALTER COLUMN dep_delay TYPE interval USING make_interval(mins => dep_delay);
ALTER TABLE flights DROP COLUMN dep_delay;
ALTER TABLE flights DROP COLUMN carrier;
ALTER TABLE flights RENAME COLUMN dep_delay TO delay;
ALTER TABLE flights ALTER COLUMN dep_delay SET NOT NULL;
ALTER TABLE flights ALTER COLUMN carrier DROP NOT NULL;
ALTER TABLE flights ALTER COLUMN gate DROP DEFAULT;
ALTER TABLE flights RENAME TO departures;
CREATE SCHEMA elsewhere;
ALTER TABLE flights SET SCHEMA elsewhere;
DROP TABLE flights;
ALTER TABLE flights ADD COLUMN tail text NOT NULL;

-- several at once, and mixed with what would be allowed
ALTER TABLE flights ADD COLUMN note text, DROP COLUMN dep_delay, ALTER COLUMN gate TYPE varchar(3);

-- inside functions and blocks, where the text is that of the block
DO $$ BEGIN EXECUTE 'ALTER TABLE flights ALTER COLUMN dep_delay TYPE text USING dep_delay::text'; END $$;
DO $$ BEGIN ALTER TABLE flights DROP COLUMN dep_delay; EXCEPTION WHEN SQLSTATE 'AC001' THEN RAISE INFO 'refused: %', SQLERRM; END $$;

-- what goes with something else
\set SHOW_CONTEXT errors
CREATE DOMAIN delay AS integer;
CREATE TABLE legs (leg integer, wait delay);
SELECT FROM accord.register_contract('legs');
DROP DOMAIN delay CASCADE;
CREATE SCHEMA depot CREATE TABLE stock (id integer);
SELECT FROM accord.register_contract('depot.stock');
DROP SCHEMA depot CASCADE;

-- dropped and made again: the same shape, and no values
ALTER TABLE flights DROP COLUMN gate, ADD COLUMN gate text DEFAULT 'A1';

-- fields for programs
\set SHOW_CONTEXT never
DO $$
DECLARE schema_name text; table_name text; column_name text; state text;
BEGIN
    ALTER TABLE flights ALTER COLUMN dep_delay TYPE text;
EXCEPTION WHEN OTHERS THEN
    GET STACKED DIAGNOSTICS state = RETURNED_SQLSTATE, schema_name = SCHEMA_NAME, table_name = TABLE_NAME, column_name = COLUMN_NAME;
    RAISE INFO '% % % %', state, schema_name, table_name, column_name;
END $$;

-- nothing was left behind
SELECT attname, format_type(atttypid, atttypmod), attnotnull FROM pg_attribute
 WHERE attrelid = 'flights'::regclass AND attnum > 0 ORDER BY attnum;
SELECT schema_name, table_name, version, status FROM accord.contract_versions ORDER BY 1, 2, 3;
SELECT count(*) FROM accord.audit_log WHERE action = 'break contract';
SELECT count(*) FROM pg_locks WHERE pid = pg_backend_pid() AND relation = 'flights'::regclass;

-- the hint runs when it is pasted: quoted names, qualified, dollar quotes inside dollar quotes
CREATE SCHEMA "Odd ""Schema""";
CREATE TABLE "Odd ""Schema"""."Odd ""Table""" ("Odd ""Column""" integer, "select" text DEFAULT '$accord$');
SELECT FROM accord.register_contract('"Odd ""Schema"""."Odd ""Table"""');
ALTER TABLE "Odd ""Schema"""."Odd ""Table""" ALTER "Odd ""Column""" TYPE text;
ALTER TABLE "Odd ""Schema"""."Odd ""Table""" RENAME "select" TO "from";
ALTER TABLE "Odd ""Schema"""."Odd ""Table""" ALTER "select" SET DEFAULT '$accord1$';
