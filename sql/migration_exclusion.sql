-- Exclusion constraints as part of the new version: built while clients write, in force before they are proven, proven before the version opens.
\getenv root PG_ABS_SRCDIR
\set fixture :root '/test/fixtures/migration.sql'
CREATE EXTENSION pg_accord;
SET client_min_messages = warning;
\set ECHO none
\i :fixture
\set ECHO all
CREATE TABLE room (id integer PRIMARY KEY, name text, lower_bound integer, upper_bound integer);
INSERT INTO room SELECT i, 'r' || i % 3, i * 10, i * 10 + 10 FROM generate_series(1, 200) i;
SELECT accord.register_contract('room');
CREATE TABLE before_all AS SELECT looks('room') AS line;

-- old clients know nothing of it
SELECT accord.stage('room', 'ALTER TABLE room ADD EXCLUDE USING btree (name WITH =)');
SELECT accord.stage('room', 'ALTER TABLE room ADD EXCLUDE USING gist (int4range(lower_bound, upper_bound) WITH &&)');
-- PostgreSQL's own objections
SELECT accord.stage('room', 'ALTER TABLE room ADD COLUMN during int4range, ADD EXCLUDE USING gist (during WITH =, nowhere WITH &&)');
SELECT accord.stage('room', 'ALTER TABLE room ADD COLUMN during int4range, ADD EXCLUDE USING btree (during WITH &&)', up => 'during = int4range(lower_bound, upper_bound)', down => '');

CREATE FUNCTION stage_during(text) RETURNS text LANGUAGE sql AS $f$
    SELECT state FROM accord.stage('room', $$
        ALTER TABLE room DROP COLUMN lower_bound, DROP COLUMN upper_bound;
        ALTER TABLE room ADD COLUMN during int4range, ADD EXCLUDE USING gist (during WITH &&) WHERE (name <> 'anywhere') DEFERRABLE;
    $$, up => $1, down => 'lower_bound = lower(during), upper_bound = upper(during)') $f$;

SELECT phase, statement, lock, note FROM accord.plan('room', $$
        ALTER TABLE room ADD COLUMN during int4range, ADD EXCLUDE USING gist (during WITH &&) WHERE (name <> 'anywhere') DEFERRABLE $$,
        up => 'during = int4range(lower_bound, upper_bound)')
 WHERE phase = 'activate' ORDER BY step;

-- rows that up makes conflict: the new version does not open, and the constraint says which
SELECT stage_during('during = int4range(lower_bound, upper_bound + (id = 100)::integer)');
CALL accord.backfill('room');
SELECT state FROM accord.status;
SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint WHERE conrelid = 'room'::regclass AND contype = 'x';
-- corrected by clients of either version
UPDATE room SET lower_bound = lower_bound + 1 WHERE id = 101;
CALL accord.backfill('room');
SELECT state FROM accord.status;

-- both sides
INSERT INTO room_v2.room VALUES (301, 'r', '[55,57)');
INSERT INTO room VALUES (301, 'r', 55, 57);
INSERT INTO room_v2.room VALUES (301, 'anywhere', '[55,57)');
INSERT INTO room VALUES (302, 'r', 5000, 5010);
BEGIN;
SET CONSTRAINTS ALL DEFERRED;
UPDATE room_v2.room SET during = '[50,60)' WHERE id = 1;
UPDATE room_v2.room SET during = '[10,20)' WHERE id = 5;
COMMIT;
BEGIN;
SET CONSTRAINTS ALL DEFERRED;
UPDATE room_v2.room SET during = '[50,60)' WHERE id = 6;
COMMIT;
INSERT INTO room_v2.room VALUES (303, 'r', '[5000,5001)') ON CONFLICT DO NOTHING;

SELECT state FROM accord.complete('room');
INSERT INTO room (id, name, during) VALUES (303, 'r', '[5000,5001)');
SELECT conname, pg_get_constraintdef(oid), condeferrable FROM pg_constraint WHERE conrelid = 'room'::regclass AND contype = 'x';
SELECT * FROM accord.drift();
BEGIN;
SELECT state FROM accord.rollback('room');
DELETE FROM room WHERE id > 300;
SELECT looks('room') AS line EXCEPT SELECT line FROM before_all;
SELECT line FROM before_all EXCEPT SELECT looks('room');
ROLLBACK;
SELECT state FROM accord.purge('room');
SELECT * FROM accord.drift();
INSERT INTO room VALUES (303, 'r', '[5000,5001)');
-- the server keeps it as it keeps its own
REINDEX TABLE room;
CREATE TABLE copy (LIKE room INCLUDING ALL);
SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint WHERE conrelid = 'copy'::regclass AND contype = 'x';
-- it does not go with a column of its expressions
SELECT accord.stage('room', 'ALTER TABLE room DROP COLUMN name');
SELECT state FROM accord.stage('room', 'ALTER TABLE room DROP CONSTRAINT room_during_excl, DROP COLUMN name');
SELECT state FROM accord.complete('room');
SELECT state FROM accord.purge('room');
SELECT count(*) FROM pg_constraint WHERE conrelid = 'room'::regclass AND contype = 'x';
SELECT * FROM accord.drift();

-- of a partitioned table there is none before 17, and none that is built while clients write
CREATE TABLE parts (id integer, n integer) PARTITION BY LIST (id);
SELECT accord.register_contract('parts');
SELECT accord.stage('parts', 'ALTER TABLE parts ADD COLUMN during int4range, ADD EXCLUDE USING gist (during WITH &&)', up => 'during = int4range(n, n)');

-- nobody else makes them
SELECT accord_catalog.make_exclusion('room', 'nowhere', '{}', false, false);
SELECT accord_catalog.make_exclusion('room', 'room_pkey', '{"=(integer,integer)"}', false, false);
SELECT accord_catalog.prove_exclusion('room', 'room_pkey');
CREATE INDEX by_during ON room (during);
SELECT accord_catalog.make_exclusion('room', 'by_during', '{"=(integer,integer)"}', false, false);
