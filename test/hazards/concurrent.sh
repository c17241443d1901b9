#!/usr/bin/env bash
# What cannot be executed in a transaction: the locks that accord.check gives for CONCURRENTLY and VACUUM are compared with those of the real
# command, which another session lets wait for a lock or an old snapshot.
set -uo pipefail
source test/tools/tap.bash
psql -Xq -v ON_ERROR_STOP=1 <<'SQL' >/dev/null || { echo 'not ok - fixtures'; exit 1; }
SET client_min_messages = warning;
CREATE EXTENSION pg_accord;
CREATE TABLE t (id integer PRIMARY KEY, a integer);
CREATE INDEX t_a ON t (a);
INSERT INTO t SELECT i, i FROM generate_series(1, 100) i;
CREATE TABLE p (id integer, at integer) PARTITION BY RANGE (at);
CREATE TABLE p1 PARTITION OF p FOR VALUES FROM (0) TO (10);
CREATE TABLE p2 PARTITION OF p FOR VALUES FROM (10) TO (20);
CREATE MATERIALIZED VIEW m AS SELECT id FROM t;
CREATE UNIQUE INDEX m_id ON m (id);
SQL
said() { # the locks that accord.check gives, on tables only
    query "SELECT string_agg(DISTINCT l, ', ' ORDER BY l) FROM accord.check(\$accord\$$1\$accord\$) c, regexp_split_to_table(c.locks, ', ') l
            WHERE c.basis IN ('measured', 'text') AND l !~ '(t_a|t_b|m_id|pkey)\$'"
}
# The strongest lock on each table that the waiting command has or waits for.
seen() { # seen COMMAND HOLD: HOLD is what the other session does first
    coproc holder { psql -XqAt; }
    echo "BEGIN ISOLATION LEVEL REPEATABLE READ; $2; SELECT 'ready';" >&"${holder[1]}"
    local line
    until read -r line <&"${holder[0]}" && [[ $line == ready ]]; do :; done
    PGAPPNAME=measured psql -Xq -c "SET lock_timeout = '20s'" -c "$1" >/dev/null 2>&1 &
    local command=$! locks='' i
    for ((i = 0; i < 100; i++)); do
        sleep 0.1
        locks=$(query "SELECT string_agg(mode || ' on ' || name, ', ' ORDER BY mode || ' on ' || name) FROM (
            SELECT format('%I.%I', n.nspname, c.relname) AS name,
                   (ARRAY['SHARE UPDATE EXCLUSIVE','SHARE','SHARE ROW EXCLUSIVE','EXCLUSIVE','ACCESS EXCLUSIVE'])[max(array_position(
                       ARRAY['ShareUpdateExclusiveLock','ShareLock','ShareRowExclusiveLock','ExclusiveLock','AccessExclusiveLock'], l.mode))] AS mode
              FROM pg_locks l JOIN pg_stat_activity a USING (pid) JOIN pg_class c ON c.oid = l.relation JOIN pg_namespace n ON n.oid = c.relnamespace
             WHERE a.application_name = 'measured' AND a.wait_event_type = 'Lock' AND c.relkind IN ('r', 'p', 'm') AND n.nspname = 'public'
               AND l.mode IN ('ShareUpdateExclusiveLock','ShareLock','ShareRowExclusiveLock','ExclusiveLock','AccessExclusiveLock')
             GROUP BY 1) x")
        [[ -z $locks ]] || break
    done
    echo 'ROLLBACK; \q' >&"${holder[1]}"
    wait "${holder_PID:-}" 2>/dev/null
    wait "$command" 2>/dev/null
    echo "$locks"
}
compare() {
    local answer
    answer=$(said "$1")
    check "$1" "$(seen "$1" "$2")" "$answer"
}
compare 'CREATE INDEX CONCURRENTLY t_b ON t (a)' 'SELECT FROM t'
compare 'REINDEX INDEX CONCURRENTLY t_a' 'SELECT FROM t'
compare 'REINDEX TABLE CONCURRENTLY t' 'SELECT FROM t'
compare 'DROP INDEX CONCURRENTLY t_b' 'SELECT FROM t'
compare 'VACUUM t' 'LOCK TABLE t IN SHARE UPDATE EXCLUSIVE MODE'
compare 'VACUUM (FULL) t' 'LOCK TABLE t IN SHARE UPDATE EXCLUSIVE MODE'
# The real one holds no lock on a relation while it waits between its two transactions, so it cannot be seen.
detached=$(said 'ALTER TABLE p DETACH PARTITION p1 CONCURRENTLY')
check 'DETACH CONCURRENTLY' 'ACCESS EXCLUSIVE on public.p1, SHARE UPDATE EXCLUSIVE on public.p' "$detached"

# Sessions in the way, and that a check itself waits for nobody.
coproc holder { psql -XqAt; }
echo "BEGIN; LOCK TABLE t IN ACCESS SHARE MODE; SELECT 'ready';" >&"${holder[1]}"
until read -r line <&"${holder[0]}" && [[ $line == ready ]]; do :; done
check_match 'a session in the way is named' '^pid [0-9]+ \(psql\) holds ACCESS SHARE on public.t' \
    "$(query "SELECT sessions FROM accord.check('ALTER TABLE t ADD b integer') WHERE rule IS NULL OR rule = 'TX01'")"
check 'and not where it is not in the way' '' "$(query "SELECT sessions FROM accord.check('ALTER TABLE t ALTER a SET STATISTICS 5')")"
echo "LOCK TABLE t IN ACCESS EXCLUSIVE MODE; SELECT 'locked';" >&"${holder[1]}"
until read -r line <&"${holder[0]}" && [[ $line == locked ]]; do :; done
started=$EPOCHREALTIME
check 'behind an exclusive lock the parse tree has to do' parsed "$(query "SELECT DISTINCT basis FROM accord.check('ALTER TABLE t ADD b integer')")"
check 'within seconds' t "$(awk -v a="$started" -v b="$EPOCHREALTIME" 'BEGIN { print (b - a < 5 ? "t" : "f") }')"
echo 'ROLLBACK; \q' >&"${holder[1]}"
