-- Nobody takes apart by hand what a live migration stands on, whatever the mode.
CREATE EXTENSION pg_accord;
SET client_min_messages = warning;
CREATE TABLE flights (flight_id bigint PRIMARY KEY, dep_delay integer, carrier text NOT NULL);
SELECT FROM accord.register_contract('flights');
SELECT FROM accord.register_consumer('billing');
SELECT FROM accord.subscribe('flights', 'billing', columns => '{flight_id,dep_delay}');
SELECT FROM accord.stage('flights', 'ALTER TABLE flights ALTER COLUMN dep_delay TYPE text', down => 'dep_delay = dep_delay::integer');
SELECT accord.set_guard_mode('off', 'flights');

DO $$
DECLARE
    statement text;
BEGIN
    FOREACH statement IN ARRAY ARRAY[
        'ALTER TABLE flights DROP COLUMN _accord_1_dep_delay CASCADE',
        'ALTER TABLE flights RENAME COLUMN dep_delay TO delay',
        'ALTER TABLE flights DROP COLUMN carrier CASCADE',
        'DROP TRIGGER "!accord_sync" ON flights',
        'ALTER TRIGGER "~accord_sync" ON flights RENAME TO other',
        'ALTER TABLE flights DISABLE TRIGGER USER',
        'ALTER TABLE flights ENABLE TRIGGER "!accord_sync"',
        'DROP VIEW flights_v2.flights',
        'ALTER VIEW flights_v2.flights RENAME COLUMN dep_delay TO delay',
        'CREATE OR REPLACE VIEW flights_v2.flights AS SELECT 1 AS a',
        'DROP SCHEMA flights_v2 CASCADE',
        'ALTER SCHEMA flights_v2 RENAME TO other',
        'DROP EXTENSION pg_accord',
        'DROP EXTENSION pg_accord CASCADE',
        'DROP OWNED BY CURRENT_USER'] LOOP
        BEGIN
            EXECUTE statement;
            RAISE INFO '% -> passed', statement;
        EXCEPTION WHEN OTHERS THEN
            RAISE INFO E'%\n  -> % %', statement, SQLSTATE, SQLERRM;
        END;
    END LOOP;
END $$;
DROP EXTENSION pg_accord CASCADE;

-- its parts: columns of one version, with their defaults, constraints, indexes, triggers and policies
CREATE TABLE part (id integer PRIMARY KEY, n integer NOT NULL DEFAULT 7 CONSTRAINT positive CHECK (n > 0), code text, free integer);
CREATE INDEX by_n ON part (n);
CREATE FUNCTION nothing() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
CREATE TRIGGER looks BEFORE UPDATE OF n ON part FOR EACH ROW EXECUTE FUNCTION nothing();
CREATE POLICY mine ON part USING (n > 0);
SELECT FROM accord.register_contract('part');
SELECT FROM accord.stage('part', 'ALTER TABLE part ALTER COLUMN n TYPE bigint; CREATE INDEX by_code ON part (code)', insert_null => 'default');
CALL accord.backfill('part');
SELECT accord.set_guard_mode('off', 'part');
CREATE FUNCTION try(VARIADIC statements text[]) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    statement text;
BEGIN
    FOREACH statement IN ARRAY statements LOOP
        BEGIN
            EXECUTE statement;
            RAISE INFO '% -> passed', statement;
        EXCEPTION WHEN OTHERS THEN
            RAISE INFO E'%\n  -> % %', statement, SQLSTATE, SQLERRM;
        END;
    END LOOP;
END $$;
SELECT try('ALTER TABLE part ALTER COLUMN n DROP DEFAULT',
           'ALTER TABLE part ALTER COLUMN n SET DEFAULT 8',
           'ALTER TABLE part ALTER COLUMN n DROP NOT NULL',
           'ALTER TABLE part ALTER COLUMN _accord_2_n SET DEFAULT 8',
           'ALTER TABLE part ALTER COLUMN _accord_2_n SET NOT NULL',
           'ALTER TABLE part ALTER COLUMN _accord_2_n ADD GENERATED ALWAYS AS IDENTITY',
           'ALTER TABLE part ALTER COLUMN _accord_2_pending DROP DEFAULT',
           'ALTER TABLE part DROP CONSTRAINT positive',
           'ALTER TABLE part RENAME CONSTRAINT "~accord_2_positive" TO other',
           'ALTER TABLE part DROP CONSTRAINT "~accord_2_positive"',
           'ALTER TABLE part DROP CONSTRAINT _accord_2_not_null_n',
           'DROP INDEX by_n',
           'DROP INDEX _accord_2_by_n',
           'DROP INDEX by_code',
           'ALTER INDEX _accord_2_by_n RENAME TO other',
           'ALTER TABLE by_code RENAME TO other',
           'DROP TRIGGER looks ON part',
           'ALTER TRIGGER looks ON part RENAME TO other',
           'DROP POLICY mine ON part',
           'ALTER POLICY mine ON part RENAME TO other');
DROP INDEX CONCURRENTLY _accord_2_by_n;
-- what is nobody's part passes, unless a version would have to be made for it
SELECT try('ALTER TABLE part ALTER COLUMN free SET DEFAULT 1', 'ALTER TABLE part ADD CONSTRAINT loose CHECK (free > 0)', 'CREATE INDEX by_free ON part (free)',
           'ALTER TABLE part DROP CONSTRAINT loose', 'DROP INDEX by_free', 'REINDEX INDEX _accord_2_by_n', 'ALTER TABLE part CLUSTER ON by_n',
           'ALTER TABLE part DISABLE TRIGGER looks', 'ALTER TABLE part ENABLE TRIGGER looks');
SELECT FROM accord.complete('part');
SELECT try('ALTER TABLE part ALTER COLUMN n SET DEFAULT 9', 'ALTER TABLE part ALTER COLUMN _accord_2_old_n SET DEFAULT 9', 'DROP INDEX by_n', 'DROP INDEX _accord_2_old_by_n',
           'DROP INDEX by_code', 'ALTER TABLE part DROP CONSTRAINT positive');
SELECT FROM accord.purge('part');
-- what clients see of indexes has the names of the columns
SELECT attrelid::regclass::text, attname FROM pg_attribute WHERE attrelid IN ('by_n'::regclass, 'by_code'::regclass) ORDER BY 1;
SELECT try('ALTER TABLE part ALTER COLUMN n SET DEFAULT 9', 'DROP INDEX by_n', 'DROP INDEX by_code', 'DROP POLICY mine ON part');

-- what does no harm passes
ALTER TABLE flights ALTER COLUMN carrier SET STATISTICS 100;
CREATE INDEX ON flights (carrier);
COMMENT ON TABLE flights IS 'departures';

-- and the migration goes on
INSERT INTO flights VALUES (1, 5, 'AA');
SELECT dep_delay FROM flights_v2.flights;
SELECT FROM accord.rollback('flights');
SELECT accord.set_guard_mode('default', 'flights');
DROP EXTENSION pg_accord;

-- the same on a partition, whose triggers are copies; one that goes takes its copies along
CREATE EXTENSION IF NOT EXISTS pg_accord;
CREATE TABLE measure (id integer, day date, value integer) PARTITION BY RANGE (day);
CREATE TABLE measure_1 PARTITION OF measure FOR VALUES FROM ('2020-01-01') TO ('2021-01-01') PARTITION BY LIST (id);
CREATE TABLE measure_1_1 PARTITION OF measure_1 DEFAULT;
CREATE TABLE measure_2 PARTITION OF measure DEFAULT;
SELECT FROM accord.register_contract('measure');
SELECT FROM accord.stage('measure', 'ALTER TABLE measure ALTER COLUMN value TYPE text', down => 'value = value::integer');
SELECT accord.set_guard_mode('off', 'measure');
ALTER TABLE measure_2 DISABLE TRIGGER ALL;
ALTER TABLE measure_1_1 DISABLE TRIGGER "~accord_sync";
ALTER TABLE measure_1 ENABLE REPLICA TRIGGER "!accord_sync";
ALTER TABLE measure_2 ENABLE ALWAYS TRIGGER "!accord_sync";
ALTER TABLE measure DETACH PARTITION measure_2;
SELECT tgrelid::regclass, tgname, tgenabled FROM pg_trigger WHERE tgname ~ 'accord_sync' ORDER BY 1, 2;
SELECT FROM accord.rollback('measure');
DROP EXTENSION pg_accord;
