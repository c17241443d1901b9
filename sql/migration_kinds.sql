-- Nullability, splits, merges, computed columns, another unit, partitions, no key; what is lossy or cannot be is told before anything changes.
\getenv root PG_ABS_SRCDIR
\set fixture :root '/test/fixtures/migration.sql'
CREATE EXTENSION pg_accord;
SET client_min_messages = warning;
\set ECHO none
\i :fixture
\set ECHO all
RESET client_min_messages;

-- SET NOT NULL, DROP NOT NULL, a split, a computed column, another unit: in one migration, on a table without a key
CREATE TABLE person (name text, email text, age integer NOT NULL, price integer, town text CHECK (town <> ''));
INSERT INTO person VALUES ('Ada Lovelace', NULL, 36, 5, 'London'), ('Alan Turing', 'alan@example.com', 41, NULL, NULL);
SELECT accord.register_contract('person');
CREATE TABLE before_all AS SELECT looks('person') AS line;
SELECT state FROM accord.stage('person', $$
    ALTER TABLE person ADD COLUMN first text, ADD COLUMN last text, DROP COLUMN name;
    ALTER TABLE person ALTER COLUMN email SET NOT NULL, ALTER COLUMN age DROP NOT NULL;
    ALTER TABLE person ADD COLUMN shout text $$,
    up => $$ first = split_part(name, ' ', 1), last = split_part(name, ' ', 2), email = coalesce(email, 'none'), price = price * 100, shout = upper(town) $$,
    down => $$ name = first || ' ' || last, age = coalesce(age, -1), price = price / 100 $$);
SELECT old_columns, new_columns, up, down FROM accord_catalog.migration_transform ORDER BY ordinal;
UPDATE person SET email = NULL, town = 'Paris' WHERE age = 41;
SET client_min_messages = warning;
CALL accord.backfill('person');
RESET client_min_messages;
SELECT * FROM person_v2.person ORDER BY last;
INSERT INTO person_v2.person (first, last, email, age, price, town) VALUES ('Grace', 'Hopper', 'grace@example.com', NULL, 1250, 'NYC') RETURNING *;
INSERT INTO person_v1.person VALUES ('Kurt Gödel', NULL, 71, 3, 'Wien') RETURNING *;
INSERT INTO person_v2.person (first, last, email, age) VALUES ('No', 'Age', 'x', NULL) RETURNING *;
INSERT INTO person_v2.person (first, last) VALUES ('No', 'Mail') RETURNING *;
UPDATE person_v2.person SET email = NULL WHERE last = 'Hopper';
UPDATE person_v1.person SET name = 'Grace Brewster', town = 'Arlington' WHERE name LIKE 'Grace%';
SELECT * FROM person_v1.person ORDER BY name;
SELECT * FROM person_v2.person ORDER BY last;
BEGIN;
SELECT state FROM accord.rollback('person');
SELECT looks('person') AS line EXCEPT SELECT line FROM before_all;
SELECT line FROM before_all EXCEPT SELECT looks('person');
ROLLBACK;
SELECT state FROM accord.complete('person');
SELECT attname, attnotnull FROM pg_attribute WHERE attrelid = 'person'::regclass AND attnum > 0 AND NOT attisdropped AND attname !~ '_accord_' ORDER BY attname;
INSERT INTO person (first, last, email) VALUES ('Edsger', 'Dijkstra', 'e@example.com') RETURNING first, last, email, age, shout;
SELECT * FROM person_v1.person WHERE name LIKE 'Eds%';
BEGIN;
SELECT state FROM accord.rollback('person');
SELECT looks('person') AS line EXCEPT SELECT line FROM before_all;
SELECT line FROM before_all EXCEPT SELECT looks('person');
ROLLBACK;
SELECT state FROM accord.purge('person');
SELECT looks('person');

-- a partitioned table with attribute numbers that differ, row movement
CREATE TABLE part (id integer, region text, val integer, PRIMARY KEY (id, region)) PARTITION BY LIST (region);
CREATE TABLE part_a PARTITION OF part FOR VALUES IN ('a');
CREATE TABLE part_b (junk integer, val integer, region text NOT NULL, id integer NOT NULL);
ALTER TABLE part_b DROP COLUMN junk;
ALTER TABLE part ATTACH PARTITION part_b DEFAULT;
INSERT INTO part VALUES (1, 'a', 10), (2, 'b', 20);
SELECT accord.register_contract('part');
SELECT state FROM accord.stage('part', 'ALTER TABLE part ALTER COLUMN val TYPE bigint');
SET client_min_messages = warning;
CALL accord.backfill('part');
RESET client_min_messages;
UPDATE part_v2.part SET val = 30, region = 'c' WHERE id = 1;
INSERT INTO part_v2.part VALUES (3, 'a', 5000000000);
INSERT INTO part_v1.part VALUES (4, 'z', 4);
SELECT tableoid::regclass, id, region, val FROM part ORDER BY id;
SELECT * FROM part_v2.part ORDER BY id;
SELECT state FROM accord.complete('part');
INSERT INTO part (id, region, val) VALUES (5, 'b', 55);
SELECT * FROM part_v1.part ORDER BY id;
SELECT state FROM accord.purge('part');
SELECT * FROM part ORDER BY id;
SELECT state FROM accord.stage('part', 'ALTER TABLE part ALTER COLUMN region TYPE varchar', down => 'region = region');
SELECT accord.stage('part_a', 'ALTER TABLE part_a RENAME COLUMN val TO v');

-- what is lossy is told before anything changes; what fails is refused
CREATE TABLE measure (id integer PRIMARY KEY, v numeric, w text);
INSERT INTO measure VALUES (1, 1.25, '7'), (2, 2, 'x'), (3, 3, NULL);
SELECT accord.register_contract('measure');
SELECT state FROM accord.stage('measure', 'ALTER TABLE measure ALTER COLUMN v TYPE integer', down => 'v = v');
SELECT state FROM accord.rollback('measure');
SELECT accord.stage('measure', 'ALTER TABLE measure ALTER COLUMN w TYPE integer USING w::integer', down => 'w = w::text');
SELECT accord.stage('measure', 'ALTER TABLE measure ALTER COLUMN w SET NOT NULL', up => 'w = w');
SELECT accord.stage('measure', 'ALTER TABLE measure ALTER COLUMN w TYPE integer USING length(w)', down => 'w = nowhere + 1');
SELECT accord.stage('measure', 'ALTER TABLE measure ALTER COLUMN w TYPE integer USING length(w)', down => 'w = w +');
SELECT accord.stage('measure', 'ALTER TABLE measure ALTER COLUMN w TYPE integer USING length(w)', down => 'w = random()::text');
SELECT accord.stage('measure', 'ALTER TABLE measure ALTER COLUMN v TYPE integer', up => 'v = (SELECT 1)', down => 'v = v');
SELECT accord.stage('measure', 'ALTER TABLE measure ALTER COLUMN v TYP integer');
SELECT accord.stage('measure', 'ALTER TABLE part RENAME COLUMN val TO v');
SELECT accord.stage('measure', 'CREATE INDEX ON measure (v)');
SELECT accord.stage('measure', 'ALTER TABLE measure ADD CONSTRAINT c CHECK (v > 0)');
SELECT accord.stage('measure', 'ALTER TABLE measure ADD COLUMN r double precision DEFAULT random()');
SELECT accord.stage('measure', '');
SELECT count(*) FROM accord_catalog.migration WHERE state NOT IN ('purged', 'rolled back');
SELECT nspname FROM pg_namespace WHERE nspname LIKE 'measure%';

-- a default of the new type, given in the same script
CREATE TYPE mood AS ENUM ('sad', 'ok');
CREATE TABLE dflt (id integer, m text);
INSERT INTO dflt VALUES (1, 'sad');
SELECT accord.register_contract('dflt');
SELECT state FROM accord.stage('dflt', $$ALTER TABLE dflt ALTER m TYPE mood USING CASE m WHEN 'sad' THEN 'sad'::mood ELSE 'ok'::mood END, ALTER m SET DEFAULT 'ok';
    ALTER TABLE dflt RENAME m TO feeling; ALTER TABLE dflt ALTER feeling SET DEFAULT 'sad'$$, down => $$m = CASE feeling WHEN 'sad'::mood THEN 'sad' ELSE 'ok' END$$);
INSERT INTO dflt_v2.dflt (id) VALUES (2);
SELECT * FROM dflt_v1.dflt ORDER BY id;
SELECT default_expression FROM accord_catalog.version_column WHERE name = 'feeling';
