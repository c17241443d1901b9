#!/usr/bin/env bash
# Logical replication in and out of a table with a live migration: the apply worker's writes are kept in step (the triggers are ENABLE ALWAYS),
# from a publisher that has only the old columns, and from one that has the migration too.  Two databases of one server with wal_level = logical.
set -uo pipefail
if [[ -z ${ACCORD_LOGICAL-} ]]; then
    ACCORD_LOGICAL=1 exec scripts/cluster --bindir "$("$PG_CONFIG" --bindir)" --conf 'wal_level = logical' -- bash "$0"
fi

. test/tools/replication.bash
is() { # name, what is, what it must be
    if [[ $2 == "$3" ]]; then echo "ok - $1"; else printf 'not ok - %s\n# is:      %s\n# must be: %s\n' "$1" "${2//$'\n'/ | }" "${3//$'\n'/ | }"; fi
}

for database in publisher subscriber; do
    psql -Xq -c "CREATE DATABASE $database TEMPLATE template0"
    psql -XqAt -d "$database" >/dev/null <<'SQL'
SET client_min_messages = warning;
CREATE EXTENSION pg_accord;
\i test/fixtures/hand_staged.sql
CREATE TABLE t (id integer PRIMARY KEY, a integer, note text);
CREATE TABLE both_sides (id integer PRIMARY KEY, a integer);
SQL
done
stage="SELECT hand.stage('t', '{\"a\": \"numeric\"}', hand.pair('{a}', '{a}', '{a}', '{round(a)::integer}'))"
stage_both="SELECT hand.stage('both_sides', '{\"a\": \"numeric\"}', hand.pair('{a}', '{a}', '{a}', '{round(a)::integer}'))"
subscriber -c "$stage" -c "$stage_both" >/dev/null
publisher -c 'SELECT 1' -c "INSERT INTO accord_catalog.migration (state, ddl) VALUES ('rolled back', 'so that the names are the same')" \
    -c "$stage_both" -c "INSERT INTO t VALUES (1, 1, 'copied'), (2, 2, 'copied')" -c "UPDATE t SET a = 3 WHERE id = 2" \
    -c "INSERT INTO both_sides (id, _accord_2_a) VALUES (1, 1.5)" \
    -c 'CREATE PUBLICATION p FOR TABLE t, both_sides' >/dev/null
publisher -c "SELECT pg_create_logical_replication_slot('s', 'pgoutput')" >/dev/null
subscriber -c "CREATE SUBSCRIPTION s CONNECTION 'host=$PGHOST port=$PGPORT dbname=publisher user=$PGUSER' PUBLICATION p WITH (create_slot = false, slot_name = 's')" 2>&1 | grep -v NOTICE
caught_up
is 'the initial copy fills the new side' "$(subscriber -c 'SELECT id, a, _accord_1_a, _accord_1_pending FROM t ORDER BY id')" $'1|1|1|\n2|3|3|'
publisher -c "INSERT INTO t VALUES (3, 3, 'applied')" -c "UPDATE t SET a = 10 WHERE id = 1" -c "DELETE FROM t WHERE id = 2"
caught_up
is 'applied inserts, updates and deletes' "$(subscriber -c 'SELECT id, a, _accord_1_a, note FROM t ORDER BY id')" $'1|10|10|copied\n3|3|3|applied'
subscriber -c "UPDATE t_v2.t SET a = 3.25 WHERE id = 3"
publisher -c "UPDATE t SET note = 'unchanged pair' WHERE id = 3"
caught_up
is 'an applied update that does not change the pair degrades nothing' "$(subscriber -c 'SELECT id, a, _accord_1_a, note FROM t WHERE id = 3')" '3|3|3.25|unchanged pair'
publisher -c "UPDATE t SET a = 4 WHERE id = 3"
caught_up
is 'one that does wins' "$(subscriber -c 'SELECT id, a, _accord_1_a FROM t WHERE id = 3')" '3|4|4'

publisher -c "INSERT INTO both_sides (id, a) VALUES (2, 2)" -c "UPDATE both_sides_v2.both_sides SET a = 7.75 WHERE id = 1"
caught_up
is 'a publisher with the same migration: its values arrive as they are' "$(subscriber -c 'SELECT * FROM both_sides ORDER BY id')" $'1|8||7.75\n2|2||2'
is 'nothing violates a pair' "$(subscriber -c "SELECT * FROM hand.violations('t') UNION ALL SELECT * FROM hand.violations('both_sides')")" ''
subscriber -c 'ALTER SUBSCRIPTION s DISABLE' -c 'ALTER SUBSCRIPTION s SET (slot_name = NONE)' -c 'DROP SUBSCRIPTION s'
