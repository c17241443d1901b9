#!/usr/bin/env bash
# Two-phase commit beside a migration: who is in the way is named, both versions are kept in step, and the steps can be prepared themselves.
set -uo pipefail
if [[ -z ${ACCORD_PREPARED-} ]]; then
    ACCORD_PREPARED=1 exec scripts/cluster --bindir "$("$PG_CONFIG" --bindir)" --conf 'max_prepared_transactions = 4' -- bash "$0"
fi
. test/tools/tap.bash
quiet() { PGOPTIONS='-c client_min_messages=warning' psql -XqAt -v ON_ERROR_STOP=1 -c "$1"; }
fails() { psql -XqAt -c "$1" 2>&1; }
prepare() { psql -XqAt -v ON_ERROR_STOP=1 -c "BEGIN" -c "$2" -c "PREPARE TRANSACTION '$1'"; }
state="SELECT state FROM accord.migrations ORDER BY migration DESC LIMIT 1"

quiet 'CREATE EXTENSION pg_accord'
quiet "CREATE TABLE t (id integer PRIMARY KEY, a integer); INSERT INTO t SELECT g, g FROM generate_series(1, 100) g"
quiet "SELECT accord.register_contract('t')" >/dev/null
prepare 'an "old" one' 'UPDATE t SET a = 0 WHERE id = 7'
check_match 'stage names a prepared transaction that holds the table' 'prepared transaction "an "old" one" holds RowExclusiveLock' \
    "$(fails "SELECT accord.stage('t', 'ALTER TABLE t ALTER a TYPE bigint', lock_budget => '300 ms')")"
check_match 'accord.plan names it' 'prepared transaction "an "old" one" holds RowExclusiveLock' \
    "$(query "SELECT in_the_way FROM accord.plan('t', 'ALTER TABLE t ALTER a TYPE bigint') WHERE in_the_way IS NOT NULL LIMIT 1")"
check_match 'accord.check tells of it' 'a prepared transaction holds ROW EXCLUSIVE' \
    "$(query "SELECT accord.check('ALTER TABLE t ALTER a TYPE bigint')")"
quiet "COMMIT PREPARED 'an \"old\" one'"
check 'stage' preparing "$(quiet "SELECT state FROM accord.stage('t', 'ALTER TABLE t ALTER a TYPE bigint')")"
prepare locked 'UPDATE t SET a = -1 WHERE id = 8'
quiet "SELECT accord.start_backfill('t')" >/dev/null
sleep 1
check 'a row that it holds keeps the backfill waiting' '1 row that other transactions have locked' "$(query 'SELECT waiting_for FROM accord.progress')"
check 'and the new version closed' preparing "$(query "$state")"
quiet "COMMIT PREPARED 'locked'"
for ((i = 0; i < 200; i++)); do
    [[ $(query "$state") == active ]] && break
    sleep 0.05
done
check 'it opens when that is committed' active "$(query "$state")"
prepare written "INSERT INTO t_v2.t VALUES (200, 5), (201, 6)"
check_match 'accord.status names it' 'prepared transaction "written" holds AccessShareLock, RowExclusiveLock' "$(query 'SELECT blocked_by FROM accord.status')"
quiet "COMMIT PREPARED 'written'"
prepare completed "SELECT state FROM accord.complete('t')" >/dev/null
check 'a completion that is prepared is none yet' active "$(query "$state")"
quiet "ROLLBACK PREPARED 'completed'"
prepare completed "SELECT state FROM accord.complete('t')" >/dev/null
quiet "COMMIT PREPARED 'completed'"
check 'it is when it is committed' completed "$(query "$state")"
prepare undone "SELECT state FROM accord.rollback('t')" >/dev/null
quiet "COMMIT PREPARED 'undone'"
check 'and back' 'rolled back' "$(query "$state")"
check 'nothing is lost' '102|5045' "$(query 'SELECT count(*), sum(a) FROM t')"
