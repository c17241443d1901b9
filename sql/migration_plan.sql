-- accord.plan says what each step needs: rows, disk, WAL and time, roughly; 0 where it touches no row, NULL for rows and time of a table that was never analyzed.
CREATE EXTENSION pg_accord;
SET client_min_messages = warning;
CREATE TABLE t (id integer PRIMARY KEY, n integer, s text CHECK (s <> ''));
INSERT INTO t SELECT g, g, 'x' FROM generate_series(1, 20000) g;
SELECT FROM accord.register_contract('t');
\set change '''t'', ''ALTER TABLE t ALTER COLUMN id TYPE bigint; ALTER TABLE t ALTER COLUMN s SET NOT NULL'', up => ''s = coalesce(s, ''''-'''')'''
\set needed 'SELECT phase, regexp_replace(statement, \'^(\\S+ \\S+ ?\\S*).*$\', \'\\1\') AS statement, rows, disk > 0 AS disk, wal > 0 AS wal, estimate > interval \'0\' AS takes_time, in_the_way FROM accord.plan(:change) WHERE estimate IS NULL OR rows IS NULL OR rows > 0 ORDER BY step'
:needed;
ANALYZE t;
SELECT phase, regexp_replace(statement, '^(\S+ \S+ ?\S*).*$', '\1') AS statement, rows, disk > 0 AS disk, wal > 0 AS wal, round(extract(epoch FROM estimate), 2) AS seconds, in_the_way
  FROM accord.plan(:change) WHERE rows > 0 ORDER BY step;
SELECT phase, disk = pg_relation_size('t') + pg_indexes_size('t') AS each_row_once_more FROM accord.plan(:change) WHERE phase = 'backfill';
SELECT count(*) > 20 AS all_others, max(rows), max(disk), max(wal), max(estimate) FROM accord.plan(:change) WHERE rows = 0;
-- of several tables the backfill is one step, and of a partitioned one the partitions count
CREATE TABLE p (id integer, n integer) PARTITION BY RANGE (id);
CREATE TABLE p1 PARTITION OF p FOR VALUES FROM (0) TO (1000);
CREATE TABLE p2 PARTITION OF p FOR VALUES FROM (1000) TO (2000);
INSERT INTO p SELECT g, g FROM generate_series(1, 1999) g;
ANALYZE p;
SELECT FROM accord.register_contract('p');
SELECT phase, statement, lock, rows FROM accord.plan('p', 'ALTER TABLE p ALTER COLUMN n TYPE bigint; ALTER TABLE t ALTER COLUMN n TYPE bigint') WHERE rows > 0;
-- it needs nothing where no row is touched
SELECT sum(rows) AS rows, sum(disk) AS disk, sum(wal) AS wal, sum(estimate) AS estimate FROM accord.plan('t', 'ALTER TABLE t RENAME COLUMN n TO m');
