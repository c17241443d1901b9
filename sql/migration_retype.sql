-- One column changes its type: from stage to purge, with clients of both versions at work.
\getenv root PG_ABS_SRCDIR
\set fixture :root '/test/fixtures/migration.sql'
CREATE EXTENSION pg_accord;
SET client_min_messages = warning;
\set ECHO none
\i :fixture
\set ECHO all
RESET client_min_messages;
CREATE TABLE flights (id integer PRIMARY KEY, delay integer, carrier text NOT NULL);
COMMENT ON COLUMN flights.delay IS 'minutes';
INSERT INTO flights SELECT i, NULLIF(i * 10, 30), 'AA' FROM generate_series(1, 5) i;
SELECT accord.register_contract('flights');
CREATE TABLE before_all AS SELECT looks('flights') AS line;

-- without a way back it is refused, and nothing has changed
SELECT * FROM accord.stage('flights', 'ALTER TABLE flights ALTER COLUMN delay TYPE interval USING make_interval(mins => delay)');
SELECT count(*) FROM accord_catalog.migration;
SELECT looks('flights') AS line EXCEPT SELECT line FROM before_all;

-- what it would do
SELECT step, phase, statement, lock FROM accord.plan('flights', 'ALTER TABLE flights ALTER COLUMN delay TYPE interval USING make_interval(mins => delay)',
    down => 'delay = (extract(epoch FROM delay) / 60)::integer');

SELECT from_version, target_version, state, view, next_step FROM accord.stage('flights', 'ALTER TABLE flights ALTER COLUMN delay TYPE interval USING make_interval(mins => delay)',
    down => 'delay = (extract(epoch FROM delay) / 60)::integer');
SELECT from_version, target_version, state, view, next_step FROM accord.stage('flights', 'ALTER TABLE flights ALTER COLUMN delay TYPE interval USING make_interval(mins => delay)',
    down => 'delay = (extract(epoch FROM delay) / 60)::integer');
SELECT contract, from_version, to_version, state, percent_filled, next_step, in_the_way FROM accord.status;
SELECT major, minor, patch, status, jsonb_path_query_array(shape, '$.columns[*].name') AS columns FROM accord_catalog.contract_version ORDER BY 1;

-- old clients go on, on the table and through their view
INSERT INTO flights VALUES (6, 60, 'BB');
INSERT INTO flights_v1.flights VALUES (7, 70, 'CC') RETURNING *;
UPDATE flights SET delay = 11 WHERE id = 1;
SELECT * FROM flights_v1.flights ORDER BY id;
SELECT count(*) AS filled FROM flights_v2.flights WHERE delay IS NOT NULL;
SELECT accord.complete('flights');

CALL fill('flights');
SELECT contract, from_version, to_version, state, percent_filled, next_step, in_the_way FROM accord.status;
SELECT * FROM flights_v2.flights ORDER BY id;
INSERT INTO flights_v2.flights (id, delay, carrier) VALUES (8, '1 hour', 'DD') RETURNING *;
INSERT INTO flights_v2.flights AS f VALUES (8, '2 hours', 'DD') ON CONFLICT (id) DO UPDATE SET delay = f.delay + excluded.delay RETURNING *;
INSERT INTO flights_v1.flights AS f VALUES (8, 5, 'DD') ON CONFLICT (id) DO UPDATE SET delay = excluded.delay RETURNING *;
UPDATE flights_v2.flights SET delay = '90 seconds' WHERE id = 2 RETURNING *;
SELECT * FROM flights_v1.flights WHERE id = 2;
-- a full-row save by an old client that changes nothing does not degrade the newer value
UPDATE flights_v1.flights SET delay = delay, carrier = 'EE' WHERE id = 2;
SELECT * FROM flights_v2.flights WHERE id = 2;
DELETE FROM flights_v2.flights WHERE id = 7;

-- rollback loses nothing of what either wrote
BEGIN;
SELECT from_version, target_version, state FROM accord.rollback('flights');
SELECT * FROM flights ORDER BY id;
SELECT looks('flights') AS line EXCEPT SELECT line FROM before_all;
SELECT line FROM before_all EXCEPT SELECT looks('flights');
SELECT contract, state FROM accord.status;
SELECT major, status FROM accord_catalog.contract_version ORDER BY 1;
ROLLBACK;

SELECT from_version, target_version, state, next_step FROM accord.complete('flights');
SELECT id, delay, carrier FROM flights ORDER BY id;
INSERT INTO flights (id, delay, carrier) VALUES (9, '3 hours', 'FF') RETURNING id, delay, carrier;
SELECT * FROM flights_v1.flights WHERE id = 9;
UPDATE flights_v1.flights SET delay = 200 WHERE id = 9;
SELECT * FROM flights_v2.flights WHERE id = 9;
SELECT contract, state, next_step FROM accord.status;
-- the table has the shape that was promised
SELECT accord_catalog.capture_shape('flights') -> 'columns' AS now, (SELECT shape -> 'columns' FROM accord_catalog.contract_version WHERE major = 2) AS promised \gset
SELECT (SELECT jsonb_agg(c ORDER BY c->>'name') FROM jsonb_array_elements(:'now') c) = (SELECT jsonb_agg(c ORDER BY c->>'name') FROM jsonb_array_elements(:'promised') c) AS as_promised;

-- completion too can be undone
BEGIN;
SELECT from_version, target_version, state FROM accord.rollback('flights', '2');
SELECT * FROM flights ORDER BY id;
SELECT looks('flights') AS line EXCEPT SELECT line FROM before_all;
SELECT line FROM before_all EXCEPT SELECT looks('flights');
ROLLBACK;

SELECT from_version, target_version, state FROM accord.purge('flights');
SELECT * FROM looks('flights');
SELECT contract, state FROM accord.status;
SELECT from_version, to_version, state FROM accord.migrations;
SELECT major, status FROM accord_catalog.contract_version ORDER BY 1;
SELECT accord.rollback('flights');
INSERT INTO flights_v2.flights VALUES (10, '1 minute', 'GG') RETURNING *;
