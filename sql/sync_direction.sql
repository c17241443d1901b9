-- Which side follows which: by the columns whose value changed, whatever the path to the table.
\getenv root PG_ABS_SRCDIR
\set fixture :root '/test/fixtures/hand_staged.sql'
CREATE EXTENSION pg_accord;
SET client_min_messages = warning;
\set ECHO none
\i :fixture
\set ECHO all
CREATE TABLE flights (id integer PRIMARY KEY, delay integer, carrier text, note text);
INSERT INTO flights VALUES (1, 10, 'UA', 'a'), (2, NULL, 'AA', 'b');
SELECT hand.stage('flights', '{"delay": "numeric", "airline": "text"}',
    hand.pair('{delay}', '{delay}', '{delay}', '{round(delay)::integer}'),
    hand.pair('{carrier}', '{airline}', '{lower(carrier)}', '{upper(airline)}')) IS NOT NULL AS staged;
TABLE flights_v1.flights;
SELECT id, delay, airline FROM flights_v2.flights ORDER BY id;

-- pending rows are filled by any write, and by the backfill's own
UPDATE flights SET note = 'touched' WHERE id = 1;
SELECT * FROM flights ORDER BY id;
SELECT hand.fill('flights');
SELECT * FROM flights ORDER BY id;

-- UPDATE: the changed side is carried over
UPDATE flights_v1.flights SET delay = 11 WHERE id = 1 RETURNING *;
UPDATE flights_v2.flights SET delay = 12.4, airline = 'dl' WHERE id = 1 RETURNING *;
SELECT id, delay, carrier FROM flights_v1.flights WHERE id = 1;
UPDATE flights_v2.flights SET delay = NULL WHERE id = 1;
UPDATE flights SET carrier = 'B6' WHERE id = 2;
SELECT * FROM flights ORDER BY id;

-- a save of the whole row by an old client does not degrade a newer value
UPDATE flights_v2.flights SET delay = 7.25 WHERE id = 1;
UPDATE flights_v1.flights SET id = 1, delay = 7, carrier = 'DL', note = 'saved whole' WHERE id = 1;
SELECT id, delay, note FROM flights_v2.flights WHERE id = 1;
-- nor does one that writes the same value in another image
UPDATE flights_v2.flights SET delay = 7.250 WHERE id = 1;
SELECT v1.delay, v2.delay FROM flights_v1.flights v1 JOIN flights_v2.flights v2 USING (id) WHERE id = 1;
-- but a real change wins
UPDATE flights_v1.flights SET delay = 8 WHERE id = 1;
SELECT delay FROM flights_v2.flights WHERE id = 1;

-- both sides at once: consistent is fine, anything else is an error
UPDATE flights SET delay = 9, _accord_1_delay = 9.3 WHERE id = 1;
UPDATE flights SET delay = 10, _accord_1_delay = 20 WHERE id = 1;
SELECT delay, _accord_1_delay FROM flights WHERE id = 1;

-- one writer, two pairs, two directions
UPDATE flights SET delay = 30, _accord_1_airline = 'wn' WHERE id = 1;
SELECT * FROM flights WHERE id = 1;

-- INSERT through views, base table, with RETURNING and ON CONFLICT
INSERT INTO flights_v1.flights VALUES (3, 3, 'VX', 'old client') RETURNING *;
INSERT INTO flights_v2.flights (id, delay, airline) VALUES (4, 4.5, 'f9') RETURNING *;
INSERT INTO flights (id, delay) VALUES (5, 5);
INSERT INTO flights (id, _accord_1_delay) VALUES (6, 6.6);
INSERT INTO flights (id, delay, _accord_1_delay) VALUES (7, 7, 7.1);
INSERT INTO flights (id, delay, _accord_1_delay) VALUES (8, 8, 80);
INSERT INTO flights_v1.flights (id, delay) VALUES (1, 41) ON CONFLICT (id) DO UPDATE SET delay = EXCLUDED.delay RETURNING *;
INSERT INTO flights_v2.flights (id, delay) VALUES (1, 42.5) ON CONFLICT (id) DO UPDATE SET delay = EXCLUDED.delay, note = 'upsert' RETURNING *;
INSERT INTO flights_v2.flights (id, delay) VALUES (1, 99) ON CONFLICT DO NOTHING;
INSERT INTO flights_v1.flights SELECT id + 10, delay, carrier, note FROM flights_v1.flights WHERE id < 3;
COPY flights (id, delay, carrier) FROM stdin;
20	20	EV
\.
MERGE INTO flights f USING (VALUES (1, 50), (21, 51)) AS s(id, delay) ON f.id = s.id
    WHEN MATCHED THEN UPDATE SET delay = s.delay WHEN NOT MATCHED THEN INSERT (id, delay) VALUES (s.id, s.delay);
DELETE FROM flights_v2.flights WHERE id = 2;
SELECT * FROM flights ORDER BY id;
SELECT * FROM hand.violations('flights');

-- prepared statements, functions, cursors, replica role, data-modifying CTEs
PREPARE old_write AS UPDATE flights_v1.flights SET delay = $2 WHERE id = $1;
PREPARE new_write AS UPDATE flights_v2.flights SET delay = $2 WHERE id = $1;
EXECUTE old_write(1, 60); EXECUTE new_write(3, 61.5); EXECUTE old_write(4, 62); EXECUTE new_write(4, 63.5);
CREATE FUNCTION save(integer, integer) RETURNS void LANGUAGE sql AS 'UPDATE flights_v1.flights SET delay = $2 WHERE id = $1';
SELECT save(5, 64);
BEGIN;
DECLARE c CURSOR FOR SELECT * FROM flights WHERE id = 6 FOR UPDATE;
FETCH c;
UPDATE flights SET delay = 65 WHERE CURRENT OF c;
COMMIT;
SET session_replication_role = replica;
UPDATE flights_v1.flights SET delay = 66 WHERE id = 7;
INSERT INTO flights_v2.flights (id, delay) VALUES (9, 0.5);
RESET session_replication_role;
WITH gone AS (DELETE FROM flights WHERE id = 20 RETURNING *), here AS (INSERT INTO flights (id, delay) SELECT id + 2, delay FROM gone)
UPDATE flights_v2.flights SET delay = 67.5 WHERE id = 21;
SELECT id, v1.delay, v2.delay FROM flights_v1.flights v1 JOIN flights_v2.flights v2 USING (id) ORDER BY id;
SELECT * FROM hand.violations('flights');

-- another search_path, or operators of one's own in it, change nothing
CREATE SCHEMA trap;
CREATE FUNCTION trap.lower(text) RETURNS text LANGUAGE sql IMMUTABLE RETURN 'trapped';
CREATE FUNCTION trap.round(numeric) RETURNS numeric LANGUAGE sql IMMUTABLE RETURN -1;
SET search_path = trap, pg_catalog, public;
\c -
SET search_path = trap, pg_catalog;
UPDATE public.flights SET carrier = 'YV' WHERE id = 1;
UPDATE flights_v2.flights SET delay = 1.5 WHERE id = 1;
SELECT * FROM public.flights WHERE id = 1;
