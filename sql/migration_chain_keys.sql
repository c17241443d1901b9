-- Three versions of the same columns, with what stands on them: of an ordinary table and of a partitioned one.
\getenv root PG_ABS_SRCDIR
\set fixture :root '/test/fixtures/migration.sql'
CREATE EXTENSION pg_accord;
SET client_min_messages = warning;
\set ECHO none
\i :fixture
\set ECHO all
CREATE TABLE owner (id integer PRIMARY KEY);
INSERT INTO owner SELECT generate_series(1, 9);
CREATE TABLE t (id integer PRIMARY KEY, n integer CONSTRAINT whose REFERENCES owner CONSTRAINT positive CHECK (n > 0), code text,
    CONSTRAINT once UNIQUE (code, n) DEFERRABLE, CONSTRAINT apart EXCLUDE USING btree (id WITH =));
CREATE INDEX by_n ON t (n DESC, code) WHERE n > 1;
CREATE STATISTICS both_of_them ON id, n FROM t;
CREATE TABLE child (t_id integer CONSTRAINT parent REFERENCES t ON UPDATE CASCADE);
CREATE TABLE p (id integer, part integer, n integer CONSTRAINT p_owner REFERENCES owner, PRIMARY KEY (part, id)) PARTITION BY LIST (part);
CREATE TABLE p_1 PARTITION OF p FOR VALUES IN (1);
CREATE TABLE p_rest PARTITION OF p DEFAULT;
CREATE INDEX p_n ON p (n, part);
CREATE TABLE p_child (part integer, p_id integer, CONSTRAINT p_parent FOREIGN KEY (part, p_id) REFERENCES p);
INSERT INTO t VALUES (1, 1, 'a'), (2, 2, 'b');
INSERT INTO child VALUES (1), (2);
INSERT INTO p VALUES (1, 1, 1), (2, 2, 2);
INSERT INTO p_child VALUES (1, 1), (2, 2);
SELECT accord.register_contract('t'), accord.register_contract('p');
CREATE FUNCTION look() RETURNS TABLE (relation text, line text) LANGUAGE sql AS $$
    SELECT r::text, line FROM unnest('{t,child,p,p_1,p_rest,p_child}'::regclass[]) r, looks(r) line WHERE line !~ '^(schema|view) ' $$;
CREATE TABLE before_all AS SELECT * FROM look();
CREATE FUNCTION changed() RETURNS TABLE (relation text, line text) LANGUAGE sql AS $$
    (SELECT 'now ' || relation, line FROM look() EXCEPT SELECT 'now ' || relation, line FROM before_all)
    UNION ALL (SELECT * FROM before_all EXCEPT SELECT * FROM look()) ORDER BY 1, 2 $$;
\set second 'ALTER TABLE t ALTER COLUMN id TYPE bigint, ALTER COLUMN n TYPE bigint; ALTER TABLE p ALTER COLUMN id TYPE bigint, ALTER COLUMN n TYPE bigint'
\set third 'ALTER TABLE t ALTER COLUMN id TYPE numeric, ALTER COLUMN n TYPE integer USING n::integer; ALTER TABLE t RENAME n TO number; ALTER TABLE p ALTER COLUMN id TYPE numeric, ALTER COLUMN n TYPE integer USING n::integer'
\set back 'id = id::bigint, n = number, p.id = id::bigint, p.n = n'

SELECT state FROM accord.stage('t', :'second');
-- not before the second version is open: what stands on its columns is not there yet
SELECT state FROM accord.stage('t', :'third', down => :'back');
CALL accord.backfill('t');
SELECT state FROM accord.stage('t', :'third', down => :'back');
CALL accord.backfill('t', '3');
SELECT contract, to_version, state FROM accord.status ORDER BY 1, 2;
SELECT * FROM accord.drift();
SELECT conrelid::regclass, conname, pg_get_constraintdef(oid), convalidated FROM pg_constraint
 WHERE conrelid IN (SELECT unnest('{t,child,p,p_child}'::regclass[])) AND conparentid = 0 AND conname ~ 'accord_3' AND conname !~ 'not_null' ORDER BY 1, 2;
SELECT indexrelid::regclass, pg_get_indexdef(indexrelid) FROM pg_index WHERE indrelid IN (SELECT unnest('{t,p,p_1}'::regclass[])) AND indexrelid::regclass::text ~ 'accord_3' ORDER BY indexrelid::regclass::text COLLATE "C";
-- each version is told of its keys by their names
INSERT INTO t_v1.t VALUES (3, 3, 'c');
INSERT INTO t_v2.t VALUES (4, 4, 'd');
INSERT INTO t_v3.t VALUES (5, 5, 'e');
INSERT INTO t_v3.t VALUES (5, 6, 'f');
INSERT INTO t_v3.t VALUES (6, 5, 'e');
INSERT INTO t_v3.t VALUES (6, 99, 'g');
INSERT INTO t_v3.t VALUES (6, -1, 'g');
INSERT INTO p_v3.p VALUES (2, 2, 3);
INSERT INTO p_v3.p VALUES (3, 2, 99);
UPDATE t_v3.t SET id = 7 WHERE id = 1;
SELECT * FROM child ORDER BY 1;
DELETE FROM p_v3.p WHERE id = 1;
SELECT 1 AS v, t::text FROM t_v1.t UNION ALL SELECT 2, t::text FROM t_v2.t UNION ALL SELECT 3, t::text FROM t_v3.t ORDER BY 1, 2;

-- back to the second version, and to the first
BEGIN;
SELECT target_version, state FROM accord.rollback('t', '3');
SELECT * FROM accord.drift();
SELECT target_version, state FROM accord.rollback('t', '2');
SELECT * FROM changed();
ROLLBACK;
-- on to the second version and the third
SELECT target_version, state FROM accord.complete('t', '2');
SELECT * FROM accord.drift();
INSERT INTO t VALUES (8, 8, 'h');
SELECT target_version, state FROM accord.complete('t', '3');
SELECT * FROM accord.drift();
BEGIN;
SELECT target_version, state FROM accord.rollback('t', '3');
SELECT * FROM accord.drift();
SELECT target_version, state FROM accord.rollback('t', '2');
SELECT * FROM changed();
ROLLBACK;
SELECT target_version, state FROM accord.purge('t', '2');
INSERT INTO t_v2.t VALUES (9, 9, 'i');
SELECT target_version, state FROM accord.purge('t', '3');
SELECT * FROM accord.drift();
SELECT * FROM changed();
SELECT * FROM t ORDER BY 1;
INSERT INTO t (id, number) VALUES (10, 99);
DELETE FROM p WHERE id = 1;

