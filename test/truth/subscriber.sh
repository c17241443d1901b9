#!/usr/bin/env bash
# Row 41, and the subscriber's side of 40: publications changed under a real logical subscriber, and the guard's verdict on each change.
set -uo pipefail
if [[ -z ${ACCORD_LOGICAL-} ]]; then
    ACCORD_LOGICAL=1 exec scripts/cluster --bindir "$("$PG_CONFIG" --bindir)" --conf 'wal_level = logical' -- bash "$0"
fi
source test/tools/tap.bash
. test/tools/replication.bash
for database in publisher subscriber; do
    psql -Xq -c "CREATE DATABASE $database TEMPLATE template0"
    psql -Xq -d $database -c 'CREATE TABLE t (id integer PRIMARY KEY, n integer, s text)'
done
publisher >/dev/null <<'SQL'
SET client_min_messages = error;
CREATE EXTENSION pg_accord;
INSERT INTO t VALUES (1, 1, 'a'), (2, 2, 'b');
CREATE PUBLICATION pub FOR TABLE t;
SELECT accord.register_contract('t'), accord.register_consumer('feed', role => 'postgres');
SELECT accord.subscribe('t', 'feed', access => 'read', strictness => 'exact');
SELECT pg_create_logical_replication_slot('s', 'pgoutput');
SQL
subscriber -c "CREATE SUBSCRIPTION s CONNECTION 'host=$PGHOST port=$PGPORT dbname=publisher user=$PGUSER' PUBLICATION pub WITH (create_slot = false, slot_name = 's')" 2>&1 | grep -v NOTICE
caught_up
check 'all that is published arrives' $'1|1|a\n2|2|b' "$(subscriber -c 'SELECT * FROM t ORDER BY id')"

refused() { # the guard's verdict, in one line
    publisher -v VERBOSITY=verbose -c "$1" 2>&1 | tr '\n' ' '
}
change() { publisher -c 'SET accord.guard = off' -c "$1"; }

check_match 'the guard refuses a column list' 'AC001.*rule publication-changed.*feed' "$(refused 'ALTER PUBLICATION pub SET TABLE t (id, n)')"
change 'ALTER PUBLICATION pub SET TABLE t (id, n)'
publisher -c "INSERT INTO t VALUES (3, 3, 'c')"
caught_up
check 'the subscriber misses the column, without an error' '3|3|' "$(subscriber -c 'SELECT * FROM t WHERE id = 3')"

change 'ALTER PUBLICATION pub SET TABLE t'
check_match 'the guard refuses a row filter' 'AC001.*rule publication-changed.*feed' "$(refused 'ALTER PUBLICATION pub SET TABLE t WHERE (id < 100)')"
change 'ALTER PUBLICATION pub SET TABLE t WHERE (id < 100)'
publisher -c "INSERT INTO t VALUES (4, 4, 'd'), (400, 4, 'd')"
caught_up
check 'the subscriber misses rows' '4' "$(subscriber -c 'SELECT id FROM t WHERE id > 3')"

change 'ALTER PUBLICATION pub SET TABLE t'
check_match 'the guard refuses to take it out' 'AC001.*rule publication-changed.*feed' "$(refused 'ALTER PUBLICATION pub DROP TABLE t')"
change 'ALTER PUBLICATION pub DROP TABLE t'
publisher -c "INSERT INTO t VALUES (5, 5, 'e')"
caught_up
check 'nothing arrives any more' '' "$(subscriber -c 'SELECT id FROM t WHERE id = 5')"

change 'ALTER PUBLICATION pub ADD TABLE t'
check 'REPLICA IDENTITY FULL harms nobody' '' "$(refused 'ALTER TABLE t REPLICA IDENTITY FULL')"
publisher -c "UPDATE t SET n = 40 WHERE id = 4"
caught_up
check 'and the subscriber follows' '40' "$(subscriber -c 'SELECT n FROM t WHERE id = 4')"

check 'a new column: the guard lets it through for named readers' '' "$(publisher -c "SELECT accord.subscribe('t', 'feed', access => 'read', strictness => 'typed')"; refused 'ALTER TABLE t ADD COLUMN z integer')"
publisher -c "INSERT INTO t VALUES (6, 6, 'f', 6)"
for ((i = 0; i < 100; i++)); do
    behind=$(publisher -c "SELECT count(*) FROM pg_stat_replication WHERE replay_lsn < pg_current_wal_insert_lsn() OR replay_lsn IS NULL")
    [[ $behind == 0 && $(subscriber -c "SELECT count(*) FROM t WHERE id = 6") == 1 ]] && break
    [[ $(publisher -c 'SELECT count(*) FROM pg_stat_replication') == 0 ]] && break
    sleep 0.1
done
check 'a subscriber without it gets no row more: a new column is published by itself' '0' "$(subscriber -c 'SELECT count(*) FROM t WHERE id = 6')"
subscriber -c 'ALTER TABLE t ADD COLUMN z integer'
for ((i = 0; i < 300; i++)); do
    [[ $(subscriber -c 'SELECT count(*) FROM t WHERE id = 6') == 1 ]] && break
    sleep 0.1
done
check 'until it has the column' '6|6|f|6' "$(subscriber -c 'SELECT * FROM t WHERE id = 6')"
