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
