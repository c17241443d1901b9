#!/usr/bin/env bash
# What slows a backfill down, for real: a standby that stops replaying, an archive that fails, somebody who waits for a lock on the table; and
# that it goes on when they are well again.
set -uo pipefail
if [[ -z ${ACCORD_THROTTLE-} ]]; then
    ACCORD_THROTTLE=1 exec scripts/cluster --bindir "$("$PG_CONFIG" --bindir)" --conf 'archive_mode = on' --conf "archive_command = 'test ! -e no_archive'" \
        --conf 'synchronous_commit = off' -- bash "$0"
fi
. test/tools/tap.bash
bindir=$("$PG_CONFIG" --bindir)
standby=$ACCORD_CLUSTER/run/standby
as=()
((EUID)) || as=(runuser -u "$(stat -c %U "$ACCORD_CLUSTER/run")" --)
quiet() { PGOPTIONS='-c client_min_messages=warning' psql -XqAt -v ON_ERROR_STOP=1 -c "$1"; }
on_standby() { PGHOST=$ACCORD_CLUSTER/run PGPORT=5433 psql -XqAt -c "$1"; }
trap '"${as[@]}" "$bindir/pg_ctl" -D "$standby" -m immediate stop >/dev/null 2>&1' EXIT
until_is() { # until_is WANTED QUERY
    for ((i = 0; i < 400; i++)); do
        [[ $(query "$2") == "$1" ]] && break
        sleep 0.05
    done
    query "$2"
}
state="SELECT state FROM accord.migrations ORDER BY migration DESC LIMIT 1"
waiting="SELECT regexp_replace(waiting_for, '[0-9]+', 'N', 'g') FROM accord.progress WHERE contract LIKE 't%' ORDER BY started_at DESC LIMIT 1"

quiet 'CREATE EXTENSION pg_accord'
quiet "CREATE TABLE t (id integer PRIMARY KEY, a integer); INSERT INTO t SELECT g, g FROM generate_series(1, 60000) g" >/dev/null
quiet "SELECT accord.register_contract('t')" >/dev/null
(cd / && "${as[@]}" "$bindir/pg_basebackup" -h "$PGHOST" -p "$PGPORT" -U postgres -D "$standby" -R -c fast -X stream) || echo 'not ok - pg_basebackup'
printf "port = 5433\narchive_mode = off\n" >>"$standby/postgresql.conf"
sed -i "s/^primary_conninfo = '/&application_name=lagging /" "$standby/postgresql.auto.conf"
(cd / && "${as[@]}" "$bindir/pg_ctl" -D "$standby" -l "$ACCORD_CLUSTER/run/standby.log" -w start >/dev/null) || echo 'not ok - the standby does not start'
check 'a standby streams' streaming "$(until_is streaming 'SELECT state FROM pg_stat_replication')"

stage() { quiet "SELECT state FROM accord.stage('t', 'ALTER TABLE t ALTER COLUMN a TYPE bigint')"; }
back() { quiet "SELECT state FROM accord.rollback('t')" >/dev/null; }

check 'stage' preparing "$(stage)"
# The standbys are asked every quarter of a second: twice before a fast machine has filled all rows.
on_standby 'SELECT pg_wal_replay_pause()' >/dev/null
quiet "SELECT accord.start_backfill('t', max_lag => '0.1 second', batch_ms => 2, nice => 10)" >/dev/null
check 'a standby that replays nothing is waited for' 'replication lag of N s on standby "lagging"' "$(until_is 'replication lag of N s on standby "lagging"' "$waiting")"
before=$(query 'SELECT rows_done FROM accord.progress')
sleep 1
check 'nothing is filled meanwhile' "$before" "$(query 'SELECT rows_done FROM accord.progress')"
check 'and not all is filled' t "$(query 'SELECT rows_done < 60000 FROM accord.progress')"
on_standby 'SELECT pg_wal_replay_resume()' >/dev/null
check 'it goes on when the standby does' active "$(until_is active "$state")"
check 'and every row is filled' 60000 "$(query 'SELECT count(*) FROM t_v2.t')"
back
check 'stage again' preparing "$(stage)"
on_standby 'SELECT pg_wal_replay_pause()' >/dev/null
check 'max_lag => NULL does not ask' active "$(quiet "CALL accord.backfill('t', max_lag => NULL)" >/dev/null; query "$state")"
on_standby 'SELECT pg_wal_replay_resume()' >/dev/null
back

"${as[@]}" touch "$ACCORD_CLUSTER/data/no_archive"
for ((i = 0; i < 36; i++)); do quiet 'SELECT pg_logical_emit_message(false, $$x$$, $$x$$); SELECT pg_switch_wal()' >/dev/null; done
check 'stage a third time' preparing "$(stage)"
quiet "SELECT accord.start_backfill('t', batch_ms => 2)" >/dev/null
check 'an archive that fails is waited for' 'N files of WAL that are not archived yet' "$(until_is 'N files of WAL that are not archived yet' "$waiting")"
rm -f "$ACCORD_CLUSTER/data/no_archive"
check 'it goes on when the archive does' active "$(until_is active "$state")"
back

check 'stage a fourth time' preparing "$(stage)"
(echo 'BEGIN; LOCK TABLE t IN ROW EXCLUSIVE MODE;'; sleep 4; echo 'COMMIT;') | psql -Xq &
sleep 0.5
(sleep 0.5; psql -Xq -c "SET lock_timeout = '10s'; BEGIN; LOCK TABLE t IN SHARE MODE; COMMIT") &
quiet "SELECT accord.start_backfill('t', batch_ms => 2, nice => 10)" >/dev/null
check 'who waits for a lock on the table goes first' 'somebody who waits for a lock on "t"' "$(until_is 'somebody who waits for a lock on "t"' "$waiting")"
check 'it goes on after them' active "$(until_is active "$state")"
wait
