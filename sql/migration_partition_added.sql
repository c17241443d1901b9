-- Indexes and keys that the DDL adds to a partitioned table: built on each partition while clients write, then taken in.
\getenv root PG_ABS_SRCDIR
\set fixture :root '/test/fixtures/migration.sql'
CREATE EXTENSION pg_accord;
SET client_min_messages = warning;
\set ECHO none
\i :fixture
\set ECHO all
CREATE SCHEMA far;
CREATE TABLE t (id integer NOT NULL, part integer NOT NULL, n integer, note text) PARTITION BY RANGE (part);
CREATE TABLE t_1 PARTITION OF t FOR VALUES FROM (0) TO (10);
CREATE TABLE far.t_1 PARTITION OF t FOR VALUES FROM (10) TO (20) PARTITION BY RANGE (part);
CREATE TABLE far.t_1_a (note text, junk integer, n integer, part integer NOT NULL, id integer NOT NULL);
ALTER TABLE far.t_1_a DROP COLUMN junk;
ALTER TABLE far.t_1 ATTACH PARTITION far.t_1_a FOR VALUES FROM (10) TO (20);
INSERT INTO t SELECT g, g % 20, g, 'note ' || g FROM generate_series(1, 40) g;
INSERT INTO t VALUES (1, 1, 41, 'again');
SELECT accord.register_contract('t');
CREATE FUNCTION indexes() RETURNS TABLE (of_table regclass, index regclass, definition text, valid boolean, key "char", under regclass) LANGUAGE sql AS $$
    SELECT i.indrelid::regclass, i.indexrelid::regclass, regexp_replace(pg_get_indexdef(i.indexrelid), '.* USING', 'USING'), i.indisvalid AND i.indisready, c.contype, h.inhparent::regclass
      FROM pg_index i LEFT JOIN pg_constraint c ON c.conindid = i.indexrelid AND c.contype IN ('p', 'u', 'x') LEFT JOIN pg_inherits h ON h.inhrelid = i.indexrelid
     WHERE i.indrelid IN (SELECT relid FROM pg_partition_tree('t')) ORDER BY indexrelid::regclass::text COLLATE "C" $$;
CREATE TABLE before_all AS SELECT x.relid::regclass::text AS relation, line FROM pg_partition_tree('t') x, looks(x.relid) line;
\set change 'ALTER TABLE t ALTER COLUMN id TYPE bigint, ADD PRIMARY KEY (part, id), ADD UNIQUE (n, part) INCLUDE (note); CREATE INDEX by_note ON t (lower(note) DESC, part) WHERE n > 0'

-- what the server refuses is refused before anything is built
SELECT accord.stage('t', 'ALTER TABLE t ALTER COLUMN id TYPE bigint, ADD PRIMARY KEY (id)');
SELECT accord.stage('t', 'ALTER TABLE t ALTER COLUMN id TYPE bigint; CREATE UNIQUE INDEX one ON t (id) WHERE part > 0');
SELECT accord.stage('t', 'ALTER TABLE t ALTER COLUMN id TYPE bigint, ADD EXCLUDE USING btree (id WITH =, part WITH =)');
SELECT count(*) FROM accord.status;

SELECT phase, statement FROM accord.plan('t', :'change', up => 'n = n', down => 'n = n') WHERE phase = 'activate';
SELECT state FROM accord.stage('t', :'change', up => 'n = n', down => 'n = n');
CREATE TABLE t_2 PARTITION OF t FOR VALUES FROM (20) TO (30);  -- before its indexes are built
INSERT INTO t VALUES (50, 25, 50, 'new');
-- the key finds two rows that cannot be: the version stays closed, and may be rolled back as it is
CALL accord.backfill('t');
SELECT DISTINCT index::text ~ '_accord_4_' AS ours FROM indexes();
BEGIN;
SELECT state FROM accord.rollback('t');
SELECT * FROM indexes();
SELECT x.relid::regclass::text AS relation, line FROM pg_partition_tree('t') x, looks(x.relid) line WHERE x.relid <> 't_2'::regclass EXCEPT SELECT * FROM before_all;
ROLLBACK;
UPDATE t SET id = 41 WHERE n = 41;
CALL accord.backfill('t');
SELECT state FROM accord.status;
SELECT * FROM indexes();
SELECT * FROM accord.drift();
CREATE TABLE t_3 PARTITION OF t FOR VALUES FROM (30) TO (40);  -- after the version has opened
INSERT INTO t_v2.t VALUES (60, 35, 60, 'newer');
INSERT INTO t_v1.t VALUES (1, 1, 99, 'twice');
INSERT INTO t_v2.t VALUES (61, 35, 60, 'twice');
INSERT INTO t_v2.t VALUES (60, 35, 60, 'twice') ON CONFLICT (part, id) DO UPDATE SET note = 'again' RETURNING *;
BEGIN;
SELECT state FROM accord.rollback('t');
SELECT * FROM indexes();
ROLLBACK;
SELECT state FROM accord.complete('t');
SELECT index, key FROM indexes() WHERE key IS NOT NULL;
SELECT * FROM accord.drift();
INSERT INTO t (id, part, n) VALUES (1, 1, 99);
BEGIN;
SELECT state FROM accord.rollback('t');
SELECT * FROM indexes();
SELECT x.relid::regclass::text AS relation, line FROM pg_partition_tree('t') x, looks(x.relid) line WHERE x.relid::regclass::text !~ 't_[23]' EXCEPT SELECT * FROM before_all;
ROLLBACK;
SELECT state FROM accord.purge('t');
SELECT * FROM indexes();
SELECT * FROM accord.drift();

-- an index alone touches no row, and a table without partitions has it at once
SELECT state FROM accord.stage('t', 'CREATE INDEX by_part ON t (part); ALTER TABLE t RENAME note TO remark');
CALL accord.backfill('t');
SELECT index FROM indexes() WHERE index::text ~ 'part$|part_idx';
SELECT state FROM accord.rollback('t');
SELECT index FROM indexes() WHERE index::text ~ 'part$|part_idx';
CREATE TABLE bare (id integer, part integer) PARTITION BY LIST (part);
SELECT accord.register_contract('bare');
SELECT state FROM accord.stage('bare', 'CREATE INDEX by_id ON bare (id); ALTER TABLE bare RENAME id TO key');
SELECT indexrelid::regclass, indisvalid FROM pg_index WHERE indrelid = 'bare'::regclass;

-- what only a partition has
CREATE TABLE q (id integer, part integer, n integer) PARTITION BY LIST (part);
CREATE TABLE q_1 PARTITION OF q FOR VALUES IN (1);
CREATE TABLE q_2 PARTITION OF q FOR VALUES IN (2) PARTITION BY LIST (id);
CREATE INDEX fast ON q_1 (n);
CREATE INDEX on_part ON q_1 (part);
CREATE STATISTICS known ON id, n FROM q_1;
SELECT accord.register_contract('q');
SET client_min_messages = notice;
SELECT state FROM accord.stage('q', 'ALTER TABLE q ALTER COLUMN n TYPE bigint');
SELECT state FROM accord.rollback('q');
SELECT state FROM accord.stage('q', 'ALTER TABLE q ALTER COLUMN id TYPE bigint');
SET client_min_messages = warning;
SET accord.guard = off;
ALTER TABLE q_1 ADD CONSTRAINT apart EXCLUDE USING gist (int4range(n, n + 2) WITH &&);
SELECT state FROM accord.stage('q', 'ALTER TABLE q ALTER COLUMN n TYPE bigint');
ALTER TABLE q_1 DROP CONSTRAINT apart, ADD CONSTRAINT positive CHECK (n > 0);
SELECT state FROM accord.stage('q', 'ALTER TABLE q ALTER COLUMN n TYPE bigint');
ALTER TABLE q_1 DROP CONSTRAINT positive, ADD UNIQUE (n);
SELECT state FROM accord.stage('q', 'ALTER TABLE q ALTER COLUMN n TYPE bigint');
