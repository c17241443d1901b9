-- Three live versions of one table: two migrations in a chain, written through any of them.
\getenv root PG_ABS_SRCDIR
\set fixture :root '/test/fixtures/hand_staged.sql'
CREATE EXTENSION pg_accord;
SET client_min_messages = warning;
\set ECHO none
\i :fixture
\set ECHO all
CREATE TABLE t (id integer PRIMARY KEY, a integer, first text, last text, unit text DEFAULT 'm');
INSERT INTO t VALUES (1, 1, 'Ada', 'Lovelace'), (2, 2, 'Alan', 'Turing');
SELECT hand.stage('t', '{"b": "numeric", "name": "text"}',
    hand.pair('{a}', '{b}', '{a}', '{round(b)::integer}'),
    hand.pair('{first,last}', '{name}', ARRAY['first || '' '' || last'], ARRAY['split_part(name, '' '', 1)', 'split_part(name, '' '', 2)'])) IS NOT NULL AS staged;
SELECT hand.stage('t', '{"c": "text", "initial": "text", "surname": "text"}',
    hand.pair('{b}', '{c}', ARRAY['''#'' || b'], ARRAY['substr(c, 2)::numeric']),
    hand.pair('{name}', '{initial,surname}', ARRAY['left(name, 1)', 'split_part(name, '' '', 2)'],
              ARRAY['initial || ''. '' || surname'])) IS NOT NULL AS staged;
-- both migrations are pending: one write fills both, and so does the backfill of either
UPDATE t SET unit = 'km' WHERE id = 1;
UPDATE t SET _accord_1_pending = NULL WHERE id = 2;
SELECT * FROM t ORDER BY id;
CREATE VIEW versions AS SELECT id, v1.a, v2.b, v3.c, v1.first, v1.last, v2.name, v3.initial, v3.surname
    FROM t_v1.t v1 JOIN t_v2.t v2 USING (id) JOIN t_v3.t v3 USING (id) ORDER BY id;
UPDATE t_v1.t SET a = 10, first = 'Augusta' WHERE id = 1;
TABLE versions;
UPDATE t_v2.t SET b = 10.5, name = 'A. M. Turing' WHERE id = 2;
TABLE versions;
UPDATE t_v3.t SET c = '#7.25', surname = 'King' WHERE id = 1;
TABLE versions;
-- a save of the whole row through each older version degrades nothing
UPDATE t_v1.t SET a = 7, first = 'A.', last = 'King', unit = 'v1' WHERE id = 1;
UPDATE t_v2.t SET b = 7.25, name = 'A. King', unit = 'v2' WHERE id = 1;
TABLE versions;
-- INSERT through each, defaults only, and upsert
INSERT INTO t_v1.t (id, a, first, last) VALUES (3, 3, 'Grace', 'Hopper');
INSERT INTO t_v2.t (id, b, name) VALUES (4, 4.5, 'Edsger Dijkstra');
INSERT INTO t_v3.t (id, c, initial, surname) VALUES (5, '#5.75', 'D', 'Knuth');
INSERT INTO t (id) VALUES (6);
INSERT INTO t_v3.t (id, c) VALUES (3, '#33.5') ON CONFLICT (id) DO UPDATE SET c = EXCLUDED.c;
INSERT INTO t_v1.t (id, a) VALUES (5, 55) ON CONFLICT (id) DO UPDATE SET a = EXCLUDED.a;
TABLE versions;
-- the ends of the chain at once: consistent or not
UPDATE t SET a = 8, _accord_2_c = '#8' WHERE id = 4;
UPDATE t SET a = 9, _accord_2_c = '#10' WHERE id = 4;
-- a value that the first version cannot hold, written through the third
UPDATE t_v3.t SET c = '#99999999999' WHERE id = 4;
UPDATE t_v3.t SET c = 'x' WHERE id = 4;
TABLE versions;
SELECT * FROM hand.violations('t');
-- the first is completed: old columns put aside, new ones under their names, and the sync goes on in both directions
BEGIN;
ALTER TABLE t RENAME COLUMN a TO _accord_1_old_a;
ALTER TABLE t RENAME COLUMN _accord_1_b TO b;
UPDATE accord_catalog.version_column SET physical = '_accord_1_old_a' WHERE physical = 'a';
UPDATE accord_catalog.version_column SET physical = 'b' WHERE physical = '_accord_1_b';
UPDATE accord_catalog.migration SET state = 'completed' WHERE id = 1;
COMMIT;
UPDATE t SET b = 1.5 WHERE id = 1;
UPDATE t_v1.t SET a = 20 WHERE id = 2;
UPDATE t_v3.t SET c = '#30.5' WHERE id = 3;
TABLE versions;
-- the second is rolled back
BEGIN;
UPDATE accord_catalog.migration SET state = 'rolled back' WHERE id = 2;
DROP VIEW versions, t_v3.t;
ALTER TABLE t DROP COLUMN _accord_2_c, DROP COLUMN _accord_2_initial, DROP COLUMN _accord_2_surname, DROP COLUMN _accord_2_pending;
DELETE FROM accord_catalog.version_column WHERE major = 3;
COMMIT;
UPDATE t_v1.t SET a = 21 WHERE id = 2;
SELECT id, v1.a, v2.b FROM t_v1.t v1 JOIN t_v2.t v2 USING (id) ORDER BY id;

-- expressions that read columns beside their pair, and generated columns
CREATE TABLE l (id integer PRIMARY KEY, len numeric, unit text DEFAULT 'm', twice numeric GENERATED ALWAYS AS (len * 2) STORED);
SELECT hand.stage('l', '{"meters": "numeric", "double": "numeric"}',
    hand.pair('{len}', '{meters}', ARRAY['CASE unit WHEN ''km'' THEN len * 1000 ELSE len END'], ARRAY['CASE unit WHEN ''km'' THEN meters / 1000 ELSE meters END']),
    hand.pair('{}', '{double}', '{twice}', '{}')) IS NOT NULL AS staged;
INSERT INTO l (id, len) VALUES (1, 5), (2, 6);
INSERT INTO l_v2.l (id, meters, unit) VALUES (3, 7000, 'km');
SELECT * FROM l ORDER BY id;
UPDATE l SET unit = 'km' WHERE id = 1;
UPDATE l_v2.l SET unit = 'km', meters = 9000 WHERE id = 2;
UPDATE l_v1.l SET unit = 'm', len = 1 WHERE id = 3;
SELECT id, len, unit, _accord_3_meters FROM l ORDER BY id;
SELECT * FROM hand.violations('l');

-- a column that the new version does not have, with a value for its rows
CREATE TABLE d (id integer PRIMARY KEY, gone integer NOT NULL, note text);
SELECT hand.stage('d', '{}', hand.pair('{gone}', '{}', '{}', '{length(note)}')) IS NOT NULL AS staged;
INSERT INTO d_v2.d (id, note) VALUES (1, 'four');
INSERT INTO d_v1.d (id, gone, note) VALUES (2, 9, 'x');
INSERT INTO d_v2.d (id) VALUES (3);
UPDATE d_v2.d SET note = 'longer' WHERE id = 1;
SELECT * FROM d ORDER BY id;
