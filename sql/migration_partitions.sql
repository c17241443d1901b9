-- Indexes and keys of partitioned tables: every partition has its own twin, also one that comes while the migration lives.
\getenv root PG_ABS_SRCDIR
\set fixture :root '/test/fixtures/migration.sql'
CREATE EXTENSION pg_accord;
SET client_min_messages = warning;
\set ECHO none
\i :fixture
\set ECHO all
CREATE SCHEMA far;
CREATE TABLE t (id integer, part integer, n integer, note text, PRIMARY KEY (part, id), CONSTRAINT one_n UNIQUE (n, part)) PARTITION BY RANGE (part);
CREATE TABLE t_1 PARTITION OF t FOR VALUES FROM (0) TO (10);
CREATE TABLE far.t_2 (note text, n integer, part integer NOT NULL, id integer NOT NULL);
ALTER TABLE t ATTACH PARTITION far.t_2 FOR VALUES FROM (10) TO (20);
CREATE INDEX by_n ON t (n DESC, lower(note)) WHERE n > 0;
INSERT INTO t SELECT g, g % 20, g, 'note ' || g FROM generate_series(1, 100) g;
SELECT accord.register_contract('t');
CREATE VIEW everything AS
    SELECT x.relid::regclass::text AS relation, line FROM pg_partition_tree('t') x, LATERAL looks(x.relid) line WHERE line !~ '^(schema|view|table|column)'
    UNION ALL SELECT c.conrelid::regclass::text, format('%s %s index %s parent %s', c.conname, c.contype, c.conindid::regclass, p.conname)
      FROM pg_constraint c LEFT JOIN pg_constraint p ON p.oid = c.conparentid WHERE c.conrelid IN (SELECT relid FROM pg_partition_tree('t')) AND c.contype IN ('p', 'u')
    UNION ALL SELECT i.indrelid::regclass::text, format('%s valid %s primary %s under %s', i.indexrelid::regclass, i.indisvalid, i.indisprimary, h.inhparent::regclass)
      FROM pg_index i LEFT JOIN pg_inherits h ON h.inhrelid = i.indexrelid WHERE i.indrelid IN (SELECT relid FROM pg_partition_tree('t'));
CREATE TABLE before_all AS SELECT * FROM everything;
\set change 'ALTER TABLE t ALTER COLUMN id TYPE bigint, ALTER COLUMN n TYPE bigint'

SELECT statement FROM accord.plan('t', :'change') WHERE phase = 'activate';
SELECT state FROM accord.stage('t', :'change');
CREATE TABLE t_3 PARTITION OF t FOR VALUES FROM (20) TO (30);  -- before its twins are built
INSERT INTO t VALUES (1000, 25, 1000, 'late');
CALL accord.backfill('t');
SELECT state, next_step FROM accord.status;
CREATE TABLE t_4 PARTITION OF t FOR VALUES FROM (30) TO (40);  -- after the new version is open
INSERT INTO t_v2.t VALUES (2000, 35, 5000000000 - 4999998000, 'later');
SELECT indexrelid::regclass FROM pg_index WHERE indrelid IN (SELECT relid FROM pg_partition_tree('t')) AND NOT (indisvalid AND indisready);
-- each version has its keys, and hears of them under its own names
INSERT INTO t_v1.t VALUES (1, 1, -1, 'twice');
INSERT INTO t_v2.t VALUES (2, 11, 11, 'the number twice');
INSERT INTO t_v2.t VALUES (1, 1, -1, 'twice') ON CONFLICT (part, id) DO UPDATE SET note = 'again' RETURNING *;
INSERT INTO t_v1.t VALUES (1, 1, -1, 'twice') ON CONFLICT (part, id) DO UPDATE SET note = 'and again' RETURNING *;

BEGIN;
SELECT state FROM accord.complete('t');
SELECT relation, line FROM everything WHERE line !~ '_accord_|accord_sync' ORDER BY 1, 2;
INSERT INTO t_v2.t VALUES (1, 1, -1, 'twice');
ROLLBACK;
SELECT state FROM accord.complete('t');
UPDATE t SET part = 15 WHERE id = 1 AND part = 1;  -- to another partition
SELECT tableoid::regclass, id, n FROM t WHERE id = 1;
INSERT INTO t (id, part, n) VALUES (6000000000, 35, 6000000000);
DELETE FROM t WHERE id = 6000000000;
BEGIN;
SELECT state FROM accord.rollback('t');
SELECT * FROM everything WHERE relation !~ 't_[34]' EXCEPT SELECT * FROM before_all;
SELECT * FROM before_all EXCEPT SELECT * FROM everything;
ROLLBACK;
SELECT state FROM accord.purge('t');
SELECT relation, line FROM everything ORDER BY 1, 2;
INSERT INTO t (id, part, n) VALUES (1, 15, 7);
INSERT INTO t (id, part, n) VALUES (6000000000, 35, 6000000000);
SET accord.allow_unused = on;  -- nobody minds that its rows go
DROP TABLE t_3;
SELECT conrelid::regclass, conname FROM pg_constraint WHERE contype = 'p' AND conrelid IN (SELECT relid FROM pg_partition_tree('t')) ORDER BY 1;
ALTER TABLE t DETACH PARTITION t_4;
RESET accord.allow_unused;
SELECT indexrelid::regclass, indisprimary FROM pg_index WHERE indrelid = 't_4'::regclass ORDER BY 1;
